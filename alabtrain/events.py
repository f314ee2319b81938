"""What a training tells while it runs; who listens decides what to show or to write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Progress:
    """A step is under way: `done` of `total` in `unit` (`total` 0: not known)."""

    step: str
    done: int
    total: int
    unit: str


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch ended: summed training loss, learning rate, and validation micro F1 per tag where there is one."""

    epoch: int
    epochs: int
    seconds: float
    loss: float
    learning_rate: float
    f1: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the epoch as a line of `epochs.jsonl`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the engine's own training log; it holds numbers and labels, never text."""

    text: str


Event = Progress | Epoch | Line
Sink = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Listen to nothing."""

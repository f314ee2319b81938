"""Events of a training while it runs; whoever listens decides what to show or to write."""

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
class Begin:
    """The training of a type begins: what follows is about it, until the next one."""

    type: str


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch ended: summed training loss, learning rate, and how good the model is by now, where that is known.

    `f1` is the validation micro F1 per tag (taggers), `accuracy` that on the training part (classifiers).
    """

    epoch: int
    epochs: int
    seconds: float
    loss: float
    learning_rate: float
    f1: float | None
    accuracy: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the epoch as a line of `epochs.jsonl`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the engine's own training log; it holds numbers and labels, never text."""

    text: str


Event = Progress | Begin | Epoch | Line
Sink = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Listen to nothing."""

"""Events of a piece of work while it goes on; whoever listens decides what to show or to write.

Every step has a name of its own, from `Step` or the first `Progress` of that name until the next one: nothing else is
waited for meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """A step is under way: `done` of `total` in `unit` (`total` 0: not known)."""

    step: str
    done: int
    total: int
    unit: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step begins that is silent until it is over; `count` of `unit` is what it works on (0: not known)."""

    step: str
    count: int = 0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Begin:
    """The training of a type begins: what follows is about it, until the next one."""

    type: str


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch ended: summed training loss, learning rate, and how good the model is by now, where that is known.

    It is a line of `epochs.jsonl`. `f1` is the validation micro F1 per tag (taggers), `accuracy` that on the training
    part (classifiers).
    """

    epoch: int
    epochs: int
    seconds: float
    loss: float
    learning_rate: float
    f1: float | None
    accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the engine's own training log; it holds numbers and labels, never text."""

    text: str


@dataclass(frozen=True, slots=True)
class Share:
    """A training on this share of the training tasks begins, one of a learning curve."""

    share: float


@dataclass(frozen=True, slots=True)
class End:
    """The work is over, or has `failed`: what follows is about another one."""

    failed: bool = False


Event = Progress | Step | Begin | Epoch | LogLine | Share | End
Sink = Callable[[Event], None]


@contextmanager
def ending(sink: Sink) -> Iterator[None]:
    """Tell the sink when the block is over."""
    try:
        yield
    except BaseException:
        sink(End(failed=True))
        raise
    sink(End())


def ignore(_event: Event) -> None:
    """Listen to nothing."""

"""Draw the events of a training on stderr: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from alabtrain.console import terminal
from alabtrain.events import Epoch, Event, Progress, Sink

if TYPE_CHECKING:
    from rich import progress as rich_progress

PLAIN_INTERVAL = 30.0  # seconds between two plain lines about the same step


@contextmanager
def listener() -> Iterator[Sink]:
    """Give a sink that draws what it hears, for the block."""
    if not sys.stderr.isatty():
        yield PlainLines(terminal.note).hear
        return
    with _bars() as bars:
        yield Bars(bars).hear


class PlainLines:
    """One line per epoch, and one now and then per step: for logs of CI and files."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self.write = write
        self._step = ""
        self._when = 0.0

    def hear(self, event: Event) -> None:
        """Write the event, if there is something new in it."""
        if isinstance(event, Epoch):
            self.write(describe(event))
        elif isinstance(event, Progress):
            now = time.monotonic()
            if event.step != self._step or now - self._when >= PLAIN_INTERVAL:
                self._step, self._when = event.step, now
                self.write(_describe_progress(event))


class Bars:
    """A bar per step, and one for the training with loss, F1 and the time left."""

    def __init__(self, bars: rich_progress.Progress) -> None:
        self.bars = bars
        self._tasks: dict[str, rich_progress.TaskID] = {}

    def hear(self, event: Event) -> None:
        """Move the bar that the event is about."""
        if isinstance(event, Progress):
            self._move(event.step, event.done, event.total, "" if event.unit == "bytes" else event.unit)
        elif isinstance(event, Epoch):
            f1 = "" if event.f1 is None else f"  F1 {event.f1:.3f}"
            self._move("training", event.epoch, event.epochs, f"epochs  loss {event.loss:.1f}{f1}")

    def _move(self, step: str, done: int, total: int, note: str) -> None:
        if step not in self._tasks:
            self._finish()
            self._tasks[step] = self.bars.add_task(step, total=total or None, note=note)
        self.bars.update(self._tasks[step], completed=done, total=total or None, note=note)

    def _finish(self) -> None:
        """Fill the bars of the steps before: a new one has begun."""
        for task in self._tasks.values():
            total = self.bars.tasks[task].total or 1
            self.bars.update(task, total=total, completed=total)


def describe(epoch: Epoch) -> str:
    """Return an epoch as one plain line."""
    f1 = "" if epoch.f1 is None else f"  validation F1 (tags) {epoch.f1:.3f}"
    return f"epoch {epoch.epoch}/{epoch.epochs}  loss {epoch.loss:.2f}{f1}  {epoch.seconds:.0f} s"


def _describe_progress(event: Progress) -> str:
    if event.unit == "bytes":
        of = f" of {event.total / 1e6:.0f}" if event.total else ""
        return f"{event.step}: {event.done / 1e6:.0f}{of} MB"
    return f"{event.step}: {event.done}/{event.total} {event.unit}" if event.total else event.step


def _bars() -> rich_progress.Progress:
    from rich import progress

    return progress.Progress(
        progress.TextColumn("{task.description:<24}"),
        progress.BarColumn(bar_width=30),
        progress.TextColumn("{task.percentage:>3.0f} %"),
        progress.TimeElapsedColumn(),
        progress.TextColumn("left"),
        progress.TimeRemainingColumn(compact=True),
        progress.TextColumn("{task.fields[note]}", style="dim"),
        console=terminal.stderr(),
    )

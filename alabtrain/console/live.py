"""Draw the events of a training on stderr: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from alabtrain.console import terminal
from alabtrain.events import Epoch, Event, Line, Progress, Sink
from alabtrain.runs.words import duration

if TYPE_CHECKING:
    from rich import progress as rich_progress

PLAIN_INTERVAL = 30.0  # seconds between two plain lines about the same step
TRAINING = "training"


@contextmanager
def listener() -> Iterator[Sink]:
    """Give a sink that draws what it hears, for the block; where the block fails, the last step stays unfinished."""
    if not sys.stderr.isatty():
        lines = PlainLines(terminal.note)
        yield lines.hear
        lines.finish()
        return
    with _progress() as progress:
        bars = Bars(progress)
        try:
            yield bars.hear
        except BaseException:
            bars.stop()
            raise
        bars.finish()


class PlainLines:
    """A line when a step begins and ends, per epoch, and now and then in between: for logs of CI and files."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self.write = write
        self._step = ""
        self._began = 0.0
        self._when = 0.0

    def hear(self, event: Event) -> None:
        """Write the event, if there is something new in it."""
        if isinstance(event, Epoch):
            self._is_new(TRAINING)
            self.write(describe(event))
        elif isinstance(event, Line):
            # The engine's log is the first that is heard of the training.
            if self._is_new(TRAINING):
                self.write(TRAINING)
        elif self._is_new(event.step) or time.monotonic() - self._when >= PLAIN_INTERVAL:
            self._when = time.monotonic()
            self.write(_describe_progress(event))

    def finish(self) -> None:
        """Say how long the step took that is over now."""
        seconds = time.monotonic() - self._began
        if self._step and seconds >= 1:
            self.write(f"{self._step} took {duration(seconds)}")

    def _is_new(self, step: str) -> bool:
        if step == self._step:
            return False
        self.finish()
        self._step, self._began = step, time.monotonic()
        return True


class Bars:
    """A bar per step, and one for the training with loss and F1; beside it the time left, in the end the count."""

    def __init__(self, bars: rich_progress.Progress) -> None:
        self.bars = bars
        self._current = ""
        self._task: rich_progress.TaskID | None = None

    def hear(self, event: Event) -> None:
        """Move the bar that the event is about."""
        if isinstance(event, Progress):
            count = event.total or event.done
            done = f"{count / 1e6:,.0f} MB" if event.unit == "bytes" else f"{count:,} {event.unit}"
            self._move(event.step, event.done, event.total, done, "")
        elif isinstance(event, Epoch):
            f1 = "" if event.f1 is None else f"  F1 {event.f1:.3f}"
            done = f"{event.epoch}/{event.epochs} epochs"
            self._move(TRAINING, event.epoch, event.epochs, done, f"loss {event.loss:.1f}{f1}")
        elif self._current != TRAINING:
            self._move(TRAINING, 0, 0, "", "")

    def finish(self) -> None:
        """Fill the bar of the step that is over: a new one begins, or all is done."""
        if self._task is not None:
            total = self.bars.tasks[self._task].total or 1
            self.bars.update(self._task, total=total, completed=total)

    def stop(self) -> None:
        """Leave the bar of the step that failed as it is, without the time left."""
        if self._task is not None:
            self.bars.update(self._task, over=True)

    def _move(self, step: str, done: int, total: int, count: str, note: str) -> None:
        if step != self._current:
            self.finish()
            self._task = self.bars.add_task(step, total=total or None, count="", note="", over=False)
            self._current = step
        if self._task is not None:
            self.bars.update(self._task, completed=done, total=total or None, count=count, note=note)


def describe(epoch: Epoch) -> str:
    """Return an epoch as one plain line."""
    f1 = "" if epoch.f1 is None else f"  validation F1 (tags) {epoch.f1:.3f}"
    return f"epoch {epoch.epoch}/{epoch.epochs}  loss {epoch.loss:.2f}{f1}  {epoch.seconds:.0f} s"


def time_left(task: rich_progress.Task) -> str:
    """Return what stands beside a bar: the time left where it is known, and what was done once the step is over."""
    count: str = task.fields["count"]
    if task.finished or task.fields["over"]:
        return count if task.finished else ""
    epochs = f"{count}  " if task.description == TRAINING and count else ""
    seconds = task.time_remaining
    return epochs if seconds is None else f"{epochs}{duration(seconds)} left"


def _describe_progress(event: Progress) -> str:
    if event.unit == "bytes":
        of = f" of {event.total / 1e6:.0f}" if event.total else ""
        return f"{event.step}: {event.done / 1e6:.0f}{of} MB"
    return f"{event.step}: {event.done:,}/{event.total:,} {event.unit}" if event.total else event.step


def _progress() -> rich_progress.Progress:
    from rich import progress, text

    class Left(progress.ProgressColumn):
        def render(self, task: rich_progress.Task) -> text.Text:
            return text.Text(time_left(task))

    return progress.Progress(
        progress.TextColumn("{task.description:<24}"),
        progress.BarColumn(bar_width=30),
        progress.TextColumn("{task.percentage:>3.0f} %"),
        progress.TimeElapsedColumn(),
        Left(),
        progress.TextColumn("{task.fields[note]}", style="dim"),
        console=terminal.stderr(),
    )

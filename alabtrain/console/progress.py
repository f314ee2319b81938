"""Draw the events of a training on stderr: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from alabtrain.console import terminal
from alabtrain.core.events import Begin, End, Epoch, Event, Progress, Share, Sink, Step
from alabtrain.reports.words import duration, number_of_loss

if TYPE_CHECKING:
    from rich import progress as rich_progress

PLAIN_INTERVAL = 30.0  # seconds between two plain lines about the same step
TRAINING = "training"
"""The step that epochs are of; in a run of several types their names come behind it."""


@contextmanager
def listener() -> Iterator[Sink]:
    """Give a sink that draws what it hears, for the block; where the work fails, the last step stays unfinished."""
    drawing = Drawing()
    try:
        yield drawing.hear
    except BaseException:
        drawing.close(failed=True)
        raise
    drawing.close(failed=False)


class Drawing:
    """Draws one piece of work after the other; nothing moves on the terminal while none is going on."""

    def __init__(self) -> None:
        self._drawn: PlainLines | Bars | None = None
        self._open = ExitStack()

    def hear(self, event: Event) -> None:
        """Draw the event; the first one of a piece of work begins the drawing, `End` ends it."""
        if isinstance(event, End):
            self.close(failed=event.failed)
        elif isinstance(event, Share):
            terminal.note(f"{event.share:.0%} of the training tasks")
        else:
            self._drawn = self._drawn or self._begin()
            self._drawn.hear(event)

    def close(self, *, failed: bool) -> None:
        """End what is drawn, if anything is."""
        drawn, self._drawn = self._drawn, None
        if isinstance(drawn, Bars) and failed:
            drawn.stop()
        elif drawn is not None and not failed:
            drawn.finish()
        self._open.close()

    def _begin(self) -> PlainLines | Bars:
        if not sys.stderr.isatty():
            return PlainLines(terminal.note)
        return Bars(self._open.enter_context(_progress()))


class Steps:
    """Which step an event belongs to, where several types are trained one after another."""

    def __init__(self) -> None:
        self.training = TRAINING

    def name(self, event: Event) -> str:
        """Return the name of the event's step."""
        if isinstance(event, Begin):
            self.training = f"{TRAINING} {event.type}"
        return event.step if isinstance(event, (Progress, Step)) else self.training


class PlainLines:
    """A line when a step begins and ends, per epoch, and now and then in between: for logs of CI and files."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self.write = write
        self._steps = Steps()
        self._step = ""
        self._began = 0.0
        self._when = 0.0

    def hear(self, event: Event) -> None:
        """Write the event, if there is something new in it."""
        is_new = self._is_new(self._steps.name(event))
        if isinstance(event, Epoch):
            self.write(describe(event))
        elif isinstance(event, Progress):
            if is_new or time.monotonic() - self._when >= PLAIN_INTERVAL:
                self._when = time.monotonic()
                self.write(_describe_progress(event))
        elif isinstance(event, Step):
            self.write(f"{event.step}: {event.count:,} {event.unit}" if event.count else event.step)
        elif is_new:
            # A log line may be the first event of a training.
            self.write(self._steps.training)

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
    """A bar per step, and one per training with loss and F1; beside it the time left, in the end the count."""

    def __init__(self, bars: rich_progress.Progress) -> None:
        self.bars = bars
        self._steps = Steps()
        self._current = ""
        self._task: rich_progress.TaskID | None = None

    def hear(self, event: Event) -> None:
        """Move the bar that the event is about."""
        step = self._steps.name(event)
        if isinstance(event, Progress):
            count = event.total or event.done
            done = f"{count / 1e6:,.0f} MB" if event.unit == "bytes" else f"{count:,} {event.unit}"
            self._move(step, event.done, event.total, done, "")
        elif isinstance(event, Step):
            self._move(step, 0, 0, f"{event.count:,} {event.unit}" if event.count else "", "")
        elif isinstance(event, Epoch):
            note = f"loss {number_of_loss(event.loss, 1)}{_note(event, 'F1')}"
            self._move(step, event.epoch, event.epochs, f"{event.epoch}/{event.epochs} epochs", note)
        elif self._current != step:
            self._move(step, 0, 0, "", "")

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
    scores = f"loss {number_of_loss(epoch.loss, 2)}{_note(epoch, 'validation F1 (tags)')}"
    return f"epoch {epoch.epoch}/{epoch.epochs}  {scores}  {epoch.seconds:.0f} s"


def _note(epoch: Epoch, f1: str) -> str:
    if epoch.f1 is not None:
        return f"  {f1} {epoch.f1:.3f}"
    return "" if epoch.accuracy is None else f"  accuracy {epoch.accuracy:.3f}"


def percentage(task: rich_progress.Task) -> str:
    """Return how far a step is; nothing where that is not known until it is over."""
    return f"{task.percentage:>3.0f} %" if task.total is not None else ""


def time_left(task: rich_progress.Task) -> str:
    """Return what stands beside a bar: the time left where it is known, and what was done once the step is over."""
    count: str = task.fields["count"]
    if task.finished or task.fields["over"]:
        return count if task.finished else ""
    epochs = f"{count}  " if task.description.split(" ", 1)[0] == TRAINING and count else ""
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

    class Percentage(progress.ProgressColumn):
        def render(self, task: rich_progress.Task) -> text.Text:
            return text.Text(f"{percentage(task):5}")

    return progress.Progress(
        progress.TextColumn("{task.description:<24}"),
        progress.BarColumn(bar_width=30),
        Percentage(),
        progress.TimeElapsedColumn(),
        Left(),
        progress.TextColumn("{task.fields[note]}", style="dim"),
        console=terminal.stderr(),
    )

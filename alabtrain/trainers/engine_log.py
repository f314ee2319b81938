"""Follow the log files of Spark NLP's trainers, which report their progress nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from alabtrain.core.events import Epoch, LogLine, Sink

STARTED = re.compile(r"Epoch (\d+)/(\d+) started, lr: ([\d.E-]+)")
ENDED = re.compile(r"Epoch (\d+)/(\d+) - ([\d.,]+)s - loss: ([\d.E+-]+|NaN)")
MICRO = re.compile(r"Micro-average\s+prec: [\d.E-]+, rec: [\d.E-]+, f1: ([\d.E-]+)")
CLASSED = re.compile(r"Epoch (\d+)/(\d+) - ([\d.,]+)s - loss: ([\d.E+-]+|NaN) - acc: ([\d.E+-]+|NaN)")


@dataclass(slots=True)
class Tail:
    """Reads the complete lines of the log file that appears in `folder`."""

    folder: Path
    _read: int = field(default=0, init=False)

    def lines(self) -> Iterator[str]:
        """Yield the lines that were added since the last call, without empty ones."""
        log = next(iter(self.folder.glob("*.log")), None)
        if log is None:
            return
        with log.open("rb") as stream:
            stream.seek(self._read)
            new = stream.read()
        whole, newline, _rest = new.rpartition(b"\n")
        self._read += len(whole) + len(newline)
        for line in whole.decode("utf-8", "replace").splitlines():
            if line.strip():
                yield line.strip()


@dataclass(slots=True)
class NerLog:
    """Sends new lines of NerDL's log as events.

    An epoch is complete with its loss or, if there is a validation set, with its scores. `f1s` has the F1 of each
    epoch that has one.
    """

    folder: Path
    sink: Sink
    validated: bool
    f1s: list[float] = field(default_factory=list)
    _tail: Tail = field(init=False)
    _rate: float = field(default=0.0, init=False)
    _pending: Epoch | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Start at the beginning of the log."""
        self._tail = Tail(self.folder)

    def look(self) -> None:
        """Send the new complete lines."""
        for line in self._tail.lines():
            self._take(line)

    def finish(self) -> None:
        """Send the last lines, and an epoch that has no scores."""
        self.look()
        self._send(None)

    def _take(self, line: str) -> None:
        self.sink(LogLine(line))
        if found := STARTED.match(line):
            self._send(None)
            self._rate = float(found[3])
        elif found := ENDED.match(line):
            seconds = float(found[3].replace(",", "."))
            self._pending = Epoch(int(found[1]), int(found[2]), seconds, float(found[4]), self._rate, None)
            if not self.validated:
                self._send(None)
        elif found := MICRO.match(line):
            self._send(float(found[1]))

    def _send(self, f1: float | None) -> None:
        if self._pending is None:
            return
        epoch, self._pending = self._pending, None
        if f1 is not None:
            self.f1s.append(f1)
        self.sink(Epoch(epoch.epoch, epoch.epochs, epoch.seconds, epoch.loss, epoch.learning_rate, f1))


@dataclass(slots=True)
class ClassLog:
    """Sends new lines of the log of ClassifierDL or MultiClassifierDL as events; `losses` has one per epoch."""

    folder: Path
    sink: Sink
    learning_rate: float
    losses: list[float] = field(default_factory=list)
    _tail: Tail = field(init=False)

    def __post_init__(self) -> None:
        """Start at the beginning of the log."""
        self._tail = Tail(self.folder)

    def look(self) -> None:
        """Send the new complete lines; epochs count from 0 in the log, from 1 in the events."""
        for line in self._tail.lines():
            self.sink(LogLine(line))
            if found := CLASSED.match(line):
                number, epochs = int(found[1]) + 1, int(found[2])
                seconds = float(found[3].replace(",", "."))
                self.losses.append(float(found[4]))
                self.sink(
                    Epoch(number, epochs, seconds, float(found[4]), self.learning_rate, None, accuracy=float(found[5]))
                )

"""Follow the log file that NerDL writes while it trains: it has no other way to tell how far it is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from alabtrain.events import Epoch, Line, Sink

STARTED = re.compile(r"Epoch (\d+)/(\d+) started, lr: ([\d.E-]+)")
ENDED = re.compile(r"Epoch (\d+)/(\d+) - ([\d.,]+)s - loss: ([\d.E+-]+|NaN)")
MICRO = re.compile(r"Micro-average\s+prec: [\d.E-]+, rec: [\d.E-]+, f1: ([\d.E-]+)")


@dataclass(slots=True)
class LogFollower:
    """Reads what was added to the log since the last look and sends it on as events.

    With a validation set an epoch is complete when its scores are there; without, when its loss is.
    """

    folder: Path
    sink: Sink
    validated: bool
    _read: int = field(default=0, init=False)
    _rate: float = field(default=0.0, init=False)
    _pending: Epoch | None = field(default=None, init=False)

    def look(self) -> None:
        """Send the new complete lines on."""
        log = next(iter(self.folder.glob("*.log")), None)
        if log is None:
            return
        with log.open("rb") as stream:
            stream.seek(self._read)
            new = stream.read()
        whole, newline, _rest = new.rpartition(b"\n")
        self._read += len(whole) + len(newline)
        for line in whole.decode("utf-8", "replace").splitlines():
            self._take(line.strip())

    def finish(self) -> None:
        """Send an epoch on whose scores never came."""
        self.look()
        self._send(None)

    def _take(self, line: str) -> None:
        if not line:
            return
        self.sink(Line(line))
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
        self.sink(Epoch(epoch.epoch, epoch.epochs, epoch.seconds, epoch.loss, epoch.learning_rate, f1))

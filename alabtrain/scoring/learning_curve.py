"""The points of a learning curve, its lines, and their extrapolation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alabtrain.scoring.averages import headline
from alabtrain.scoring.extrapolation import OUTLOOKS, Expected, expect

if TYPE_CHECKING:
    pass

ALL = ""
"""Stands for all labels of a type together."""


@dataclass(frozen=True, slots=True)
class Point:
    """One training: the share and number of its training tasks, its run and its scores by type.

    `run` is None and `metrics` empty if there were too few examples to train on.
    """

    share: float
    tasks: int
    run: Path | None
    metrics: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CurveLine:
    """The F1 of one label of a type over the points (`ALL`: of the whole type), and its extrapolation."""

    type: str
    label: str
    f1s: tuple[float | None, ...]
    scored: int
    expected: Expected

    @property
    def summary(self) -> str:
        """The outlook as a sentence."""
        name = self.label or self.type
        gain = self.expected.gain
        summary = OUTLOOKS[self.expected.outlook]
        return f"{name}: {summary}" if gain is None else f"{name}: {summary} ({gain:+.3f} F1 from twice the tasks)"


@dataclass(frozen=True, slots=True)
class Curve:
    """The points of a learning curve, the smallest share first, and the folder of its runs."""

    folder: Path
    points: tuple[Point, ...]

    @property
    def lines(self) -> list[CurveLine]:
        """The lines of each type: first the whole type, then its labels in alphabetical order."""
        scored = (name for point in self.points for name, entry in point.metrics.items() if _scored(entry))
        types = dict.fromkeys(scored)
        return [line for model_type in types for line in self._of_type(model_type)]

    def _of_type(self, model_type: str) -> list[CurveLine]:
        entries = [point.metrics.get(model_type) for point in self.points]
        averages = [_averages(entry) for entry in entries]
        names = sorted({label for one in averages for label in one.get("labels", {})})
        of_labels = [[one.get("labels", {}).get(name) for one in averages] for name in names]
        whole = [one.get(headline(entry)[0]) for one, entry in zip(averages, entries, strict=True)]
        return [
            self._line(model_type, label, row) for label, row in zip([ALL, *names], [whole, *of_labels], strict=True)
        ]

    def _line(self, model_type: str, label: str, scores: Sequence[Mapping[str, Any] | None]) -> CurveLine:
        f1s = tuple(None if score is None else float(score["f1"]) for score in scores)
        scored = max((int(score["support"]) for score in scores if score is not None), default=0)
        return CurveLine(model_type, label, f1s, scored, expect([point.tasks for point in self.points], f1s, scored))

    def to_dict(self) -> dict[str, Any]:
        """Return the object that `curve.json` holds and `alabtrain curve --json` prints."""
        return {
            "folder": str(self.folder),
            "points": [
                {"share": p.share, "tasks": p.tasks, "run": None if p.run is None else str(p.run)} for p in self.points
            ],
            "lines": [
                {
                    "type": line.type,
                    "label": line.label or None,
                    "f1": list(line.f1s),
                    "scored": line.scored,
                    "expected": {"now": line.expected.now, "doubled": line.expected.doubled},
                    "outlook": line.expected.outlook,
                }
                for line in self.lines
            ],
        }


def _averages(entry: Any) -> Mapping[str, Any]:
    if not _scored(entry):
        return {}
    averages: Mapping[str, Any] = entry.get("entity", entry)
    return averages


def _scored(entry: Any) -> bool:
    return isinstance(entry, dict) and bool(entry.get("split"))

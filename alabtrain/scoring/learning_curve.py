"""The points of a learning curve, its lines, and their extrapolation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from alabtrain.scoring.extrapolation import OUTLOOKS, Expected, Outlook, expect
from alabtrain.scoring.results import Averages, Metrics, Score, averages_of, headline


class PointJson(TypedDict):
    """A training of a curve as `curve.json` has it."""

    share: float
    tasks: int
    run: str | None


class ExpectedJson(TypedDict):
    """The F1 that the curve has now, and would have with twice the tasks."""

    now: float | None
    doubled: float | None


class LineJson(TypedDict):
    """A line of a curve as `curve.json` has it; `label` is None for the whole type."""

    type: str
    label: str | None
    f1: list[float | None]
    scored: int
    expected: ExpectedJson
    outlook: Outlook


class CurveJson(TypedDict):
    """The object that `curve.json` holds and `alabtrain curve --json` prints."""

    folder: str
    points: list[PointJson]
    lines: list[LineJson]


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
    metrics: Mapping[str, Metrics] = field(default_factory=dict)


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
        scored = (name for point in self.points for name, entry in point.metrics.items() if averages_of(entry))
        types = dict.fromkeys(scored)
        return [line for model_type in types for line in self._of_type(model_type)]

    def _of_type(self, model_type: str) -> list[CurveLine]:
        entries = [point.metrics.get(model_type) for point in self.points]
        averages = [None if entry is None else averages_of(entry) for entry in entries]
        names = sorted({label for one in averages if one for label in one["labels"]})
        of_labels = [[one["labels"].get(name) if one else None for one in averages] for name in names]
        whole = [one and _whole(one, entry) for one, entry in zip(averages, entries, strict=True)]
        return [
            self._line(model_type, label, row) for label, row in zip([ALL, *names], [whole, *of_labels], strict=True)
        ]

    def _line(self, model_type: str, label: str, scores: Sequence[Score | None]) -> CurveLine:
        f1s = tuple(None if score is None else float(score["f1"]) for score in scores)
        scored = max((int(score["support"]) for score in scores if score is not None), default=0)
        return CurveLine(model_type, label, f1s, scored, expect([point.tasks for point in self.points], f1s, scored))

    def to_dict(self) -> CurveJson:
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


def _whole(averages: Averages, entry: object) -> Score:
    """Return the average that represents an entry of `metrics.json`."""
    return averages["micro"] if headline(entry)[0] == "micro" else averages["macro"]

"""Whether one model is better than another on the same tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from alabtrain.findings import Finding
from alabtrain.predicting.judging import Judged
from alabtrain.runs.runinfo import RunInfo
from alabtrain.scoring.bootstrap import Difference, Measure, paired_bootstrap

MEASURES: tuple[Measure, ...] = ("micro F1", "macro F1")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models of one type, by the names that are shown of them, and how they differ."""

    type: str
    first: str
    second: str
    differences: tuple[Difference, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """For each measure, which model is better, if one is."""
        return tuple(self._tell(difference) for difference in self.differences)

    def _tell(self, difference: Difference) -> str:
        texts = f"{difference.texts:,} texts"
        if not difference.is_real:
            return f"{difference.measure}: no difference is to be seen in {texts} (p = {difference.p:.3f})"
        better = self.second if difference.difference > 0 else self.first
        told = f"{better} is better by {abs(difference.difference):.3f}"
        return f"{difference.measure}: {told}, and chance hardly explains it (p = {difference.p:.4f}, {texts})"

    def to_dict(self) -> dict[str, Any]:
        """Return the entry of the JSON output."""
        return {
            "type": self.type,
            "first": self.first,
            "second": self.second,
            "differences": [difference.to_dict() for difference in self.differences],
        }


def compare(judged: Sequence[Judged], *, seed: int) -> list[Comparison]:
    """Compare the models of two runs that are of one type, and classifiers of one group; others stand alone."""
    by_kind: dict[tuple[str, tuple[str, ...]], list[Judged]] = {}
    for one in judged:
        named = one.model.named
        by_kind.setdefault((named.type, tuple(group.name for group in named.choices)), []).append(one)
    return [
        Comparison(kind, first.model.named.shown, second.model.named.shown, _differences(first, second, seed))
        for (kind, _groups), (first, second) in ((key, pair) for key, pair in by_kind.items() if len(pair) == 2)
    ]


def _differences(first: Judged, second: Judged, seed: int) -> tuple[Difference, ...]:
    counts = first.counts(), second.counts()
    return tuple(paired_bootstrap(*counts, measure, seed=seed) for measure in MEASURES)


def split_findings(runs: Sequence[RunInfo]) -> list[Finding]:
    """Return a warning for each run that may have been trained on tasks that test here."""
    seen = [run.name for run in runs if run.parameter("split") == "random"]
    if not seen:
        return []
    message = "trained with --split random, on tasks that test here: its scores are too good"
    return [Finding("trained_on_test", "warning", f"{name}: {message}") for name in seen]

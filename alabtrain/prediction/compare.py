"""Whether one model is better than another on the same tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from alabtrain.core.findings import MAX_EXAMPLES, Finding, pluralize
from alabtrain.prediction.judge import Judged
from alabtrain.runs.record import RunInfo
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


def compare(judged: Sequence[Judged], *, seed: int) -> tuple[list[Comparison], list[Finding]]:
    """Compare the models of two runs that are of one type, and classifiers of one group.

    Both are counted on the labels that both know. Findings tell what was left out: other labels, and models without
    a counterpart.
    """
    by_kind: dict[tuple[str, tuple[str, ...]], list[Judged]] = {}
    for one in judged:
        named = one.model.named
        by_kind.setdefault((named.type, tuple(group.name for group in named.choices)), []).append(one)
    comparisons: list[Comparison] = []
    findings: list[Finding] = []
    for (kind, _groups), ones in by_kind.items():
        common = set.intersection(*(one.labels for one in ones))
        names = [one.model.named.shown for one in ones]
        if len(ones) != 2 or not common:
            findings += [_alone(name) for name in names]
            continue
        first, second = (one.counts(common) for one in ones)
        differences = tuple(paired_bootstrap(first, second, measure, seed=seed) for measure in MEASURES)
        comparisons.append(Comparison(kind, names[0], names[1], differences))
        findings += _other_labels(kind, sorted(ones[0].labels ^ ones[1].labels))
    return comparisons, findings


def _alone(name: str) -> Finding:
    return Finding(
        "no_counterpart", "warning", f"nothing in the other run is of the kind of {name}: it is not compared"
    )


def _other_labels(kind: str, labels: Sequence[str]) -> list[Finding]:
    if not labels:
        return []
    message = f"{kind}: {{count}} [label is|labels are] known to one of the models only, and not in the comparison"
    return [
        Finding("other_labels", "warning", pluralize(message, len(labels)), len(labels), tuple(labels[:MAX_EXAMPLES]))
    ]


def split_findings(runs: Sequence[RunInfo]) -> list[Finding]:
    """Return a warning for each run that was not divided by tags, and so was trained on tasks that test here."""
    message = "it was not divided by tags, so it was trained on tasks that test here: its scores are too good"
    return [
        Finding("trained_on_test", "warning", f"{run.name}: {message}")
        for run in runs
        if not any(isinstance(entry, dict) and entry.get("split") == "test" for entry in run.metrics.values())
    ]

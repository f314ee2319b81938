"""Compares two models on the same tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from alabtrain.core.findings import MAX_EXAMPLES, Finding, pluralize
from alabtrain.prediction.judge import Scored
from alabtrain.runs.record import RunInfo
from alabtrain.scoring.bootstrap import Difference, DifferenceJson, Measure, paired_bootstrap

MEASURES: tuple[Measure, ...] = ("micro F1", "macro F1")


class ComparisonJson(TypedDict):
    """A comparison in the JSON output."""

    type: str
    first: str
    second: str
    differences: list[DifferenceJson]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models of one type, by their display names, and their differences."""

    type: str
    first: str
    second: str
    differences: tuple[Difference, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """A sentence for each measure: which model is better, if any."""
        return tuple(self._sentence(difference) for difference in self.differences)

    def _sentence(self, difference: Difference) -> str:
        texts = f"{difference.texts:,} texts"
        if not difference.is_real:
            return f"{difference.measure}: no significant difference on {texts} (p = {difference.p:.3f})"
        better = self.second if difference.difference > 0 else self.first
        verdict = f"{better} is better by {abs(difference.difference):.3f}"
        return f"{difference.measure}: {verdict}, which is significant (p = {difference.p:.4f}, {texts})"

    def to_dict(self) -> ComparisonJson:
        """Return the entry of the JSON output."""
        return {
            "type": self.type,
            "first": self.first,
            "second": self.second,
            "differences": [difference.to_dict() for difference in self.differences],
        }


def compare(judged: Sequence[Scored], *, seed: int) -> tuple[list[Comparison], list[Finding]]:
    """Compare the models of two runs by type; classifiers also by group.

    Both are scored on the labels that both know. Findings report what was left out: other labels, and models without
    a counterpart.
    """
    by_type: dict[tuple[str, tuple[str, ...]], list[Scored]] = {}
    for one in judged:
        named = one.model.named
        by_type.setdefault((named.type, tuple(group.name for group in named.choices)), []).append(one)
    comparisons: list[Comparison] = []
    findings: list[Finding] = []
    for (model_type, _groups), ones in by_type.items():
        common = set.intersection(*(set(one.judged.compared) for one in ones))
        names = [one.model.named.shown for one in ones]
        if len(ones) != 2 or not common:
            findings += [_alone(name) for name in names]
            continue
        first, second = (one.judged.counts(common) for one in ones)
        differences = tuple(paired_bootstrap(first, second, measure, seed=seed) for measure in MEASURES)
        comparisons.append(Comparison(model_type, names[0], names[1], differences))
        findings += _other_labels(model_type, sorted(ones[0].judged.compared ^ ones[1].judged.compared))
    return comparisons, findings


def _alone(name: str) -> Finding:
    return Finding(
        "no_counterpart", "warning", f"{name} is not compared: the other run has no model of the same type and group"
    )


def _other_labels(model_type: str, labels: Sequence[str]) -> list[Finding]:
    if not labels:
        return []
    message = f"{model_type}: {{count}} [label is|labels are] known to only one of the models, and not compared"
    return [
        Finding("other_labels", "warning", pluralize(message, len(labels)), len(labels), tuple(labels[:MAX_EXAMPLES]))
    ]


def split_findings(runs: Sequence[RunInfo]) -> list[Finding]:
    """Return a warning for each run without a split by tags, which was trained on tasks of this test set."""
    message = "it was not split by tags, so it was trained on tasks of this test set: its scores are too high"
    return [
        Finding("trained_on_test", "warning", f"{run.name}: {message}")
        for run in runs
        if not any(isinstance(entry, dict) and entry.get("split") == "test" for entry in run.metrics.values())
    ]

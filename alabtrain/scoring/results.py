"""The scores of a model as `metrics.json` has them, by type: of spans, of one class a text, of several, or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict, TypeGuard, cast, final

Confusion: TypeAlias = Mapping[str, Mapping[str, int]]


class Score(TypedDict):
    """Precision, recall and F1, 0 to 1, and the number of gold examples."""

    precision: float
    recall: float
    f1: float
    support: int


class Averages(TypedDict):
    """The scores of all labels together, their mean, and those of each label."""

    micro: Score
    macro: Score
    labels: dict[str, Score]


class PartialScores(Averages):
    """Scores of entities in which an overlap counts one half; `counts` by outcome."""

    scheme: str
    counts: dict[str, int]


class TagScore(Score):
    """The scores of one IOB2 tag, with the counts that they come from."""

    tp: int
    fp: int
    fn: int


class TagScores(TypedDict):
    """Scores of each IOB2 tag and token, as Spark NLP counts."""

    scheme: str
    micro: Score
    macro: Score
    tags: dict[str, TagScore]


class RegionScores(Averages):
    """Scores of whole regions on pages."""

    scheme: str


class FurtherScores(TypedDict, total=False):
    """Scores that only some taggers have."""

    regions: RegionScores


class _AllSpanMetrics(TypedDict):
    split: str
    scheme: str
    entity: Averages
    partial: PartialScores
    tag: TagScores
    why_they_differ: str
    confusion: Confusion


@final
class SpanMetrics(_AllSpanMetrics, FurtherScores, total=False):
    """Scores of a tagger on the part `split`; `unscored` gold spans have no tags, `regions` are those of pages."""

    unscored: int


class _AllClassMetrics(Averages):
    split: str | None
    accuracy: float
    confusion: Confusion
    never_right: list[str]


@final
class ClassMetrics(_AllClassMetrics):
    """Scores of a classifier with one class a text, or of statuses."""

    mode: Literal["single"]


@final
class MultilabelMetrics(_AllClassMetrics):
    """Scores of a classifier with any number of classes a text; `confusion` has tp, fp, fn and tn of each class."""

    mode: Literal["multiple"]
    subset_accuracy: float
    hamming_loss: float
    threshold: float | None


@final
class NoMetrics(TypedDict):
    """There was no part to score on."""

    split: None


METRICS = (SpanMetrics, ClassMetrics, MultilabelMetrics, NoMetrics)
if TYPE_CHECKING:
    Metrics: TypeAlias = SpanMetrics | ClassMetrics | MultilabelMetrics | NoMetrics
else:

    class Metrics:
        """One of `METRICS`; msgspec knows no unions of them, so `workflows/schemas.py` knows this class."""


def averages_of(metrics: Metrics) -> Averages | None:
    """Return micro, macro and labels: those of exact entities, or of classes; None if nothing was scored."""
    if not metrics["split"]:
        return None
    if "entity" in metrics:
        return metrics["entity"]
    return metrics if "micro" in metrics else None


def is_of_spans(metrics: Metrics) -> bool:
    """Whether the scores are of spans, not of classes."""
    return "entity" in metrics


def is_multilabel(metrics: Metrics) -> TypeGuard[MultilabelMetrics]:
    """Whether the scores are of texts with any number of classes."""
    return "mode" in metrics and metrics["mode"] == "multiple"


def confusion_of(metrics: Metrics) -> Confusion:
    """Return the counts of gold labels by predicted label (of several classes: of their outcomes), if there are any."""
    return {} if metrics["split"] is None else metrics.get("confusion", {})


def threshold_of(metrics: Metrics) -> float | None:
    """Return the score from which on a class is predicted, if a text can have several classes."""
    return metrics["threshold"] if is_multilabel(metrics) else None


def recorded_metrics(value: object) -> Metrics | None:
    """Return an entry of a run's `metrics.json` that has scores, trusting that alabtrain wrote it; else None."""
    return cast("Metrics", value) if isinstance(value, dict) and value.get("split") else None


def headline(scores: object) -> tuple[str, float | None]:
    """Return the average that represents an entry of `metrics.json`, and its F1, or None if nothing was scored.

    Micro for entities, and for texts with any number of classes; macro for texts with one class, as micro F1 is
    accuracy there and hides the rare classes. `scores` may be anything, as it may come from a file.
    """
    entry = scores if isinstance(scores, dict) else {}
    spans = entry.get("entity")
    average = "micro" if spans is not None or entry.get("mode") == "multiple" else "macro"
    value = spans if spans is not None else entry
    for key in (average, "f1"):
        value = value.get(key) if isinstance(value, dict) else None
    return average, float(value) if isinstance(value, (int, float)) else None

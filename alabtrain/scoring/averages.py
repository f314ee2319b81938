"""Precision, recall and F1 from counts, rounded to six digits, and their mean."""

from __future__ import annotations

from collections.abc import Iterable

from alabtrain.scoring.results import Score


def score(right: float, given: int, wanted: int) -> Score:
    """Return precision, recall and F1 of `right` out of `given` predictions, with `wanted` gold examples (support)."""
    return {
        "precision": round(right / given, 6) if given else 0.0,
        "recall": round(right / wanted, 6) if wanted else 0.0,
        "f1": round(2 * right / (given + wanted), 6) if given + wanted else 0.0,
        "support": wanted,
    }


def mean(scores: Iterable[Score]) -> Score:
    """Return the mean of scores, and the sum of their supports."""
    entries = list(scores)

    def average(numbers: Iterable[float]) -> float:
        return round(sum(numbers) / len(entries), 6) if entries else 0.0

    return {
        "precision": average(entry["precision"] for entry in entries),
        "recall": average(entry["recall"] for entry in entries),
        "f1": average(entry["f1"] for entry in entries),
        "support": sum(entry["support"] for entry in entries),
    }

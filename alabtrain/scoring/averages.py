"""Precision, recall and F1 from counts, rounded to six digits, and their mean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def score(right: float, given: int, wanted: int) -> dict[str, Any]:
    """Return the scores of `right` ones of `given`, where `wanted` there were."""
    return {
        "precision": round(right / given, 6) if given else 0.0,
        "recall": round(right / wanted, 6) if wanted else 0.0,
        "f1": round(2 * right / (given + wanted), 6) if given + wanted else 0.0,
        "support": wanted,
    }


def mean(scores: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the mean of scores, and the sum of their supports."""
    entries = list(scores)
    average = {
        key: round(sum(entry[key] for entry in entries) / len(entries), 6) if entries else 0.0
        for key in ("precision", "recall", "f1")
    }
    return {**average, "support": sum(entry["support"] for entry in entries)}

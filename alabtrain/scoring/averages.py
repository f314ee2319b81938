"""Precision, recall and F1 from counts, rounded to six digits, and their mean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def score(right: float, given: int, wanted: int) -> dict[str, Any]:
    """Return precision, recall and F1 of `right` out of `given` predictions, with `wanted` gold examples (support)."""
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


def headline(scores: Any) -> tuple[str, float | None]:
    """Return the average that represents an entry of `metrics.json`, and its F1, or None if nothing was scored.

    Micro for entities, and for texts with any number of classes; macro for texts with one class, as micro F1 is
    accuracy there and hides the rare classes.
    """
    entry = scores if isinstance(scores, dict) else {}
    spans = entry.get("entity")
    average = "micro" if spans is not None or entry.get("mode") == "multiple" else "macro"
    value = spans if spans is not None else entry
    for key in (average, "f1"):
        value = value.get(key) if isinstance(value, dict) else None
    return average, float(value) if isinstance(value, (int, float)) else None

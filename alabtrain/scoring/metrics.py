"""Scores of a model: from gold and predictions to the entries of `metrics.json`; pure."""

from __future__ import annotations

from alabtrain.scoring.classes import (
    NO_CLASS,
    best_threshold,
    chosen,
    class_scores,
    multilabel_scores,
    never_right,
)
from alabtrain.scoring.regions import REGION_SCHEME, Region, region_scores
from alabtrain.scoring.spans import (
    NONE,
    OUTSIDE,
    PARTIAL_SCHEME,
    SCHEME,
    TAG_SCHEME,
    WHY_THEY_DIFFER,
    Entity,
    Pair,
    Tags,
    entities,
    match,
    span_scores,
    worst_sentences,
)

__all__ = [
    "NONE",
    "NO_CLASS",
    "OUTSIDE",
    "PARTIAL_SCHEME",
    "REGION_SCHEME",
    "SCHEME",
    "TAG_SCHEME",
    "WHY_THEY_DIFFER",
    "Entity",
    "Pair",
    "Region",
    "Tags",
    "best_threshold",
    "chosen",
    "class_scores",
    "entities",
    "match",
    "multilabel_scores",
    "never_right",
    "region_scores",
    "span_scores",
    "worst_sentences",
]

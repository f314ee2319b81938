"""Scores of whole regions on pages: a label and the set of its words; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from alabtrain.scoring.averages import mean, score
from alabtrain.scoring.results import RegionScores

ScoredRegion = tuple[str, frozenset[int]]
"""A label, and the numbers of its words on the page."""

REGION_SCHEME = "a region is right if its label and its set of words are exactly right, in any reading order"


def region_scores(gold: Sequence[Collection[ScoredRegion]], found: Sequence[Collection[ScoredRegion]]) -> RegionScores:
    """Return the scores of the regions of pages: micro, macro (the mean over labels) and of each label."""
    right: Counter[str] = Counter()
    given: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for annotated, predicted in zip(gold, found, strict=True):
        wanted.update(label for label, _words in annotated)
        given.update(label for label, _words in predicted)
        right.update(label for label, _words in set(annotated) & set(predicted))
    names = sorted(wanted.keys() | given.keys())
    labels = {name: score(right[name], given[name], wanted[name]) for name in names}
    micro = score(right.total(), given.total(), wanted.total())
    return {"scheme": REGION_SCHEME, "micro": micro, "macro": mean(labels.values()), "labels": labels}

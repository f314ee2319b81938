"""Coefficients of agreement on classes, from counters; each has a value, or a reason why it has none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

Pair = tuple[str, str]
"""Two annotators, in the order of their names."""
Both = tuple[str, str]
"""What the one and the other of two annotators said of one thing."""
Unit = tuple[tuple[str, int], ...]
"""What was said of one thing: classes in the order of their names, and by how many annotators each."""

NOTHING_SHARED = "nothing was judged by both"
NOTHING_JUDGED = "nothing was judged by several"
ONE_CLASS = "the same class everywhere, which cannot be told from chance"
DIGITS = 6


class Coefficient(NamedTuple):
    """A number, rounded to six digits; None with the reason `why` where it is not defined."""

    value: float | None
    why: str = ""


def share(part: int, whole: int, why: str = NOTHING_SHARED) -> Coefficient:
    """Return `part` of `whole` as a number from 0 to 1."""
    return Coefficient(round(part / whole, DIGITS)) if whole else Coefficient(None, why)


def kappa(joint: Mapping[Both, int]) -> Coefficient:
    """Return Cohen's kappa (1960) of two annotators; `joint` counts things by what the one and the other said."""
    from sklearn.metrics import cohen_kappa_score

    met = {said: count for said, count in joint.items() if count}
    if not met:
        return Coefficient(None, NOTHING_SHARED)
    codes = {name: code for code, name in enumerate(sorted({name for said in met for name in said}))}
    if len(codes) == 1:
        return Coefficient(None, ONE_CLASS)
    one, other = ([codes[said[side]] for said in met] for side in (0, 1))
    return _rounded(cohen_kappa_score(one, other, labels=list(codes.values()), sample_weight=list(met.values())))


def alpha(units: Mapping[Unit, int]) -> Coefficient:
    """Return Krippendorff's alpha of all annotators for classes without an order; `units` counts equal things.

    Annotators who said nothing of a thing are missing there; a thing that one alone spoke of does not count.
    """
    from nltk.metrics.agreement import AnnotationTask

    met = {unit: count for unit, count in units.items() if count and sum(said for _, said in unit) > 1}
    if not met:
        return Coefficient(None, NOTHING_JUDGED)
    # nltk calls this perfect agreement.
    if len({name for unit in met for name, said in unit if said}) == 1:
        return Coefficient(None, ONE_CLASS)
    return _rounded(AnnotationTask(_triples(met)).alpha())


def mean(coefficients: Iterable[Coefficient], why: str) -> tuple[Coefficient, int]:
    """Return the mean of those that have a value, and how many these are; `why` tells of none."""
    values = [coefficient.value for coefficient in coefficients if coefficient.value is not None]
    if not values:
        return Coefficient(None, why), 0
    return _rounded(sum(values) / len(values)), len(values)


def _triples(units: Mapping[Unit, int]) -> Iterator[tuple[int, int, str]]:
    """Yield annotator, thing and class; for alpha it does not matter who said what, so annotators are numbered."""
    things = (unit for unit, count in units.items() for _ in range(count))
    for thing, unit in enumerate(things):
        names = (name for name, said in unit for _ in range(said))
        yield from ((annotator, thing, name) for annotator, name in enumerate(names))


def _rounded(value: float) -> Coefficient:
    # Without a sign where it is nought.
    return Coefficient(round(float(value), DIGITS) + 0.0)

"""Coefficients of agreement on classes, from counters; each has a value, or a reason why it has none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

Pair = tuple[str, str]
"""Two annotators, in the order of their names."""
Both = tuple[str, str]
"""The classes that two annotators gave to one unit."""
Unit = tuple[tuple[str, int], ...]
"""The judgements of one unit: classes in the order of their names, each with its number of annotators."""

NOTHING_SHARED = "nothing was judged by both annotators"
NOTHING_JUDGED = "nothing was judged by several annotators"
ONE_CLASS = "the class is the same everywhere, so agreement cannot be distinguished from chance"
DIGITS = 6


class Coefficient(NamedTuple):
    """A number, rounded to six digits; None with the reason `why` if it is not defined."""

    value: float | None
    why: str = ""


def share(part: int, whole: int, why: str = NOTHING_SHARED) -> Coefficient:
    """Return `part` of `whole` as a number from 0 to 1."""
    return Coefficient(round(part / whole, DIGITS)) if whole else Coefficient(None, why)


def kappa(joint: Mapping[Both, int]) -> Coefficient:
    """Return Cohen's kappa (1960) of two annotators; `joint` counts units by the classes of the two."""
    from sklearn.metrics import cohen_kappa_score

    met = {both: count for both, count in joint.items() if count}
    if not met:
        return Coefficient(None, NOTHING_SHARED)
    codes = {name: code for code, name in enumerate(sorted({name for both in met for name in both}))}
    if len(codes) == 1:
        return Coefficient(None, ONE_CLASS)
    one, other = ([codes[both[side]] for both in met] for side in (0, 1))
    return _rounded(cohen_kappa_score(one, other, labels=list(codes.values()), sample_weight=list(met.values())))


def alpha(units: Mapping[Unit, int]) -> Coefficient:
    """Return Krippendorff's alpha of all annotators for nominal classes; `units` counts equal judgements.

    Annotators without a judgement are missing for that unit; a unit with only one judgement does not count.
    """
    from nltk.metrics.agreement import AnnotationTask

    met = {unit: count for unit, count in units.items() if count and sum(judges for _, judges in unit) > 1}
    if not met:
        return Coefficient(None, NOTHING_JUDGED)
    # nltk calls this perfect agreement.
    if len({name for unit in met for name, judges in unit if judges}) == 1:
        return Coefficient(None, ONE_CLASS)
    return _rounded(AnnotationTask(_triples(met)).alpha())


def mean(coefficients: Iterable[Coefficient], why: str) -> tuple[Coefficient, int]:
    """Return the mean of the defined coefficients, and their number; `why` is the reason if there are none."""
    values = [coefficient.value for coefficient in coefficients if coefficient.value is not None]
    if not values:
        return Coefficient(None, why), 0
    return _rounded(sum(values) / len(values)), len(values)


def _triples(units: Mapping[Unit, int]) -> Iterator[tuple[int, int, str]]:
    """Yield annotator, unit and class; for alpha it does not matter who judged, so annotators are just numbered."""
    judged = (unit for unit, count in units.items() for _ in range(count))
    for number, unit in enumerate(judged):
        names = (name for name, judges in unit for _ in range(judges))
        yield from ((annotator, number, name) for annotator, name in enumerate(names))


def _rounded(value: float) -> Coefficient:
    # Without a sign where it is nought.
    return Coefficient(round(float(value), DIGITS) + 0.0)

"""Agreement on spans: the F1 of one annotator's spans against those of the other.

F1 is symmetric: it does not matter which of the two counts as gold. It replaces kappa, which needs the number of units
that both left unmarked; as that number grows, kappa approaches F1 (Hripcsak and Rothschild, J Am Med Inform Assoc 12,
2005).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, combinations
from typing import TypedDict

from alabtrain.annotations.spans import Span
from alabtrain.inspect.agreement.coefficients import DIGITS, Pair

NO_KAPPA = "kappa needs negatives (spans that nobody marked), and a text has no definite number of them"
NO_TASK = "they have no task in common"
NO_SPAN = "neither annotated a span"


@dataclass(frozen=True, slots=True)
class SpanScore:
    """Agreement of spans: `spans` are the numbers of the two annotators, `same` those equal in label and both ends.

    `f1` is for equal spans, `overlap_f1` the share of spans that overlap one of the other with the same label; both
    are from 0 to 1, None if there are no spans at all.
    """

    spans: tuple[int, int]
    same: int
    f1: float | None
    overlap_f1: float | None


class SpanPairJson(TypedDict):
    """A pair of annotators as `--json` prints it."""

    annotators: Pair
    tasks: int
    spans: tuple[int, int]
    same: int
    f1: float | None
    overlap_f1: float | None
    why: str
    labels: Mapping[str, SpanScore]


class SpansJson(TypedDict):
    """The agreement on spans as `--json` prints it."""

    overall: SpanScore
    labels: Mapping[str, SpanScore]
    pairs: list[SpanPairJson]
    kappa: None
    why_no_kappa: str


@dataclass(frozen=True, slots=True)
class SpanPair:
    """Two annotators (by name): the number of texts that both annotated, the score of all labels, and of each label."""

    annotators: Pair
    tasks: int
    micro: SpanScore
    labels: Mapping[str, SpanScore]

    @property
    def why(self) -> str:
        """Why there is no F1; empty if there is one."""
        if self.micro.f1 is not None:
            return ""
        return NO_SPAN if self.tasks else NO_TASK

    def to_dict(self) -> SpanPairJson:
        """Return the pair as `--json` prints it."""
        return {
            "annotators": self.annotators,
            "tasks": self.tasks,
            "spans": self.micro.spans,
            "same": self.micro.same,
            "f1": self.micro.f1,
            "overlap_f1": self.micro.overlap_f1,
            "why": self.why,
            "labels": self.labels,
        }


@dataclass(frozen=True, slots=True)
class SpanAgreement:
    """Agreement on spans: `overall` adds up all pairs (its two sides are the first and the second of each pair)."""

    overall: SpanScore
    labels: Mapping[str, SpanScore]
    pairs: tuple[SpanPair, ...]

    def to_dict(self) -> SpansJson:
        """Return the agreement as `--json` prints it."""
        return {
            "overall": self.overall,
            "labels": self.labels,
            "pairs": [pair.to_dict() for pair in self.pairs],
            "kappa": None,
            "why_no_kappa": NO_KAPPA,
        }


@dataclass(slots=True)
class _Counts:
    spans: list[int] = field(default_factory=lambda: [0, 0])
    touched: list[int] = field(default_factory=lambda: [0, 0])
    same: int = 0

    def add(self, other: _Counts) -> None:
        for side in (0, 1):
            self.spans[side] += other.spans[side]
            self.touched[side] += other.touched[side]
        self.same += other.same

    def score(self) -> SpanScore:
        marked = sum(self.spans)
        f1 = round(2 * self.same / marked, DIGITS) if marked else None
        overlap = round(sum(self.touched) / marked, DIGITS) if marked else None
        return SpanScore((self.spans[0], self.spans[1]), self.same, f1, overlap)


class SpanCounter:
    """Adds up agreement on spans, task by task; it keeps only numbers."""

    def __init__(self) -> None:
        self._tasks: dict[Pair, int] = defaultdict(int)
        self._counts: dict[Pair, dict[str, _Counts]] = defaultdict(lambda: defaultdict(_Counts))

    def add(self, marked: Mapping[str, Iterable[Span]]) -> None:
        """Add one task: the spans of each annotator."""
        by_label = {name: _by_label(spans) for name, spans in marked.items()}
        for pair in combinations(sorted(marked), 2):
            self._tasks[pair] += 1
            one, other = (by_label[name] for name in pair)
            for label in {*one, *other}:
                _compare(one.get(label, []), other.get(label, []), self._counts[pair][label])

    def result(self, annotators: Iterable[str]) -> SpanAgreement:
        """Return the agreement of each pair of these annotators, and of all pairs together."""
        totals: dict[str, _Counts] = defaultdict(_Counts)
        pairs: list[SpanPair] = []
        for pair in combinations(sorted(annotators), 2):
            labels = self._counts.get(pair, {})
            for label, counts in labels.items():
                totals[label].add(counts)
            pairs.append(SpanPair(pair, self._tasks.get(pair, 0), _sum(labels.values()).score(), _scores(labels)))
        return SpanAgreement(_sum(totals.values()).score(), _scores(totals), tuple(pairs))


def _by_label(spans: Iterable[Span]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = defaultdict(list)
    for span in sorted(set(spans)):
        found[span.label].append(span)
    return found


def _compare(one: Sequence[Span], other: Sequence[Span], counts: _Counts) -> None:
    """Count spans of one label and one text, each side in text order."""
    for side, (spans, others) in enumerate(((one, other), (other, one))):
        counts.spans[side] += len(spans)
        counts.touched[side] += _touched(spans, others)
    counts.same += len(set(one) & set(other))


def _touched(spans: Sequence[Span], others: Sequence[Span]) -> int:
    """Return how many of `spans` share a character with one of `others`."""
    starts = [other.start for other in others]
    reach = list(accumulate((other.end for other in others), max))
    befores = ((span, bisect_left(starts, span.end)) for span in spans)
    return sum(before > 0 and reach[before - 1] > span.start for span, before in befores)


def _sum(parts: Iterable[_Counts]) -> _Counts:
    total = _Counts()
    for part in parts:
        total.add(part)
    return total


def _scores(labels: Mapping[str, _Counts]) -> dict[str, SpanScore]:
    return {label: labels[label].score() for label in sorted(labels)}

"""From assertion labels to assertion statuses: each is a second region on the words of an NER region."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from alabtrain.annotations import spans as span_rules
from alabtrain.annotations.items import Region
from alabtrain.annotations.offsets import OffsetReader
from alabtrain.annotations.spans import Incident, Span

Edges = tuple[int, int]

# What happened, after a number; `[one|many]` as in `findings.pluralize`.
REPAIRS = {
    **{code: text.replace("[span|spans]", "assertion [label|labels]") for code, text in span_rules.REPAIRS.items()},
    "trimmed_edges": "assertion [label that differs|labels that differ] from the NER region by whitespace or "
    "punctuation (matched)",
}
LOSSES = {
    "text_missing": "assertion [label|labels] of tasks without text",
    "other_text": "assertion [label|labels] of another text of the task",
    "misaligned": "assertion [label whose offsets do not match its|labels whose offsets do not match their] text",
    "status_without_span": "assertion [label|labels] on words without an NER label",
    "two_statuses": "assertion [label|labels] on words that have several different ones",
    "duplicate_status": "assertion [label that repeats|labels that repeat] another on the same words",
}
NOTES = {
    "span_without_status": "{count} NER [region has|regions have] no assertion label",
    "status_given": "{count} NER [region without an assertion label was|regions without an assertion label were] "
    "given a status",
}
HINTS = {
    "misaligned": "correct these regions in the tool; `alabtrain why PROJECT TASK` names them",
    "status_without_span": "mark the same words with an NER label, too",
    "two_statuses": "keep only one of them",
    "span_without_status": "they are no examples for assertion; --unlabeled-status NAME gives them a status",
}
_EDGE_CATEGORIES = "PSZC"  # Unicode categories: punctuation, symbols, whitespace, control characters


@dataclass(frozen=True, slots=True, order=True)
class Status:
    """The assertion status of an NER region: `start` and `end` (exclusive) are that region's, in code points.

    `label` is the status, `span_label` the label of the region; `region_id` is the id of the assertion region, or of
    the NER region if the status was given by an option.
    """

    start: int
    end: int
    label: str
    span_label: str
    region_id: str = field(default="", compare=False)
    item: int = field(default=-1, compare=False)


@dataclass(slots=True)
class StatusReading:
    """The statuses of one completion in text order, and which were repaired or lost.

    `entered` counts the (region, label) pairs that were read and the statuses that an option gave:
    `entered == len(statuses) + len(lost)`. `noted` are the NER regions without a status, by codes of NOTES.
    """

    statuses: list[Status] = field(default_factory=list)
    entered: int = 0
    repaired: list[Incident] = field(default_factory=list)
    lost: list[Incident] = field(default_factory=list)
    noted: list[Incident] = field(default_factory=list)


def read_statuses(
    text: str,
    regions: Iterable[Region],
    spans: Iterable[Span],
    labels: Collection[str],
    unlabeled_status: str | None = None,
    text_name: str = "",
) -> StatusReading:
    """Find the NER region that each assertion label of one completion applies to.

    `spans` are the aligned NER regions, including those that overlap others: a status applies to marked words,
    whether or not a tagger can learn them. Words marked several times count once. `labels` are the assertion
    labels; `unlabeled_status` is the status of NER regions that have none (None: they are only noted). With
    `text_name`, regions of other texts are lost. The order of the regions does not matter.
    """
    reading = StatusReading()
    reader = OffsetReader(text)
    targets = _Targets(text, spans)
    by_edges: dict[Edges, list[Status]] = defaultdict(list)
    for region in regions:
        for label in region.labels:
            if label not in labels:
                continue
            reading.entered += 1
            if text_name and region.to_name not in ("", text_name):
                reading.lost.append(Incident("other_text", region.id, label, region.item))
                continue
            aligned_span = reader.locate(region.start, region.end, region.text)
            if aligned_span is None:
                reading.lost.append(Incident("misaligned", region.id, label, region.item))
                continue
            if aligned_span[2]:
                reading.repaired.append(Incident(aligned_span[2], region.id, label, region.item))
            span = targets.find(aligned_span[:2])
            if span is None:
                reading.lost.append(Incident("status_without_span", region.id, label, region.item))
                continue
            if (span.start, span.end) != aligned_span[:2]:
                reading.repaired.append(Incident("trimmed_edges", region.id, label, region.item))
            by_edges[span.start, span.end].append(
                Status(span.start, span.end, label, span.label, region.id, region.item)
            )
    for statuses in by_edges.values():
        _resolve(statuses, reading)
    for span in targets.without(by_edges):
        _note(span, unlabeled_status, reading)
    reading.statuses.sort()
    return reading


class _Targets:
    """The marked words of a text, each once, by start and end; of several labels on them the first by name counts."""

    def __init__(self, text: str, spans: Iterable[Span]) -> None:
        self._text = text
        self._by_edges: dict[Edges, Span] = {}
        self._by_core: dict[Edges, list[Span]] = defaultdict(list)
        for span in sorted(spans, key=lambda span: (span, span.region_id)):
            edges = (span.start, span.end)
            if self._by_edges.setdefault(edges, span) is span:
                self._by_core[_core(text, edges)].append(span)

    def find(self, edges: Edges) -> Span | None:
        """Return the region with these edges, else the nearest that differs only by whitespace and punctuation."""
        exact = self._by_edges.get(edges)
        if exact is not None:
            return exact
        start, end = edges
        alike = self._by_core.get(_core(self._text, edges), ())
        return min(alike, key=lambda span: (abs(span.start - start) + abs(span.end - end), span), default=None)

    def without(self, by_edges: Collection[Edges]) -> list[Span]:
        """Return the regions without a status, in text order."""
        # `fever` and `fever.` are the same words marked twice: the status of one is the status of the other.
        cores = {_core(self._text, edges) for edges in by_edges}
        return [alike[0] for core, alike in self._by_core.items() if core not in cores]


def _resolve(statuses: list[Status], reading: StatusReading) -> None:
    """Keep the status of the same words; if there are different ones, all are lost."""
    first, *others = sorted(statuses, key=lambda status: (status, status.region_id))
    if any(status.label != first.label for status in others):
        reading.lost += [Incident("two_statuses", status.region_id, status.label, status.item) for status in statuses]
        return
    reading.statuses.append(first)
    reading.lost += [Incident("duplicate_status", status.region_id, status.label, status.item) for status in others]


def _note(span: Span, unlabeled_status: str | None, reading: StatusReading) -> None:
    if unlabeled_status is None:
        reading.noted.append(Incident("span_without_status", span.region_id, span.label))
        return
    reading.entered += 1
    reading.statuses.append(Status(span.start, span.end, unlabeled_status, span.label, span.region_id))
    reading.noted.append(Incident("status_given", span.region_id, span.label))


def _core(text: str, edges: Edges) -> Edges:
    """Return the edges without whitespace and punctuation; if nothing is left, the edges unchanged."""
    start, end = edges
    while start < end and unicodedata.category(text[start])[0] in _EDGE_CATEGORIES:
        start += 1
    while end > start and unicodedata.category(text[end - 1])[0] in _EDGE_CATEGORIES:
        end -= 1
    return (start, end) if start < end else edges

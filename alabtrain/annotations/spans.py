"""From the regions of a completion to spans that a tagger can learn: aligned, deduplicated, not overlapping."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from alabtrain.annotations.items import Region
from alabtrain.annotations.offsets import OffsetReader

# What happened, after a number; `[one|many]` as in `findings.pluralize`.
REPAIRS = {
    "trimmed_blanks": "[span|spans] with whitespace at an end (trimmed)",
    "utf16_offsets": "[span|spans] with offsets in UTF-16 units (converted)",
    "newline_offsets": "[span|spans] with offsets for other line ends (converted)",
    "utf16_newline_offsets": "[span|spans] with offsets in UTF-16 units and for other line ends (converted)",
}
LOSSES = {
    "region_without_value": "[region|regions] without a value",
    "region_without_label": "[region|regions] without a label",
    "unsupported_region": "[region|regions] of a type that cannot be trained on",
    "text_missing": "[span|spans] of tasks without text",
    "other_text": "[span|spans] of another text of the task",
    "misaligned": "[span whose offsets do not match its|spans whose offsets do not match their] text",
    "unknown_label": "[span|spans] with a label that the labeling config does not have",
    "duplicate_span": "[span that repeats|spans that repeat] another with the same label",
    "overlap": "[span that overlaps|spans that overlap] a longer or earlier one",
}


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A labelled span of a text: offsets in code points, `end` exclusive; `item` is the index of its result item."""

    start: int
    end: int
    label: str
    region_id: str = field(default="", compare=False)
    item: int = field(default=-1, compare=False)


@dataclass(frozen=True, slots=True)
class Incident:
    """The repair or loss of one region: `code` is a key of REPAIRS or LOSSES, `item` the index of its result item."""

    code: str
    region_id: str
    label: str
    item: int = field(default=-1, compare=False)


@dataclass(slots=True)
class SpanReading:
    """The spans of one completion, and which were repaired or lost.

    `entered` counts the (region, label) pairs that were read: `entered == len(spans) + len(lost)`. `aligned` are
    the spans before overlaps were resolved.
    """

    spans: list[Span] = field(default_factory=list)
    aligned: list[Span] = field(default_factory=list)
    entered: int = 0
    repaired: list[Incident] = field(default_factory=list)
    lost: list[Incident] = field(default_factory=list)


def read_spans(
    text: str,
    regions: Iterable[Region],
    labels: Collection[str] | None,
    ignored: Collection[str] = (),
    text_name: str = "",
) -> SpanReading:
    """Align the regions of one completion with `text` and resolve overlaps: the longest wins, then the first.

    `labels` are the labels to keep (None: all); `ignored` are labels of another type (assertion labels), which
    are not counted at all. With `text_name`, regions of other texts are lost. Spans are returned in text order.
    """
    reading = SpanReading()
    reader = OffsetReader(text)
    for region in regions:
        for label in region.labels:
            if label in ignored:
                continue
            reading.entered += 1
            if labels is not None and label not in labels:
                reading.lost.append(Incident("unknown_label", region.id, label, region.item))
                continue
            if text_name and region.to_name not in ("", text_name):
                reading.lost.append(Incident("other_text", region.id, label, region.item))
                continue
            aligned_span = reader.locate(region.start, region.end, region.text)
            if aligned_span is None:
                reading.lost.append(Incident("misaligned", region.id, label, region.item))
                continue
            start, end, repair = aligned_span
            if repair:
                reading.repaired.append(Incident(repair, region.id, label, region.item))
            reading.aligned.append(Span(start, end, label, region.id, region.item))
    reading.spans = _without_overlaps(reading.aligned, reading.lost)
    return reading


def _without_overlaps(spans: list[Span], lost: list[Incident]) -> list[Span]:
    """Keep the longest, then the first in the text, then the first listed; the others go to `lost`."""
    kept: list[Span] = []
    covered: set[int] = set()
    for span in sorted(spans, key=lambda s: (s.start - s.end, s.start)):
        # A kept span is at least as long: it covers an edge of any span that overlaps it.
        if span.start in covered or span.end - 1 in covered:
            code = "duplicate_span" if span in kept else "overlap"
            lost.append(Incident(code, span.region_id, span.label, span.item))
            continue
        kept.append(span)
        covered.update(range(span.start, span.end))
    return sorted(kept)

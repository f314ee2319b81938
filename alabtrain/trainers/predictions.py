"""What models predict, as values: what was found in a text, and the result items that both annotation tools import.

A result item has the fields of Annotation Lab's exports and of Label Studio's
(https://labelstud.io/guide/predictions).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from alabtrain.documents.tagging import code_points
from alabtrain.labeling.config import Choices, Label


class ItemValue(TypedDict, total=False):
    """The value of a result item: of spans, of choices, or of boxes (in percent, and in pixels)."""

    start: int
    end: int
    text: str | list[str]
    labels: list[str]
    choices: list[str]
    rectanglelabels: list[str]
    confidence: str
    x: float
    y: float
    width: float
    height: float
    rotation: float
    x_px: int
    y_px: int
    width_px: int
    height_px: int


class ResultItem(TypedDict, total=False):
    """A result item; the sizes, page numbers and tokens are those of boxes."""

    id: str
    from_name: str
    to_name: str
    type: str
    value: ItemValue
    score: float
    source: str
    original_width: int
    original_height: int
    image_rotation: int
    pageNumber: int
    item_index: int
    tokens: Sequence[object]


@dataclass(frozen=True, slots=True)
class Found:
    """One prediction of a model: `begin` and `end` (inclusive) in UTF-16 units, which are meaningless for a class."""

    begin: int
    end: int
    label: str
    score: float | None


@dataclass(slots=True)
class ResultCounts:
    """Counts of the predictions: `written` by label, and `dropped` by model and label.

    `alone` counts, by model, the statuses whose entity was not written.
    """

    written: Counter[str] = field(default_factory=Counter)
    dropped: Counter[tuple[str, str]] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)


def span_items(
    model: str, labels: Sequence[Label], text: str, found: Sequence[Found], counts: ResultCounts
) -> list[ResultItem]:
    """Return spans as result items; labels that the config does not have for the model are left out and counted."""
    offsets = code_points(text, [one.begin for one in found], [one.end for one in found])
    by_name = {label.name: label for label in labels}
    items = []
    for (start, end), one in zip(offsets, found, strict=True):
        label = by_name.get(one.label)
        if label is None:
            counts.dropped[model, one.label] += 1
            continue
        counts.written[one.label] += 1
        value: ItemValue = {"start": start, "end": end, "text": text[start:end], "labels": [one.label]}
        items.append(_item(label.group, "labels", value, one.score))
    return items


def status_items(
    model: str,
    labels: Sequence[Label],
    text: str,
    found: Sequence[Found],
    counts: ResultCounts,
    entities: Collection[tuple[int, int]],
) -> list[ResultItem]:
    """Return one status for each of `entities` (the offsets that were written); two models may have found the same."""
    kept: dict[tuple[int, int], Found] = {}
    offsets = code_points(text, [one.begin for one in found], [one.end for one in found])
    for edges, one in zip(offsets, found, strict=True):
        if edges in entities:
            kept.setdefault(edges, one)
        else:
            counts.alone[model] += 1
    return span_items(model, labels, text, list(kept.values()), counts)


def choice_items(model: str, group: Choices, found: Sequence[Found], counts: ResultCounts) -> list[ResultItem]:
    """Return the classes of a text as one result item of their group, the best ones first."""
    best: dict[str, Found] = {}
    for one in sorted(found, key=lambda one: one.score or 0.0, reverse=True):
        if group.dynamic or one.label in group.choices:
            best.setdefault(one.label, one)
        else:
            counts.dropped[model, one.label] += 1
    known = list(best.values())[: 1 if group.mode == "single" else None]
    if not known:
        return []
    counts.written.update(one.label for one in known)
    score = min((one.score for one in known if one.score is not None), default=None)
    return [_item(group.name, "choices", {"choices": [one.label for one in known]}, score)]


def offsets_of(item: ResultItem) -> tuple[int, int]:
    """Return where a span of `span_items` starts and ends, in code points."""
    return item["value"]["start"], item["value"]["end"]


def _item(from_name: str, item_type: str, value: ItemValue, score: float | None) -> ResultItem:
    item: ResultItem = {"id": "", "from_name": from_name, "to_name": "", "type": item_type, "value": value}
    if score is not None:
        # Annotation Lab has the confidence inside the value, as a text; Label Studio has the score next to it.
        value["confidence"] = f"{score:.4f}"
        item["score"] = round(score, 4)
    return item

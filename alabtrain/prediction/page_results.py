"""Predictions on pages as result items: a box around the words of each entity, in percent and in pixels.

The fields are those of boxes in exports of Annotation Lab; Label Studio reads the same
(https://labelstud.io/tags/rectanglelabels), and counts the pages of a task by `item_index`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from alabtrain.documents.tagging import code_points
from alabtrain.labeling.config import Label
from alabtrain.pages.boxes import Box, union
from alabtrain.pages.text import PageText
from alabtrain.pages.words import OCR_TEXT, Word, raw_words, read_word, word_item
from alabtrain.trainers.model_type import NamedModel
from alabtrain.trainers.predictions import Found, ItemValue, ResultCounts, ResultItem


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page between the two passes: its words in reading order, its text, and its size in pixels (None: not known)."""

    number: int
    size: tuple[int, int] | None
    words: tuple[Word, ...]
    text: str
    spans: tuple[tuple[int, int], ...]

    def words_of(self, start: int, end: int) -> list[Word]:
        """Return the words within a span of the text (code points, end exclusive)."""
        inside = zip(self.words, self.spans, strict=True)
        return [word for word, (begin, stop) in inside if start <= begin and stop <= end]


def keep_page(number: int, size: tuple[int, int] | None, text: PageText | None) -> list[Any]:
    """Return a page as JSON, for `taken_up`."""
    if text is None:
        return [number, size, [], "", []]
    return [number, size, [[word.text, *astuple(word.box)] for word in text.words], text.text, text.spans]


def taken_up(row: Sequence[Any]) -> KeptPage:
    """Return the page from the JSON of `keep_page`."""
    number, size, words, text, spans = row
    known = tuple(Word(word, Box(*sides)) for word, *sides in words)
    return KeptPage(number, tuple(size) if size else None, known, text, tuple((begin, end) for begin, end in spans))


def page_items(
    models: Sequence[NamedModel],
    pages: Sequence[KeptPage],
    found: Iterator[Sequence[Sequence[Found]]],
    account: ResultCounts,
) -> list[ResultItem]:
    """Return the predictions for the pages of a task as result items: boxes around the words of each entity.

    `found` yields the next row for each page that has words. Labels that the config does not have for their model are
    left out and counted.
    """
    items: list[ResultItem] = []
    for page in pages:
        if page.words:
            for model, found_items in zip(models, next(found), strict=True):
                items += _items(model, page, found_items, account, several=len(pages) > 1)
    return items


def _items(
    model: NamedModel, page: KeptPage, found_items: Sequence[Found], account: ResultCounts, *, several: bool
) -> list[ResultItem]:
    offsets = code_points(page.text, [one.begin for one in found_items], [one.end for one in found_items])
    labels = {label.name: label for label in model.labels}
    items = []
    for (start, end), one in zip(offsets, found_items, strict=True):
        words = page.words_of(start, end)
        label = labels.get(one.label)
        if label is None:
            account.dropped[model.name, one.label] += 1
        elif words and page.size is not None:
            account.written[one.label] += 1
            items.append(_item(label, one, words, page, page.size, several))
    return items


def with_words(task: Mapping[str, Any], pages: Sequence[KeptPage]) -> dict[str, Any]:
    """Return a task with the words that OCR found, for each page that had none."""
    data = task.get("data")
    data = data if isinstance(data, Mapping) else {}
    known = raw_words(data)
    own = [known[number] if number < len(known) else [] for number in range(len(pages))]
    filled = [
        words if _has_words(words) else [word_item(word) for word in page.words]
        for words, page in zip(own, pages, strict=True)
    ]
    return dict(task) if filled == known else {**task, "data": {**data, OCR_TEXT: filled}}


def _has_words(raw: Any) -> bool:
    return isinstance(raw, list) and any(read_word(item) is not None for item in raw)


def _item(
    label: Label, one: Found, words: Sequence[Word], page: KeptPage, size: tuple[int, int], several: bool
) -> ResultItem:
    item: ResultItem = {
        "id": "", "from_name": label.group, "to_name": label.to_name, "type": "rectanglelabels",
        "original_width": size[0], "original_height": size[1], "image_rotation": 0, "pageNumber": page.number,
    }  # fmt: skip
    if several:
        item["item_index"] = page.number - 1  # Label Studio counts pages so
    item["tokens"] = [word_item(word) for word in words]
    item["value"] = _value(one.label, words, size)
    if one.score is not None:
        # Annotation Lab has the confidence inside the value, Label Studio the score next to it.
        item["value"]["confidence"] = f"{one.score:.4f}"
        item["score"] = round(one.score, 4)
    return item


def _value(label: str, words: Sequence[Word], size: tuple[int, int]) -> ItemValue:
    """Return the box around words in percent and in whole pixels (at least one wide and high), with its text."""
    box = union(word.box for word in words)
    across, down = box.right - box.left, box.bottom - box.top
    return {
        "x": box.left * 100 / size[0],
        "y": box.top * 100 / size[1],
        "width": across * 100 / size[0],
        "height": down * 100 / size[1],
        "rotation": 0,
        "x_px": max(0, round(box.left)),
        "y_px": max(0, round(box.top)),
        "width_px": max(1, round(across)),
        "height_px": max(1, round(down)),
        "rectanglelabels": [label],
        "text": [" ".join(word.text for word in words)],
    }

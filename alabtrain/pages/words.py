"""The words of a task's pages, as OCR wrote them to `data.ocr_text`: a list of words per page, with boxes in pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alabtrain.core.findings import Tally
from alabtrain.core.json import Json, JsonObject, as_float
from alabtrain.pages.boxes import Box, make_box
from alabtrain.pages.ruling_lines import Rules
from alabtrain.project.records import Task

OCR_TEXT = "ocr_text"
MOST_PAGES = 10_000  # of a task; more pages are no genuine document
BROKEN_WORD = "broken_word"


@dataclass(frozen=True, slots=True)
class Word:
    """A word on a page: its text, which may be part of a patient's document, and its box."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a task: `number` from 1, `image` the path of its image in the export, or its URL.

    `size` is the width and height of the image in pixels, and `rules` are its ruling lines; both are None until the
    image was read.
    """

    number: int
    image: str | None
    words: tuple[Word, ...] = ()
    size: tuple[int, int] | None = None
    rules: Rules | None = None


def read_pages(task: Task, image_key: str, *, tally: Tally | None = None) -> list[Page]:
    """Return the pages of a task: as many as it has images or lists of words, whichever are more.

    A word without a text or a box is skipped and counted in `tally` (code: broken_word).
    """
    tally = Tally() if tally is None else tally
    images, words = _raw_pages(task, image_key)
    count = min(max(len(images), len(words)), MOST_PAGES)
    return [
        Page(
            number + 1,
            images[number] if number < len(images) else None,
            _words(words[number] if number < len(words) else (), f"task {task.id}, page {number + 1}", tally),
        )
        for number in range(count)
    ]


def has_pages(task: Task, image_key: str) -> bool:
    """Whether a task has any page; its words are not read."""
    return any(_raw_pages(task, image_key))


def _raw_pages(task: Task, image_key: str) -> tuple[list[str | None], list[Json]]:
    """Return the raw images of a task and its raw lists of words, one per page."""
    return _listed(task.data.get(image_key)), raw_words(task.data)


def raw_words(data: JsonObject) -> list[Json]:
    """Return the raw lists of words in a task's data, one per page."""
    texts = data.get(OCR_TEXT)
    words = texts if isinstance(texts, list) else []
    # A single page may lack the list around it.
    return [words] if words and all(isinstance(word, Mapping) for word in words) else words


def read_word(raw: Json) -> Word | None:
    """Return a word of `ocr_text`, or of a region's `tokens`; None if it is not a valid word."""
    fields = raw if isinstance(raw, Mapping) else {}
    text = fields.get("text")
    if not isinstance(text, str) or not text.strip():
        return None
    try:
        numbers = [as_float(fields.get(key) or 0) for key in ("x", "y", "width", "height", "rotation")]
        return Word(text, make_box(*numbers))
    except (TypeError, ValueError):
        return None


def word_item(word: Word) -> dict[str, Json]:
    """Return a word in the form of `ocr_text` and of the `tokens` of a region."""
    box = word.box
    sides = {"x": box.left, "y": box.top, "width": box.right - box.left, "height": box.bottom - box.top}
    least = {"width": 1, "height": 1}  # a box smaller than a pixel still exists
    rounded = {name: max(least.get(name, 0), round(side)) for name, side in sides.items()}
    return {**rounded, "rotation": 0, "text": word.text}


def _words(raw: Json, location: str, tally: Tally) -> tuple[Word, ...]:
    found = []
    for item in raw if isinstance(raw, list) else ():
        word = read_word(item)
        if word is None:
            tally.add(BROKEN_WORD, location)
        else:
            found.append(word)
    return tuple(found)


def _listed(images: Json) -> list[str | None]:
    if isinstance(images, str):
        return [images]
    return [image if isinstance(image, str) else None for image in images] if isinstance(images, list) else []

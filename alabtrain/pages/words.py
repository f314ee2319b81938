"""The words of a task's pages, as an OCR left them in `data.ocr_text`: a list of words a page, with boxes in pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alabtrain.core.findings import Tally
from alabtrain.pages.boxes import Box, make_box
from alabtrain.pages.ruling_lines import Rules
from alabtrain.project.records import Task

OCR_TEXT = "ocr_text"
MOST_PAGES = 10_000  # of a task; more are no document
BROKEN_WORD = "broken_word"


@dataclass(frozen=True, slots=True)
class Word:
    """A word on a page: its text, which may be part of a patient's document, and its box."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a task: `number` from 1, `image` where its picture is (a path in the export, or an address).

    `size` is that of the picture, width and height in pixels, and `rules` are the lines that are ruled on it; both are
    None until it was looked at.
    """

    number: int
    image: str | None
    words: tuple[Word, ...] = ()
    size: tuple[int, int] | None = None
    rules: Rules | None = None


def read_pages(task: Task, image_key: str, *, tally: Tally | None = None) -> list[Page]:
    """Return the pages of a task: as many as it has images, or lists of words.

    A word without a text or a box is passed over and counted in `tally` (code: broken_word).
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
    """Whether a task has a page, without reading its words."""
    return any(_raw_pages(task, image_key))


def _raw_pages(task: Task, image_key: str) -> tuple[list[str | None], list[Any]]:
    """Return the images of a task and its lists of words, one for each page, as they stand."""
    return _listed(task.data.get(image_key)), raw_words(task.data)


def raw_words(data: Mapping[str, Any]) -> list[Any]:
    """Return what the data of a task has as words, one list for each page, as it stands."""
    texts = data.get(OCR_TEXT)
    words = texts if isinstance(texts, list) else []
    # One page may stand without a list around it.
    return [words] if words and all(isinstance(word, Mapping) for word in words) else words


def read_word(raw: Any) -> Word | None:
    """Return a word of `ocr_text`, or of a region's `tokens`; None where it is none."""
    text = raw.get("text") if isinstance(raw, Mapping) else None
    if not isinstance(text, str) or not text.strip():
        return None
    try:
        numbers = [float(raw.get(key) or 0) for key in ("x", "y", "width", "height", "rotation")]
        return Word(text, make_box(*numbers))
    except (TypeError, ValueError):
        return None


def word_item(word: Word) -> dict[str, Any]:
    """Return a word as `ocr_text` and the `tokens` of a region have it."""
    box = word.box
    sides = {"x": box.left, "y": box.top, "width": box.right - box.left, "height": box.bottom - box.top}
    least = {"width": 1, "height": 1}  # what was drawn smaller than a pixel is there nevertheless
    rounded = {name: max(least.get(name, 0), round(side)) for name, side in sides.items()}
    return {**rounded, "rotation": 0, "text": word.text}


def _words(raw: Any, place: str, tally: Tally) -> tuple[Word, ...]:
    found = []
    for item in raw if isinstance(raw, list) else ():
        word = read_word(item)
        if word is None:
            tally.add(BROKEN_WORD, place)
        else:
            found.append(word)
    return tuple(found)


def _listed(images: Any) -> list[str | None]:
    if isinstance(images, str):
        return [images]
    return [image if isinstance(image, str) else None for image in images] if isinstance(images, list) else []

"""Annotated boxes (`rectanglelabels`), aligned with the words of their page.

Annotation Lab writes percent, pixels and the words under the box (`tokens`); Label Studio writes percent and,
separately, a `textarea` item of the same id with the transcript (https://labelstud.io/tags/rectanglelabels).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from alabtrain.annotations.spans import Incident
from alabtrain.core.findings import Finding, Tally
from alabtrain.core.json import JsonObject, as_float
from alabtrain.pages.boxes import Box, make_box, union
from alabtrain.pages.findings import word_findings
from alabtrain.pages.words import Page, Word, read_word

BOXES, TRANSCRIPT = "rectanglelabels", "textarea"
COVERED = 0.5  # of a word, by a box that it belongs to
NEAR = 2.0  # pixels between a region's own token and the page's word that it is

LOSSES = {
    "box_without_label": "[box|boxes] without a label",
    "unknown_box_label": "[box|boxes] with a label that the config does not have",
    "broken_box": "[box|boxes] without a valid rectangle",
    "no_page": "[box|boxes] on a page that the task does not have",
    "no_words": "[box|boxes] with no word under [it|them]",
    "words_taken": "[box|boxes] whose words all lie in smaller boxes",
}
NOTES = {
    "outside_page": "[box reaches|boxes reach] beyond the page",
    "shared_words": "[box has|boxes have] words that also lie in a smaller box, which keeps them",
    "other_tokens": "[box has|boxes have] tokens that are not words of the page: the words under [it|them] are used",
}

HINTS = {
    "no_words": "run OCR on the pages in the tool, or draw the boxes around words",
    "words_taken": "a word can have only one label: shorten or remove one of the boxes",
}


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """A box with one label on a page; `words` are the indices of its words on the page, in order.

    `item` is the index of its result item.
    """

    region_id: str
    label: str
    page: int
    box: Box
    words: tuple[int, ...]
    item: int = field(default=-1, compare=False)


@dataclass(slots=True)
class BoxReading:
    """The boxes of a completion: `entered == len(boxes) + len(lost)`; `noted` boxes were kept.

    `pages` are the given pages; a page without words may have got those of its boxes.
    """

    entered: int = 0
    boxes: list[LabelledBox] = field(default_factory=list)
    lost: list[Incident] = field(default_factory=list)
    noted: list[Incident] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A box as drawn: `size` is the page's width and height in pixels, if known; `tokens` are its own words.

    They are `guessed` if only a transcript gives the text of the box.
    """

    region_id: str
    label: str
    page: int
    box: Box
    size: tuple[float, float] | None
    tokens: tuple[Word, ...]
    guessed: bool
    item: int


def read_boxes(
    result: Sequence[JsonObject],
    pages: Sequence[Page],
    labels: Collection[str] | None,
    *,
    unread: bool = False,
) -> BoxReading:
    """Align the boxes of a completion's result with the words of its pages; lost boxes are counted by code.

    A box has the words that match its own tokens by text and position; if a token matches no word, also those that
    the box covers at least half of. A word in two boxes belongs to the smaller one. `labels` are those of the config
    (None: use all). With `unread`, pages without words are assumed to be read later: they get the words of their
    boxes, and their boxes are kept even without words.
    """
    reading = BoxReading(pages=list(pages))
    drawn = [
        box
        for index, item in enumerate(result)
        if item.get("type") == BOXES
        for box in _drawn(item, index, result, labels, reading)
    ]
    wordless = {page.number for page in pages if not page.words} if unread else set()
    reading.pages = [_with_words(page, drawn) for page in pages] if unread else list(pages)
    by_number = {page.number: page for page in reading.pages}
    taken: set[tuple[int, int]] = set()
    # The smallest first: the inner box is the more specific one.
    for one in sorted(drawn, key=lambda one: (one.box.area, one.page, one.box.top, one.box.left, one.region_id)):
        page = by_number.get(one.page)
        code = "no_page" if page is None else _outcome(one, page, taken, reading)
        if code == "no_words" and one.page in wordless:
            reading.boxes.append(LabelledBox(one.region_id, one.label, one.page, one.box, (), one.item))
            continue
        if code:
            reading.lost.append(Incident(code, one.region_id, one.label, one.item))
    reading.boxes.sort(key=lambda box: (box.page, box.words, box.label, box.region_id))
    return reading


def _outcome(one: _Drawn, page: Page, taken: set[tuple[int, int]], reading: BoxReading) -> str:
    """Keep a box with its words, or return why it is lost."""
    if one.size is not None and _reaches_out(one.box, *one.size):
        reading.noted.append(Incident("outside_page", one.region_id, one.label, one.item))
    under, whole = _words_of(one, page)
    if not under:
        return "no_words"
    if not whole:
        reading.noted.append(Incident("other_tokens", one.region_id, one.label, one.item))
    free = [index for index in under if (page.number, index) not in taken]
    if len(free) < len(under):
        if not free:
            return "words_taken"
        reading.noted.append(Incident("shared_words", one.region_id, one.label, one.item))
    taken.update((page.number, index) for index in free)
    reading.boxes.append(LabelledBox(one.region_id, one.label, page.number, one.box, tuple(free), one.item))
    return ""


def _words_of(one: _Drawn, page: Page) -> tuple[list[int], bool]:
    """Return the indices of a box's words, and whether all its tokens, if it has any, are words of the page."""
    tokens = () if one.guessed else one.tokens
    own = {index: token for index, word in enumerate(page.words) for token in tokens if _is_same(token, word)}
    whole = len(set(own.values())) == len(set(tokens))
    covered = {index for index, word in enumerate(page.words) if word.box.covered_by(one.box) >= COVERED}
    return sorted(own if own and whole else own.keys() | covered), whole


def _is_same(token: Word, word: Word) -> bool:
    return token.text == word.text and token.box.is_near(word.box, NEAR)


def _drawn(
    item: JsonObject,
    index: int,
    result: Sequence[JsonObject],
    labels: Collection[str] | None,
    reading: BoxReading,
) -> Iterable[_Drawn]:
    """Yield the boxes of a result item, one for each of its labels."""
    region_id = str(item.get("id") or "")
    value = item.get("value")
    value = value if isinstance(value, Mapping) else {}
    own = value.get(BOXES)
    names = [name for name in own if isinstance(name, str)] if isinstance(own, list) else []
    reading.entered += max(1, len(names))
    if not names:
        reading.lost.append(Incident("box_without_label", region_id, "", index))
        return
    size = _size(item)
    try:
        box = _box(value, size)
    except (TypeError, ValueError):
        reading.lost += [Incident("broken_box", region_id, name, index) for name in names]
        return
    tokens = item.get("tokens")
    words = [word for raw in (tokens if isinstance(tokens, list) else ()) if (word := read_word(raw)) is not None]
    guessed = not words
    words = words or _written(_transcript(value, region_id, result), box)
    page = _page_number(item)
    for name in names:
        if labels is not None and name not in labels:
            reading.lost.append(Incident("unknown_box_label", region_id, name, index))
        else:
            yield _Drawn(region_id, name, page, box, size, tuple(words), guessed, index)


def _page_number(item: JsonObject) -> int:
    """Return the page of a box: Annotation Lab counts from 1 (`pageNumber`), Label Studio from 0 (`item_index`)."""
    number, index = item.get("pageNumber"), item.get("item_index")
    if isinstance(number, int):
        return number
    return index + 1 if isinstance(index, int) else 1


def _size(item: JsonObject) -> tuple[float, float] | None:
    width, height = item.get("original_width"), item.get("original_height")
    if isinstance(width, (int, float)) and isinstance(height, (int, float)) and width > 0 and height > 0:
        return float(width), float(height)
    return None


def _box(value: JsonObject, size: tuple[float, float] | None) -> Box:
    """Return the box in pixels: as stored, else from percent and the page's size. Raises `ValueError`."""
    rotation = as_float(value.get("rotation") or 0)
    names = ("x", "y", "width", "height")
    if all(isinstance(value.get(f"{name}_px"), (int, float)) for name in names):
        x, y, width, height = (as_float(value[f"{name}_px"]) for name in names)
        return make_box(x, y, width, height, rotation)
    if size is None:
        raise ValueError("percent of an unknown size")
    x, y, width, height = (as_float(value.get(name, "nan")) for name in names)
    across, down = size[0] / 100, size[1] / 100
    return make_box(x * across, y * down, width * across, height * down, rotation)


def _transcript(value: JsonObject, region_id: str, result: Sequence[JsonObject]) -> str:
    """Return the transcript of a box: its own text, else that of a text area with the same id."""
    texts = [value.get("text")]
    beside = (item.get("value") for item in result if item.get("type") == TRANSCRIPT and item.get("id") == region_id)
    texts += [own.get("text") for own in beside if isinstance(own, Mapping)]
    lines = [line for text in texts for line in (text if isinstance(text, list) else [text]) if isinstance(line, str)]
    return next((line for line in lines if line.strip()), "")


def _written(text: str, box: Box) -> list[Word]:
    """Return the words of a text in a box, side by side, each as wide as its share of the characters."""
    words = text.split()
    total = sum(map(len, words)) + max(0, len(words) - 1)
    width = (box.right - box.left) / total if total else 0.0
    found, left = [], box.left
    for word in words:
        right = left + width * len(word)
        found.append(Word(word, Box(left, box.top, right, box.bottom)))
        left = right + width
    return found


def _with_words(page: Page, drawn: Sequence[_Drawn]) -> Page:
    """Return the page with the words of its boxes if it has no words itself."""
    if page.words:
        return page
    brought = dict.fromkeys(word for one in drawn if one.page == page.number for word in one.tokens)
    return replace(page, words=tuple(brought))


def _reaches_out(box: Box, width: float, height: float) -> bool:
    page = union([Box(0, 0, width, height), box])
    return page.right > width + NEAR or page.bottom > height + NEAR or page.left < -NEAR or page.top < -NEAR


def box_findings(tally: Tally) -> list[Finding]:
    """Report boxes that are lost, boxes that are usable but have a problem, and broken words."""
    found = [
        tally.finding(code, "warning", f"not usable: {{count}} {text}", HINTS.get(code, ""))
        for code, text in LOSSES.items()
    ]
    found += [tally.finding(code, "info", f"{{count}} {text}") for code, text in NOTES.items()]
    return [*(finding for finding in found if finding is not None), *word_findings(tally)]

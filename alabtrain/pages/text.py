"""The text of a page for a tagger: its words in reading order, separated by spaces, one window per line.

A window is what the tagger sees as a sentence: as much of a page as fits, split between two blocks.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from alabtrain.pages.options import WINDOW
from alabtrain.pages.sheet import Sheet, lay_out
from alabtrain.pages.words import Page, Word

MARKS = frozenset("\u2554\u255e\u255f\u2564\u2565\u2566") | {chr(code) for code in range(0xF050, 0xF058)}
UNREADABLE = "\u00b7"
INNER_BLANK = "\u00a0"  # replaces spaces within a word, which must stay one token


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of a page with at least one word; `words` are in reading order.

    `order` are their indices among the words of the page, `spans` their offsets in the text (code points, end
    exclusive).
    """

    number: int
    image: str | None
    sheet: Sheet
    order: tuple[int, ...]
    words: tuple[Word, ...]
    text: str
    spans: tuple[tuple[int, int], ...]


def page_text(page: Page, window: int = WINDOW) -> PageText | None:
    """Return the text of a page; None if it has no words. `window` is the maximum number of words in a line."""
    if not page.words:
        return None
    sheet = lay_out(page.words, page.rules)
    read = sheet.arrangement.read_blocks()
    order = tuple(index for block in read for index in block)
    last = _ends(list(map(len, read)), window)
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    length = 0
    for number, index in enumerate(order):
        text = plain_word(page.words[index].text)
        spans.append((length, length + len(text)))
        pieces += [text, "\n" if number in last else " "]
        length += len(text) + 1
    words = tuple(page.words[index] for index in order)
    return PageText(page.number, page.image, sheet, order, words, "".join(pieces)[:-1], tuple(spans))


def plain_word(text: str) -> str:
    """Return a word as one token: inner spaces and characters with a special meaning in Spark NLP are replaced.

    Its sentence detector replaces some box-drawing characters by full stops and question marks, and Java trims
    control characters; either would shift the offsets of all following words.
    """
    joined = INNER_BLANK.join(text.split()) or UNREADABLE
    return "".join(UNREADABLE if char in MARKS or unicodedata.category(char) == "Cc" else char for char in joined)


def _ends(blocks: Sequence[int], window: int) -> set[int]:
    """Return the numbers of the words that end a window: windows are whole blocks and about equal in size."""
    pieces = [size for words in blocks for size in _cut(words, window)]
    total = sum(pieces)
    usual = total / -(-total // window)
    ends: set[int] = set()
    held = done = 0
    for words in pieces:
        if held and (held + words > window or held + words / 2 > usual):
            ends.add(done - 1)
            held = 0
        held += words
        done += words
    return ends


def _cut(words: int, most: int) -> list[int]:
    """Return the sizes of as few parts as possible, about equal and at most `most`."""
    count = -(-words // most)
    return [words // count + (number < words % count) for number in range(count)]

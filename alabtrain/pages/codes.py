"""Hashed lexical features of a word on a page: of the word itself and of its neighbours, for a CRF.

A code is 24 bits of a CRC-32, which a float holds exactly, or 0 if there is no word. So models contain no words of
their pages as text; but guessed words can be verified, as with every hash without a key.
"""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from alabtrain.pages.sheet import SIDES
from alabtrain.pages.text import PageText

STEPS = (-2, -1, 1, 2)  # in reading order
AFFIX = 3  # characters
BITS = 0xFFFFFF
NOTHING = 0

NAMES = (
    "word", "shape", "prefix", "suffix",
    *(f"{part}{step:+d}" for step in STEPS for part in ("word", "shape")),
    *(f"{side}_{end}" for side in SIDES for end in ("first", "last")),
)  # fmt: skip
"""The names of a word's codes, in their order."""


def word_codes(text: PageText) -> list[list[int]]:
    """Return the codes of the words of a page, shape (words, `NAMES`), in reading order."""
    words = [word.text for word in text.words]
    positions = text.sheet.positions()
    found = []
    for number, index in enumerate(text.order):
        values = list(_of_word(words[number]))
        for step in STEPS:
            near = number + step
            other = words[near] if 0 <= near < len(words) else ""
            values += [other.lower(), word_shape(other)]
        for side in SIDES:
            segment = getattr(positions[index].segment, side)
            values += [None, None] if segment is None else [segment.words[end].text.lower() for end in (0, -1)]
        found.append([code(name, value) for name, value in zip(NAMES, values, strict=True)])
    return found


def code(name: str, value: str | None) -> int:
    """Return the code of a value of one of `NAMES`; `NOTHING` for None."""
    if value is None:
        return NOTHING
    return crc32(f"{name}={value}".encode("utf-8", "surrogatepass")) & BITS or 1


def word_shape(word: str) -> str:
    """Return a word with its letters as X and x, its digits as d, and runs of one character class as one character."""
    classes = ["X" if c.isupper() else "x" if c.islower() else "d" if c.isdigit() else c for c in word]
    return "".join(char for index, char in enumerate(classes) if index == 0 or char != classes[index - 1])


def _of_word(word: str) -> Iterator[str | None]:
    lower = word.lower()
    yield from (lower, word_shape(word), lower[:AFFIX], lower[-AFFIX:])

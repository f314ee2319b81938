"""The words at and around a place on a page, as codes that a CRF weighs each by itself.

A code is 24 bits of a CRC-32, which a float holds exactly, and 0 where there is nothing. So models keep no word of
their pages in clear; but a guessed one can be tried, as with every hash without a key.
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
    *(f"{kind}{step:+d}" for step in STEPS for kind in ("word", "shape")),
    *(f"{side}_{end}" for side in SIDES for end in ("first", "last")),
)  # fmt: skip
"""What the codes of a word are of, in their order."""


def word_codes(text: PageText) -> list[list[int]]:
    """Return the codes of the words of a page, in reading order: for each of `NAMES` one."""
    words = [word.text for word in text.words]
    places = text.sheet.places()
    found = []
    for number, place in enumerate(text.order):
        told = list(_of_word(words[number]))
        for step in STEPS:
            near = number + step
            other = words[near] if 0 <= near < len(words) else ""
            told += [other.lower(), word_shape(other)]
        for side in SIDES:
            segment = getattr(places[place].segment, side)
            told += [None, None] if segment is None else [segment.words[end].text.lower() for end in (0, -1)]
        found.append([code(name, value) for name, value in zip(NAMES, told, strict=True)])
    return found


def code(name: str, value: str | None) -> int:
    """Return the code of a value of one of `NAMES`; `NOTHING` for None."""
    if value is None:
        return NOTHING
    return crc32(f"{name}={value}".encode("utf-8", "surrogatepass")) & BITS or 1


def word_shape(word: str) -> str:
    """Return a word with its letters as X and x, its digits as d, and runs of one kind as one character."""
    kinds = ["X" if c.isupper() else "x" if c.islower() else "d" if c.isdigit() else c for c in word]
    return "".join(kind for number, kind in enumerate(kinds) if number == 0 or kind != kinds[number - 1])


def _of_word(word: str) -> Iterator[str | None]:
    lower = word.lower()
    yield from (lower, word_shape(word), lower[:AFFIX], lower[-AFFIX:])

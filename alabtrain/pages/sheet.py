"""The segments of a page and what lies around each: the surroundings that a word is told by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from alabtrain.pages.boxes import Box, Boxes, boxes_of, union
from alabtrain.pages.order import Arrangement, arrange
from alabtrain.pages.ruling_lines import Rules
from alabtrain.pages.words import Word

if TYPE_CHECKING:
    from alabtrain.pages.boxes import Numbers

SIDES = ("left", "right", "above", "below")
"""Where a segment may have a neighbour: each is a field of it."""
LEAST_HEIGHT = 1e-3  # pixels: a box may be flat


@dataclass(slots=True, eq=False)
class Segment:
    """Words of a line with little between them, and the segments around them (None: there is none)."""

    number: int
    words: list[Word]
    box: Box
    left: Segment | None = None
    right: Segment | None = None
    above: Segment | None = None
    below: Segment | None = None

    @property
    def text(self) -> str:
        """The words with blanks between them."""
        return " ".join(word.text for word in self.words)

    @property
    def height(self) -> float:
        """How high it is, in pixels."""
        return max(LEAST_HEIGHT, self.box.bottom - self.box.top)


@dataclass(frozen=True, slots=True)
class Place:
    """A word where it stands: the one at `number` in its segment."""

    sheet: Sheet
    segment: Segment
    number: int

    @property
    def word(self) -> Word:
        """The word."""
        return self.segment.words[self.number]


@dataclass(frozen=True)
class Sheet:
    """The segments of a page, each with its neighbours, how they lie, and the ruling lines (None: not known)."""

    segments: list[Segment]
    arrangement: Arrangement
    rules: Rules | None = None

    @cached_property
    def boxes(self) -> Boxes:
        """The boxes of the segments."""
        return boxes_of(segment.box for segment in self.segments)

    @cached_property
    def area(self) -> Box:
        """The smallest box that holds all words."""
        return union(segment.box for segment in self.segments)

    @cached_property
    def height(self) -> float:
        """The usual height of a word, in pixels."""
        return usual_height(word for segment in self.segments for word in segment.words)

    @cached_property
    def block_of(self) -> dict[int, list[int]]:
        """The block that each segment is in."""
        return {number: block for block in self.arrangement.blocks for number in block}

    @cached_property
    def row_of(self) -> dict[int, list[int]]:
        """The row that each segment is in."""
        return {number: row for row in self.arrangement.rows for number in row}

    def aligned(self, segment: Segment, near: float) -> int:
        """Return how many segments begin no more than `near` pixels to the side of where one does; it counts too."""
        return int((abs(self.boxes.left - segment.box.left) <= near).sum())

    def places(self) -> list[Place]:
        """Return where each word stands, in the order in which the words were given."""
        by_word = {
            word: Place(self, self.segments[segment], number)
            for segment, words in enumerate(self.arrangement.segments)
            for number, word in enumerate(words)
        }
        return [by_word[word] for word in sorted(by_word)]


def usual_height(words: Iterable[Word]) -> float:
    """Return the usual height of words, in pixels."""
    return max(LEAST_HEIGHT, median(word.box.bottom - word.box.top for word in words))


def lay_out(words: Sequence[Word], rules: Rules | None = None) -> Sheet:
    """Find the segments of a page and their neighbours. There must be a word."""
    lies = arrange(words)
    segments = [
        Segment(number, [words[place] for place in places], line)
        for number, (places, line) in enumerate(zip(lies.segments, lies.lines, strict=True))
    ]
    for row in lies.rows:
        for one, other in pairwise(row):
            segments[one].right, segments[other].left = segments[other], segments[one]
    sheet = Sheet(segments, lies, rules)
    for segment in segments:
        segment.above = _nearest(sheet, segment, segment.box.top - sheet.boxes.bottom)
        segment.below = _nearest(sheet, segment, sheet.boxes.top - segment.box.bottom)
    return sheet


def _nearest(sheet: Sheet, one: Segment, gaps: Numbers) -> Segment | None:
    """Return the segment with the least gap to one, above or below it, that shares some of its width."""
    import numpy as np

    others = sheet.boxes
    beside = np.minimum(one.box.right, others.right) - np.maximum(one.box.left, others.left)
    near = (beside > 0) & (gaps >= -0.5 * one.height)
    near[one.number] = False
    if not near.any():
        return None
    places = np.flatnonzero(near & (gaps == gaps[near].min()))
    return sheet.segments[int(places[beside[places].argmax()])]

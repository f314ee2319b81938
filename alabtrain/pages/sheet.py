"""The segments of a page with their neighbours: the surroundings of each word."""

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
"""The sides on which a segment may have a neighbour; each is a field of `Segment`."""
LEAST_HEIGHT = 1e-3  # pixels: a box may be flat


@dataclass(slots=True, eq=False)
class Segment:
    """Words close to each other on a line, and the neighbouring segments (None: there is none)."""

    number: int
    words: list[Word]
    box: Box
    left: Segment | None = None
    right: Segment | None = None
    above: Segment | None = None
    below: Segment | None = None

    @property
    def text(self) -> str:
        """The words, joined by spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def height(self) -> float:
        """The height in pixels."""
        return max(LEAST_HEIGHT, self.box.bottom - self.box.top)


@dataclass(frozen=True, slots=True)
class WordPosition:
    """The position of a word: index `number` in its segment."""

    sheet: Sheet
    segment: Segment
    number: int

    @property
    def word(self) -> Word:
        """The word."""
        return self.segment.words[self.number]


@dataclass(frozen=True)
class Sheet:
    """The segments of a page with their neighbours, their arrangement, and the ruling lines (None: not known)."""

    segments: list[Segment]
    arrangement: Arrangement
    rules: Rules | None = None

    @cached_property
    def boxes(self) -> Boxes:
        """The boxes of the segments."""
        return boxes_of(segment.box for segment in self.segments)

    @cached_property
    def area(self) -> Box:
        """The smallest box that contains all words."""
        return union(segment.box for segment in self.segments)

    @cached_property
    def height(self) -> float:
        """The usual height of a word, in pixels."""
        return usual_height(word for segment in self.segments for word in segment.words)

    @cached_property
    def block_of(self) -> dict[int, list[int]]:
        """The block of each segment, by segment number."""
        return {number: block for block in self.arrangement.blocks for number in block}

    @cached_property
    def row_of(self) -> dict[int, list[int]]:
        """The row of each segment, by segment number."""
        return {number: row for row in self.arrangement.rows for number in row}

    def aligned(self, segment: Segment, near: float) -> int:
        """Return how many segments, including this one, have their left edge within `near` pixels of its left edge."""
        return int((abs(self.boxes.left - segment.box.left) <= near).sum())

    def positions(self) -> list[WordPosition]:
        """Return the position of each word, in the given order of the words."""
        by_word = {
            word: WordPosition(self, self.segments[segment], number)
            for segment, words in enumerate(self.arrangement.segments)
            for number, word in enumerate(words)
        }
        return [by_word[word] for word in sorted(by_word)]


def usual_height(words: Iterable[Word]) -> float:
    """Return the median height of words, in pixels."""
    return max(LEAST_HEIGHT, median(word.box.bottom - word.box.top for word in words))


def lay_out(words: Sequence[Word], rules: Rules | None = None) -> Sheet:
    """Return the segments of a page and their neighbours. There must be at least one word."""
    lies = arrange(words)
    segments = [
        Segment(number, [words[index] for index in indices], line)
        for number, (indices, line) in enumerate(zip(lies.segments, lies.lines, strict=True))
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
    """Return the nearest segment above or below (by `gaps`) that overlaps `one` horizontally."""
    import numpy as np

    others = sheet.boxes
    beside = np.minimum(one.box.right, others.right) - np.maximum(one.box.left, others.left)
    near = (beside > 0) & (gaps >= -0.5 * one.height)
    near[one.number] = False
    if not near.any():
        return None
    indices = np.flatnonzero(near & (gaps == gaps[near].min()))
    return sheet.segments[int(indices[beside[indices].argmax()])]

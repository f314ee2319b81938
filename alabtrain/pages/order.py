"""The order in which the words of a page are read, found from their boxes alone.

An order that comes with an annotation knows where its regions are, and a model that is trained on it would miss that
on new pages; so none is taken over. Words with little between them are a segment; segments of one kind close below each
other, aligned, are a block (an address, the two lines of a caption), so that what belongs together is read together
where columns stand side by side. Blocks are read by the row that they begin in, from left to right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from alabtrain.pages.boxes import Box, Boxes, boxes_of, union
from alabtrain.pages.words import Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# All in heights of a line; chosen on the training forms of FUNSD by how many regions they tear apart.
WIDEST_BLANK = 1.0  # between two words of a segment
WIDEST_LEADING = 0.6  # between two lines of a block
ALIGNED = 1.0  # left edges, or middles, of the lines of a block
TALLEST = 2.0  # of the taller to the smaller of two lines of a block
SAME_ROW = 0.5
ENDS_A_BLOCK = ":"  # what follows a caption is not its second line


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How the words of a page lie.

    `segments` are places of words from left to right, with little between them; `lines` the box of each segment. Of
    places of segments are `blocks` (those that go on below each other) and `rows` (from top to bottom, each from left
    to right).
    """

    segments: list[list[int]]
    lines: list[Box]
    blocks: list[list[int]]
    rows: list[list[int]]

    def read_blocks(self) -> list[list[int]]:
        """Return the places of the words of each block, in the order in which to read them; each word once."""
        first = {block[0]: block for block in self.blocks}
        read = [first[segment] for row in self.rows for segment in row if segment in first]
        return [[place for line in block for place in self.segments[line]] for block in read]


def arrange(words: Sequence[Word]) -> Arrangement:
    """Find out how the words of a page lie."""
    boxes = [word.box for word in words]
    segments = _chained(_next_words(boxes), len(words), lambda a, b: boxes[b].left - boxes[a].right)
    lines = [union(boxes[place] for place in segment) for segment in segments]
    ends = [words[segment[-1]].text.endswith(ENDS_A_BLOCK) for segment in segments]
    blocks = _chained(_next_lines(lines, ends), len(lines), lambda a, b: lines[b].top - lines[a].bottom)
    return Arrangement(segments, lines, blocks, _rows(lines))


def reading_order(words: Sequence[Word]) -> list[int]:
    """Return the places of the words in the order in which to read them; each once."""
    return [place for block in arrange(words).read_blocks() for place in block]


def _next_words(words: Sequence[Box]) -> dict[int, int]:
    """Return for each word the nearest one to its right on the same line, where little is between them."""
    import numpy as np

    found: dict[int, int] = {}
    others = boxes_of(words)
    for a, one in enumerate(words):
        height = _height(one)
        common = np.minimum(one.bottom, others.bottom) - np.maximum(one.top, others.top)
        beside = (
            (others.left > one.left)
            & (np.maximum(0.0, common) / np.minimum(height, others.height) >= SAME_ROW)
            & (others.left - one.right <= WIDEST_BLANK * np.maximum(height, others.height))
        )
        if beside.any():
            found[a] = int(np.where(beside, others.left, np.inf).argmin())
    return found


def _next_lines(lines: Sequence[Box], ends: Sequence[bool]) -> dict[int, int]:
    """Return for each line the nearest one below it that goes on with it."""
    import numpy as np

    found: dict[int, int] = {}
    others = boxes_of(lines)
    for a, one in enumerate(lines):
        below = _goes_on(one, others)
        if not ends[a] and below.any():
            found[a] = int(np.where(below, others.top, np.inf).argmin())
    return found


def _goes_on(one: Box, below: Boxes) -> NDArray[np.bool_]:
    """Return which of many lines go on with one."""
    import numpy as np

    small, tall = np.minimum(_height(one), below.height), np.maximum(_height(one), below.height)
    blank = below.top - one.bottom
    edges = np.abs(one.left - below.left)
    middles = np.abs((one.left + one.right) - (below.left + below.right)) / 2
    found: NDArray[np.bool_] = (
        (below.middle > _middle(one))
        & (tall <= TALLEST * small)
        & (-0.5 * small <= blank)
        & (blank <= WIDEST_LEADING * small)
        & (np.minimum(edges, middles) <= ALIGNED * small)
    )
    return found


def _chained(following: dict[int, int], count: int, distance: Callable[[int, int], float]) -> list[list[int]]:
    """Return chains of all numbers below `count`; where several go on to one, the nearest does."""
    before: dict[int, int] = {}
    for a, b in sorted(following.items(), key=lambda pair: (distance(*pair), pair)):
        before.setdefault(b, a)
    chains = []
    for number in range(count):
        if number in before:
            continue
        chain = [number]
        while (step := following.get(chain[-1])) is not None and before.get(step) == chain[-1]:
            chain.append(step)
        chains.append(chain)
    return chains


def _rows(lines: Sequence[Box]) -> list[list[int]]:
    """Return the places of lines in rows from top to bottom, each from left to right."""
    rows: list[list[int]] = []
    for number in sorted(range(len(lines)), key=lambda n: (_middle(lines[n]), lines[n].left, n)):
        if rows:
            middle = median(_middle(lines[n]) for n in rows[-1])
            height = median(_height(lines[n]) for n in rows[-1])
            if abs(_middle(lines[number]) - middle) < SAME_ROW * height:
                rows[-1].append(number)
                continue
        rows.append([number])
    return [sorted(row, key=lambda n: (lines[n].left, n)) for row in rows]


def _height(box: Box) -> float:
    return box.bottom - box.top


def _middle(box: Box) -> float:
    return (box.top + box.bottom) / 2

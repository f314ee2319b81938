"""The reading order of the words of a page, computed from their boxes alone.

The order of an annotation reveals its regions, and a model that is trained on it would miss that on new pages; so it
is not used. Words close to each other on a line form a segment; aligned segments of similar height, close below each
other, form a block (an address, the two lines of a caption), so that columns are read one after the other. Blocks are
read by the row that they begin in, from left to right.
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

# All in heights of a line; tuned on the training forms of FUNSD by how many regions they split.
WIDEST_BLANK = 1.0  # between two words of a segment
WIDEST_LEADING = 0.6  # between two lines of a block
ALIGNED = 1.0  # left edges, or middles, of the lines of a block
TALLEST = 2.0  # of the taller to the smaller of two lines of a block
SAME_ROW = 0.5
ENDS_A_BLOCK = ":"  # what follows a caption is not its second line


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The arrangement of the words of a page.

    `segments` are lists of word indices from left to right; `lines` are the boxes of the segments. `blocks` (segments
    that continue below each other) and `rows` (from top to bottom, each from left to right) are lists of segment
    indices.
    """

    segments: list[list[int]]
    lines: list[Box]
    blocks: list[list[int]]
    rows: list[list[int]]

    def read_blocks(self) -> list[list[int]]:
        """Return the word indices of each block in reading order; each word once."""
        first = {block[0]: block for block in self.blocks}
        read = [first[segment] for row in self.rows for segment in row if segment in first]
        return [[index for line in block for index in self.segments[line]] for block in read]


def arrange(words: Sequence[Word]) -> Arrangement:
    """Return the segments, blocks and rows of the words of a page."""
    boxes = [word.box for word in words]
    segments = _chained(_next_words(boxes), len(words), lambda a, b: boxes[b].left - boxes[a].right)
    lines = [union(boxes[index] for index in segment) for segment in segments]
    ends = [words[segment[-1]].text.endswith(ENDS_A_BLOCK) for segment in segments]
    blocks = _chained(_next_lines(lines, ends), len(lines), lambda a, b: lines[b].top - lines[a].bottom)
    return Arrangement(segments, lines, blocks, _rows(lines))


def reading_order(words: Sequence[Word]) -> list[int]:
    """Return the indices of the words in reading order; each once."""
    return [index for block in arrange(words).read_blocks() for index in block]


def _next_words(words: Sequence[Box]) -> dict[int, int]:
    """Return for each word the nearest one to its right on the same line, if the gap is small."""
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
    """Return for each line the nearest one below that continues it."""
    import numpy as np

    found: dict[int, int] = {}
    others = boxes_of(lines)
    for a, one in enumerate(lines):
        below = _goes_on(one, others)
        if not ends[a] and below.any():
            found[a] = int(np.where(below, others.top, np.inf).argmin())
    return found


def _goes_on(one: Box, below: Boxes) -> NDArray[np.bool_]:
    """Return which lines continue line `one`."""
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
    """Return chains of all numbers below `count`; if several are followed by the same one, the nearest is."""
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
    """Return the indices of the lines in rows from top to bottom, each from left to right."""
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

"""Finds the ruling lines in the image of a page: they separate cells, underline captions and mark fields to fill in.

A line is a run of dark pixels in a row or a column of the image that is longer than letters are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

Run = tuple[float, float, float]

USUAL_HEIGHT = 12  # pixels of a word; images with larger words are scaled down first
LEAST_HEIGHT = 4  # smaller words are illegible
DARK = 0.65  # of the paper's brightness
ACROSS, DOWN = 2.5, 1.6  # the minimum length of a line, in heights of a word; letters are less high than words are wide
WHOLE = 0.93  # of a line's pixels are dark: scans have holes
MOST_RUNS = 20_000  # a page with more of them is a photograph, or dark


@dataclass(frozen=True, slots=True)
class Rules:
    """The ruling lines of a page, one pixel thick: (position, begin, end) in pixels, sorted by position.

    The position of lines `across` is the distance from the top, that of lines `down` the distance from the left.
    """

    across: tuple[Run, ...] = ()
    down: tuple[Run, ...] = ()

    def share_across(self, left: float, right: float, top: float, bottom: float) -> float:
        """Return the share of a rectangle's width that is covered by horizontal lines in it."""
        return _covered(self.across, top, bottom, left, right)

    def share_down(self, left: float, right: float, top: float, bottom: float) -> float:
        """Return the share of a rectangle's height that is covered by vertical lines in it."""
        return _covered(self.down, left, right, top, bottom)


def find_rules(picture: Image, height: float) -> Rules:
    """Return the ruling lines in the image of a page whose words are usually `height` pixels high."""
    import numpy as np

    grey = picture.convert("L")
    height = min(height, grey.height)  # the boxes may not fit the image
    factor = max(1, int(height / USUAL_HEIGHT))
    grey = grey.reduce(factor) if factor > 1 else grey
    pixels = np.asarray(grey)
    dark = pixels < DARK * np.median(pixels)
    least = max(LEAST_HEIGHT, height) / factor
    return Rules(_runs(dark, round(ACROSS * least), factor), _runs(dark.T, round(DOWN * least), factor))


def _runs(dark: NDArray[np.bool_], least: int, scale: int) -> tuple[Run, ...]:
    """Return the runs of at least `least` dark pixels in rows, in coordinates times `scale`."""
    import numpy as np

    held = _long(dark, max(2, least))
    edges = np.diff(np.pad(held.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    (rows, begins), (_rows, ends) = np.nonzero(edges > 0), np.nonzero(edges < 0)
    if len(rows) > MOST_RUNS:
        return ()
    found = np.stack([rows, begins, ends], axis=1) * float(scale)
    return tuple((row, begin, end) for row, begin, end in found.tolist())


def _long(dark: NDArray[np.bool_], least: int) -> NDArray[np.bool_]:
    """Return a mask of the pixels that lie in a window of `least` pixels of a row, nearly all of them dark."""
    import numpy as np

    width = dark.shape[1]
    if width < least:
        return np.zeros_like(dark)
    begins = _sums(dark, least) >= WHOLE * least
    around = np.pad(begins, ((0, 0), (least - 1, least - 1)))
    held: NDArray[np.bool_] = _sums(around, least) > 0
    return held


def _sums(values: NDArray[np.bool_], width: int) -> NDArray[np.int32]:
    """Return the sums of all windows of `width` pixels in each row."""
    import numpy as np

    added = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1, dtype=np.int32)
    sums: NDArray[np.int32] = added[:, width:] - added[:, :-width]
    return sums


def _covered(runs: Sequence[Run], low: float, high: float, begin: float, end: float) -> float:
    """Return the share of `begin` to `end` that is covered by the runs at positions `low` to `high`."""
    if end <= begin:
        return 0.0
    covered, reached = 0.0, begin
    for first, last in sorted(_between(runs, low, high)):
        first, last = max(first, reached), min(last, end)
        if last > first:
            covered += last - first
            reached = last
    return covered / (end - begin)


def _between(runs: Sequence[Run], low: float, high: float) -> Iterator[tuple[float, float]]:
    index = bisect_left(runs, (low,))
    while index < len(runs) and runs[index][0] < high:
        yield runs[index][1:]
        index += 1

"""Rectangles on a page, in pixels from its top left corner."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


MOST = 1e9  # pixels; far larger than any image of a page


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle parallel to the sides of the page, in pixels; `right` and `bottom` are exclusive."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """The area in square pixels."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    def shared(self, other: Box) -> float:
        """Return the area of the intersection in square pixels."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, width) * max(0.0, height)

    def covered_by(self, other: Box) -> float:
        """Return the share of this box that `other` covers; 0 if this box has no area."""
        return self.shared(other) / self.area if self.area else 0.0

    def is_near(self, other: Box, pixels: float) -> bool:
        """Whether each pair of sides is at most `pixels` apart."""
        sides = zip(
            (self.left, self.top, self.right, self.bottom), (other.left, other.top, other.right, other.bottom),
            strict=True,
        )  # fmt: skip
        return all(abs(one - two) <= pixels for one, two in sides)


@dataclass(frozen=True, slots=True)
class Boxes:
    """The sides of many boxes as arrays of shape (boxes,): a page compares all its words with each other."""

    left: Numbers
    top: Numbers
    right: Numbers
    bottom: Numbers

    @property
    def height(self) -> Numbers:
        """The height of each box in pixels."""
        return self.bottom - self.top

    @property
    def middle(self) -> Numbers:
        """The vertical centre of each box in pixels."""
        return (self.top + self.bottom) / 2


def boxes_of(boxes: Iterable[Box]) -> Boxes:
    """Return the sides of many boxes as arrays."""
    import numpy as np

    sides = np.array([(box.left, box.top, box.right, box.bottom) for box in boxes], dtype=float).reshape(-1, 4)
    left, top, right, bottom = sides.T
    return Boxes(left, top, right, bottom)


def make_box(x: float, y: float, width: float, height: float, rotation: float = 0.0) -> Box:
    """Return the box of a rectangle given by its top left corner and size, rotated clockwise around that corner.

    A rotated rectangle becomes the smallest box that contains it. `rotation` is in degrees, as in both tools.

    Raises:
        ValueError: the numbers are too large for a page, or the rectangle has no area.
    """
    if not all(abs(number) < MOST for number in (x, y, width, height, rotation)) or width <= 0 or height <= 0:
        raise ValueError("this is no rectangle")
    if not rotation % 360:
        return _real(Box(x, y, x + width, y + height))
    sine, cosine = math.sin(math.radians(rotation)), math.cos(math.radians(rotation))
    corners = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
    turned = [(x + cosine * dx - sine * dy, y + sine * dx + cosine * dy) for dx, dy in corners]
    xs, ys = [corner[0] for corner in turned], [corner[1] for corner in turned]
    return _real(Box(min(xs), min(ys), max(xs), max(ys)))


def _real(box: Box) -> Box:
    """Return the box if it has an area in floating-point precision, else raise `ValueError`."""
    sides = (box.left, box.top, box.right, box.bottom)
    if not all(map(math.isfinite, sides)) or box.left >= box.right or box.top >= box.bottom:
        raise ValueError("this is no rectangle")
    return box


def union(boxes: Iterable[Box]) -> Box:
    """Return the smallest box that contains all `boxes`. Raises `ValueError` if there are none."""
    held = list(boxes)
    if not held:
        raise ValueError("no box at all")
    return Box(
        min(box.left for box in held), min(box.top for box in held), max(box.right for box in held),
        max(box.bottom for box in held),
    )  # fmt: skip

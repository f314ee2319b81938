"""Rectangles on a page, in pixels from its top left corner."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


MOST = 1e9  # pixels of a page, far beyond any picture


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle whose sides are those of the page, in pixels; `right` and `bottom` are exclusive."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """How many square pixels it has."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    def shared(self, other: Box) -> float:
        """Return how many square pixels the two have in common."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, width) * max(0.0, height)

    def covered_by(self, other: Box) -> float:
        """Return the share of this box that lies in another one; 0 where it has no area."""
        return self.shared(other) / self.area if self.area else 0.0

    def is_near(self, other: Box, pixels: float) -> bool:
        """Whether no side of the two is further apart than so many pixels."""
        sides = zip(
            (self.left, self.top, self.right, self.bottom), (other.left, other.top, other.right, other.bottom),
            strict=True,
        )  # fmt: skip
        return all(abs(one - two) <= pixels for one, two in sides)


@dataclass(frozen=True, slots=True)
class Boxes:
    """The sides of many boxes, in an array each: a page of thousands of words compares each with each."""

    left: Numbers
    top: Numbers
    right: Numbers
    bottom: Numbers

    @property
    def height(self) -> Numbers:
        """How high each is, in pixels."""
        return self.bottom - self.top

    @property
    def middle(self) -> Numbers:
        """How far down the middle of each is, in pixels."""
        return (self.top + self.bottom) / 2


def boxes_of(boxes: Iterable[Box]) -> Boxes:
    """Return the sides of many boxes."""
    import numpy as np

    sides: Any = np.array([(box.left, box.top, box.right, box.bottom) for box in boxes], dtype=float).reshape(-1, 4)
    return Boxes(*sides.T)


def make_box(x: float, y: float, width: float, height: float, rotation: float = 0.0) -> Box:
    """Return the box of a rectangle given by its top left corner and size, turned clockwise around that corner.

    A turned one becomes the smallest box that holds it. `rotation` is in degrees, as both tools write it. Raises
    `ValueError` for what is no rectangle: numbers that no page has, or no size.
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
    """Return a box that has a size even with the precision of its numbers. Raises `ValueError` for others."""
    sides = (box.left, box.top, box.right, box.bottom)
    if not all(map(math.isfinite, sides)) or box.left >= box.right or box.top >= box.bottom:
        raise ValueError("this is no rectangle")
    return box


def union(boxes: Iterable[Box]) -> Box:
    """Return the smallest box that holds all of `boxes`. Raises `ValueError` where there is none."""
    held = list(boxes)
    if not held:
        raise ValueError("no box at all")
    return Box(
        min(box.left for box in held), min(box.top for box in held), max(box.right for box in held),
        max(box.bottom for box in held),
    )  # fmt: skip

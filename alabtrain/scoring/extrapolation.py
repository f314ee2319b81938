"""Extrapolates a learning curve: the gain from twice the annotations.

Over a wide range the error falls as a power of the number of examples (Hestness et al., "Deep Learning Scaling is
Predictable, Empirically", 2017, https://arxiv.org/abs/1712.00409): on two logarithmic scales that is a line, which is
extended to twice the examples. Pure: numbers in, numbers out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Outlook = Literal["more", "little", "level", "unclear"]
OUTLOOKS = {
    "more": "more annotation will help",
    "little": "more annotation will help a little",
    "level": "it has levelled off",
    "unclear": "too few scored examples or points to say",
}
MUCH, LITTLE = 0.02, 0.005  # of F1, gained by twice the examples
FEWEST_SCORED = 20  # test examples of a label; with fewer, its scores are random
LEAST_ERROR = 0.002  # the error of an F1 of 1 has no logarithm


@dataclass(frozen=True, slots=True)
class Expected:
    """The F1 on the line for all tasks and for twice as many, and the outlook."""

    now: float | None
    doubled: float | None
    outlook: Outlook

    @property
    def gain(self) -> float | None:
        """The expected gain in F1 from twice the tasks."""
        return None if self.now is None or self.doubled is None else self.doubled - self.now


def expect(tasks: Sequence[int], f1s: Sequence[float | None], scored: int) -> Expected:
    """Return the expectation for twice the largest number of tasks; `scored` is the number of test examples.

    Later points have more weight. A falling curve is treated as level.
    """
    points = [(count, f1) for count, f1 in zip(tasks, f1s, strict=True) if f1 is not None and count > 0]
    if len({count for count, _f1 in points}) < 3 or scored < FEWEST_SCORED:
        return Expected(None, None, "unclear")
    slope, height = _line(points)
    most = max(count for count, _f1 in points)
    now, doubled = (1 - math.exp(height + min(slope, 0.0) * math.log(count)) for count in (most, 2 * most))
    if slope >= 0:
        now = doubled = max(points)[1]
    gain = doubled - now
    outlook: Outlook = "more" if gain >= MUCH else "little" if gain >= LITTLE else "level"
    return Expected(round(now, 6), round(doubled, 6), outlook)


def _line(points: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """Return the slope and height of the line through (log tasks, log error), least squares weighted by tasks."""
    import numpy as np

    counts = np.array([count for count, _f1 in points], dtype=np.float64)
    errors = np.array([max(1 - f1, LEAST_ERROR) for _count, f1 in points])
    slope, height = np.polyfit(np.log(counts), np.log(errors), 1, w=np.sqrt(counts))
    return float(slope), float(height)

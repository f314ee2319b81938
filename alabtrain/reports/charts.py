"""Line charts as geometry: where the lines, ticks and marks of an SVG go."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 420, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 14, 30
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis, in pixels of the drawing."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled point of the line; `side` says where the label goes (an SVG `text-anchor`)."""

    x: float
    y: float
    label: str
    side: str


@dataclass(frozen=True, slots=True)
class LineChart:
    """One line over epochs: `path` is an SVG path, broken where values are missing."""

    path: str
    points: tuple[tuple[float, float], ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    mark: Mark | None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def line_chart(
    xs: Sequence[int], ys: Sequence[float | None], *, from_zero: bool, mark: int | None = None
) -> LineChart | None:
    """Draw `ys` over `xs`, labelling the point at index `mark`; None where no two values can be joined."""
    known = [y for y in ys if y is not None and math.isfinite(y)]
    if len(known) < 2 or len(set(xs)) < 2:
        return None
    y_values = ticks(0.0 if from_zero else min(known), max(known))
    low, high = y_values[0], y_values[-1]
    first, last = min(xs), max(xs)

    def place(x: int, y: float) -> tuple[float, float]:
        across = LEFT + (x - first) / (last - first) * (WIDTH - LEFT - RIGHT)
        down = TOP + (high - y) / (high - low) * (HEIGHT - TOP - BOTTOM)
        return round(across, 1), round(down, 1)

    places = [place(x, y) if y is not None and math.isfinite(y) else None for x, y in zip(xs, ys, strict=True)]
    digits = _digits(y_values)
    return LineChart(
        path=_path(places),
        points=tuple(p for p in places if p is not None),
        x_ticks=tuple(Tick(place(x, low)[0], str(x)) for x in _whole_ticks(first, last)),
        y_ticks=tuple(Tick(place(first, y)[1], f"{y:,.{digits}f}") for y in y_values),
        mark=_mark(places, ys, xs, mark),
    )


def ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Return about `wanted` round numbers, evenly spaced, that enclose `low` to `high`."""
    # Values that hardly differ are no reason for labels with ten digits.
    span = max(high - low, 1e-4 * max(abs(low), abs(high)), 1e-4)
    raw = span / wanted
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(s * magnitude for s in _STEPS if s * magnitude >= raw * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    return [round(number * step, 12) for number in range(first, last + 1)]


def _whole_ticks(first: int, last: int) -> list[int]:
    step = max(1, round((last - first) / 6))
    found = list(range(first, last + 1, step))
    if found[-1] != last:
        if last - found[-1] < step * 0.6:
            found.pop()
        found.append(last)
    return found


def _digits(values: Sequence[float]) -> int:
    step = values[1] - values[0]
    return next((d for d in range(7) if abs(step * 10**d - round(step * 10**d)) < 1e-6), 6)


def _path(places: Sequence[tuple[float, float] | None]) -> str:
    parts: list[str] = []
    pen_down = False
    for place in places:
        if place is not None:
            parts.append(f"{'L' if pen_down else 'M'}{place[0]:g} {place[1]:g}")
        pen_down = place is not None
    return " ".join(parts)


def _mark(
    places: Sequence[tuple[float, float] | None],
    ys: Sequence[float | None],
    xs: Sequence[int],
    index: int | None,
) -> Mark | None:
    place = places[index] if index is not None else None
    if index is None or place is None:
        return None
    side = "end" if place[0] > WIDTH * 0.8 else "start" if place[0] < WIDTH * 0.25 else "middle"
    return Mark(*place, f"{ys[index]:.3f} in epoch {xs[index]}", side)

"""Charts by matplotlib, without its global state; those for a page of HTML are drawn by it and coloured by the page."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 420, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 14, 30
_INCH = 72  # units of an SVG
_STEPS = (1, 2, 2.5, 5, 10)
_MOST_DOTS = 40
_PARTS = ("grid", "curve", "dots", "ring", "hole", "mark")  # classes in the page's style sheet
_SVG = "{http://www.w3.org/2000/svg}"
_ANCHOR = re.compile(r"text-anchor: (\w+)")


def new_figure(width: float, height: float, *, layout: Literal["constrained"] | None = None) -> Figure:
    """Return an empty figure of that size in inches, which pyplot does not know of."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout=layout)


def rendered(figure: Figure, file_format: str, *, dpi: float | Literal["figure"] = "figure") -> bytes:
    """Return a figure as a file ("png", "svg"); the same figure gives the same bytes on the same machine."""
    from matplotlib import rc_context

    written = io.BytesIO()
    metadata = {"Date": None} if file_format == "svg" else None
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "alabtrain"}):
        figure.savefig(written, format=file_format, metadata=metadata, dpi=dpi)
    return written.getvalue()


def line_chart(
    xs: Sequence[int],
    ys: Sequence[float | None],
    *,
    from_zero: bool,
    mark: int | None = None,
    title: str = "",
    desc: str = "",
) -> str | None:
    """Draw `ys` over `xs` as an `<svg>` for HTML, broken where values are missing; fonts and colours are the page's.

    The point at index `mark` is labelled; `title` and `desc` are for who does not see it. Returns None where no two
    values can be joined.
    """
    values = [y if y is not None and math.isfinite(y) else math.nan for y in ys]
    known = [(x, y) for x, y in zip(xs, values, strict=True) if not math.isnan(y)]
    if len(known) < 2 or len(set(xs)) < 2:
        return None
    y_ticks = ticks(0.0 if from_zero else min(y for _x, y in known), max(y for _x, y in known))
    figure = new_figure(WIDTH / _INCH, HEIGHT / _INCH)
    panel = _panel(figure, xs, y_ticks)
    panel.plot(xs, values, clip_on=False, gid="curve")
    if len(known) <= _MOST_DOTS:
        _draw_dots(panel, known, "dots")
    if mark is not None and not math.isnan(values[mark]):
        _draw_mark(panel, xs, (xs[mark], values[mark]))
    return _for_html(rendered(figure, "svg"), title, desc)


def _panel(figure: Figure, xs: Sequence[int], y_ticks: Sequence[float]) -> Axes:
    """Return axes that are nothing but labels and the lines of a grid."""
    figure.patch.set_visible(False)
    size = ((WIDTH - LEFT - RIGHT) / WIDTH, (HEIGHT - TOP - BOTTOM) / HEIGHT)
    panel = figure.add_axes((LEFT / WIDTH, BOTTOM / HEIGHT, *size), frame_on=False)
    panel.set(xlim=(min(xs), max(xs)), ylim=(y_ticks[0], y_ticks[-1]))
    panel.set_xticks(_whole_ticks(min(xs), max(xs)))
    panel.set_yticks(y_ticks, labels=[f"{y:,.{_digits(y_ticks)}f}" for y in y_ticks])
    panel.tick_params(left=False, bottom=False, labelsize=12, pad=8)
    panel.grid(axis="y", clip_on=False, gid="grid")
    return panel


def _draw_mark(panel: Axes, xs: Sequence[int], point: tuple[int, float]) -> None:
    _draw_dots(panel, [point], "ring")
    _draw_dots(panel, [point], "hole")
    across = (point[0] - min(xs)) / (max(xs) - min(xs))
    side = "right" if across > 0.8 else "left" if across < 0.2 else "center"
    label = f"{point[1]:.3f} in epoch {point[0]}"
    panel.annotate(label, point, xytext=(0, -22), textcoords="offset points", ha=side, gid="mark")


def _draw_dots(panel: Axes, points: Sequence[tuple[int, float]], part: str) -> None:
    """Draw lines of no length, which the style sheet gives round ends; matplotlib's markers are links in the SVG."""
    xs, ys = ([v for value in values for v in (value, value, math.nan)] for values in zip(*points, strict=True))
    panel.plot(xs, ys, clip_on=False, gid=part)


def ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Return about `wanted` round numbers, evenly spaced, that enclose `low` to `high`."""
    from matplotlib.ticker import MaxNLocator

    # Values that hardly differ are no reason for labels with ten digits.
    span = max(high - low, 1e-4 * max(abs(low), abs(high)), 1e-4)
    return [float(value) for value in MaxNLocator(wanted, steps=_STEPS).tick_values(low, low + span)]


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


def _for_html(source: bytes, title: str, desc: str) -> str:
    """Return what an SVG of matplotlib draws as an SVG for a page: flat, and with classes in place of styles."""
    svg = ElementTree.Element("svg", {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img"})
    ElementTree.SubElement(svg, "title").text = title
    ElementTree.SubElement(svg, "desc").text = desc
    for group in ElementTree.fromstring(source).iter(f"{_SVG}g"):  # noqa: S314 - matplotlib's
        part = {"class": group.get("id", "")} if group.get("id") in _PARTS else {}
        for path in group.findall(f"{_SVG}path"):
            ElementTree.SubElement(svg, "path", {**part, "d": " ".join(path.get("d", "").split())})
        for text in group.findall(f"{_SVG}text"):
            anchor = _ANCHOR.search(text.get("style", ""))
            corner = {
                "x": text.get("x", ""),
                "y": text.get("y", ""),
                "text-anchor": anchor[1] if anchor else "start",
            }
            ElementTree.SubElement(svg, "text", {**part, **corner}).text = text.text
    return ElementTree.tostring(svg, encoding="unicode")

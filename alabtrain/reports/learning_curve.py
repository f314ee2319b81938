"""A learning curve for the terminal (braille dots, by plotille) and as a PNG (by matplotlib)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from alabtrain.core.files import write_aside
from alabtrain.reports.charts import new_figure, rendered
from alabtrain.scoring.learning_curve import Curve, CurveLine

PICTURE = "curve.png"
WIDTH, HEIGHT = 64, 12  # characters
MOST_LABELS = 10  # lines of labels in a picture; more would be unreadable


def draw_text(curve: Curve, line: CurveLine) -> str:
    """Return the line over the training tasks as text of `HEIGHT` lines with axes; empty without two points."""
    import plotille

    points = _known(curve, line)
    if len(points) < 2:
        return ""
    tasks, f1s = [float(count) for count, _f1 in points], [f1 for _count, f1 in points]
    figure = plotille.Figure()
    figure.width, figure.height = WIDTH, HEIGHT
    figure.color_mode, figure.with_colors = "names", False
    low, high = min(f1s), max(f1s)
    margin = max(0.02, (high - low) / 4)
    figure.set_x_limits(0, max(tasks))
    figure.set_y_limits(max(0.0, low - margin), min(1.0, high + margin))
    figure.x_label, figure.y_label = "training tasks", "F1"
    figure.x_ticks_fkt = lambda low, _high: f"{low:,.0f}"
    figure.y_ticks_fkt = lambda low, _high: f"{low:.3f}"
    figure.plot(tasks, f1s)
    figure.scatter(tasks, f1s, marker="o")
    return str(figure.show())


def write_picture(curve: Curve) -> Path:
    """Draw all lines into `curve.png` in the curve's folder, one panel per type. Raises `SetupError`."""
    types = list(dict.fromkeys(line.type for line in curve.lines))
    figure = new_figure(8, 4.2 * max(1, len(types)), layout="constrained")
    panels = figure.subplots(max(1, len(types)), 1, squeeze=False)[:, 0]
    for panel, model_type in zip(panels, types, strict=False):
        whole, *labels = [line for line in curve.lines if line.type == model_type]
        for line in _worst_first(labels)[:MOST_LABELS] if len(labels) > 1 else ():
            _draw(panel, curve, line, linewidth=1, markersize=4, alpha=0.8, label=f" {line.label}")
        _draw(panel, curve, whole, linewidth=2.5, markersize=7, color="black", label=model_type)
        if whole.expected.doubled is not None and whole.expected.now is not None:
            most = curve.points[-1].tasks
            ahead = (whole.expected.now, whole.expected.doubled)
            panel.plot([most, 2 * most], ahead, linestyle=":", linewidth=2, color="black", label="expected")
        panel.set_xlabel("training tasks")
        panel.set_ylabel("F1")
        panel.set_xlim(left=0)
        panel.grid(alpha=0.3)
        legend = panel.legend(fontsize="small", loc="center left", bbox_to_anchor=(1.01, 0.5))
        # A label is text, whatever dollars are in it.
        for text in (*legend.get_texts(), panel.set_title(whole.summary)):
            text.set_parse_math(False)
    path = curve.folder / PICTURE
    write_aside(path, rendered(figure, "png", dpi=120))
    return path


def _draw(panel: object, curve: Curve, line: CurveLine, **style: object) -> None:
    points = _known(curve, line)
    if points:
        panel.plot(*zip(*points, strict=True), marker="o", **style)  # type: ignore[attr-defined]


def _known(curve: Curve, line: CurveLine) -> list[tuple[int, float]]:
    pairs = zip((point.tasks for point in curve.points), line.f1s, strict=True)
    return [(count, f1) for count, f1 in pairs if f1 is not None]


def _worst_first(lines: Sequence[CurveLine]) -> list[CurveLine]:
    return sorted(lines, key=lambda line: (line.f1s[-1] is None, line.f1s[-1] or 0.0, line.label))

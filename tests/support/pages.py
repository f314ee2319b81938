"""Pages of a few words, boxes on them, and lines of print."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from alabtrain.pages.boxes import Box
from alabtrain.pages.words import Word

SIZE = {"original_width": 200, "original_height": 100}
CONFIG = """<View visualNER="true"><RectangleLabels name="label" toName="image"><Label value="KEY"/><Label value="VALUE"/>
</RectangleLabels><Image name="image" value="$image"/></View>"""


def word(text: str, x: float, y: float = 10, width: float = 20, height: float = 10) -> dict[str, Any]:
    return {"x": x, "y": y, "width": width, "height": height, "rotation": 0, "text": text}


def drawn(label: str | None, x: float, y: float, width: float, height: float, **more: Any) -> dict[str, Any]:
    """A box as Annotation Lab writes it, from pixels."""
    value = {
        "x": x / 2, "y": y, "width": width / 2, "height": height, "rotation": 0, "x_px": x, "y_px": y,
        "width_px": width, "height_px": height, "rectanglelabels": [] if label is None else [label],
    }  # fmt: skip
    return {"id": f"r{x:g}-{y:g}", "type": "rectanglelabels", "value": value, "pageNumber": 1, **SIZE, **more}


def line(text: str, left: float, top: float, height: float = 10) -> list[Word]:
    """The words of a line of print, six pixels a character and a blank of four."""
    found = []
    for word in text.split():
        found.append(Word(word, Box(left, top, left + 6 * len(word), top + height)))
        left += 6 * len(word) + 4
    return found


BOXES = st.builds(
    lambda x, y, width, height: Box(x, y, x + width, y + height),
    st.floats(0, 500), st.floats(0, 500), st.floats(0.5, 200), st.floats(0.5, 60),
)  # fmt: skip

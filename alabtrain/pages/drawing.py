"""Draws boxes on the image of a page, in the colours that the labeling config gives to their labels."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from alabtrain.pages.boxes import Box

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw as Pencil

COLOURS = ("#e6194b", "#3cb44b", "#4363d8", "#f58231", "#911eb4", "#008080", "#9a6324", "#808000", "#000075", "#a9a9a9")
"""For labels whose colour is missing from the config or unreadable."""
LEGEND = "filled: drawn by the annotator; framed: found by the model"
Colour = tuple[int, int, int]


def draw_boxes(
    picture: Image,
    boxes: Sequence[tuple[str, Box]],
    colours: Mapping[str, str],
    words: Sequence[Box] = (),
    *,
    found: Sequence[tuple[str, Box]] | None = None,
) -> bytes:
    """Return a PNG of the picture with labelled boxes; `colours` are those of the labels (names or #rgb).

    `found` are the boxes of a model, drawn as frames; the others are then only filled (None: there is no model).
    `words` are numbered from 1 in their order.
    """
    from PIL import ImageDraw, ImageFont

    drawn = picture.copy()
    pencil = ImageDraw.Draw(drawn, "RGBA")
    size = max(9, round(drawn.height / 90))
    known = {label: _rgb(colour) for label, colour in colours.items()}
    thick = max(1, size // 7)
    for label, box in boxes:
        colour = _colour(label, known)
        pencil.rectangle(_sides(box), fill=(*colour, 36 if found is None else 60))
    for label, box in boxes if found is None else found:
        colour = _colour(label, known)
        pencil.rectangle(_sides(box, 0 if found is None else thick), outline=(*colour, 255), width=thick)
        _write_label(pencil, label, box, colour, size)
    if found is not None:
        pencil.text((4, 2), LEGEND, fill=(90, 90, 90, 255), font=ImageFont.load_default(size))
    small = ImageFont.load_default(max(8, size - 2))
    for number, word in enumerate(words, 1):
        pencil.rectangle(_sides(word), outline=(90, 90, 90, 160))
        pencil.text((word.left, word.bottom), str(number), fill=(200, 0, 90, 255), font=small)
    written = io.BytesIO()
    drawn.save(written, format="PNG")
    return written.getvalue()


def _write_label(pencil: Pencil, label: str, box: Box, colour: Colour, size: int) -> None:
    from PIL import ImageFont

    font = ImageFont.load_default(size)
    corner = (box.left, max(0.0, box.top - size - 3))
    pencil.rectangle(pencil.textbbox(corner, label, font=font), fill=(*colour, 210))
    pencil.text(corner, label, fill=(255, 255, 255, 255), font=font)


def _sides(box: Box, wider: float = 0) -> tuple[float, float, float, float]:
    return box.left - wider, box.top - wider, box.right + wider, box.bottom + wider


def _colour(label: str, known: Mapping[str, Colour | None]) -> Colour:
    return known.get(label) or _rgb(COLOURS[sum(label.encode()) % len(COLOURS)]) or (0, 0, 0)


def _rgb(colour: str) -> Colour | None:
    from PIL import ImageColor

    try:
        red, green, blue, *_ = ImageColor.getrgb(colour)
    except ValueError:
        return None
    return red, green, blue

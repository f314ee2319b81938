"""Boxes drawn on the picture of a page, in the colours that the labeling config has for their labels."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from alabtrain.pages.boxes import Box
from alabtrain.pages.regions import LabelledBox

if TYPE_CHECKING:
    from PIL.Image import Image

COLOURS = ("#e6194b", "#3cb44b", "#4363d8", "#f58231", "#911eb4", "#008080", "#9a6324", "#808000", "#000075", "#a9a9a9")
"""For labels whose colour the config does not tell, or not in a way that can be read."""


def draw_boxes(
    picture: Image, boxes: Sequence[LabelledBox], colours: Mapping[str, str], words: Sequence[Box] = ()
) -> bytes:
    """Return a PNG of the picture with boxes and their labels; `colours` are those of the labels (names or #rgb).

    `words` are numbered from 1 in their order.
    """
    from PIL import ImageDraw, ImageFont

    drawn = picture.copy()
    pencil = ImageDraw.Draw(drawn, "RGBA")
    size = max(9, round(drawn.height / 90))
    font = ImageFont.load_default(size)
    known = {label: _rgb(colour) for label, colour in colours.items()}
    for box in boxes:
        red, green, blue = known.get(box.label) or _rgb(COLOURS[sum(box.label.encode()) % len(COLOURS)]) or (0, 0, 0)
        sides = (box.box.left, box.box.top, box.box.right, box.box.bottom)
        pencil.rectangle(sides, outline=(red, green, blue, 255), fill=(red, green, blue, 36), width=max(1, size // 7))
        place = (box.box.left, max(0.0, box.box.top - size - 3))
        pencil.rectangle(pencil.textbbox(place, box.label, font=font), fill=(red, green, blue, 210))
        pencil.text(place, box.label, fill=(255, 255, 255, 255), font=font)
    small = ImageFont.load_default(max(8, size - 2))
    for number, word in enumerate(words, 1):
        pencil.rectangle((word.left, word.top, word.right, word.bottom), outline=(90, 90, 90, 160))
        pencil.text((word.left, word.bottom), str(number), fill=(200, 0, 90, 255), font=small)
    written = io.BytesIO()
    drawn.save(written, format="PNG")
    return written.getvalue()


def _rgb(colour: str) -> tuple[int, int, int] | None:
    from PIL import ImageColor

    try:
        red, green, blue, *_ = ImageColor.getrgb(colour)
    except ValueError:
        return None
    return red, green, blue

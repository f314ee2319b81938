"""Ruling lines on pictures of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.pages.boxes import Box
from alabtrain.pages.layout import layout_numbers
from alabtrain.pages.ruling_lines import Rules, find_rules
from alabtrain.pages.sheet import lay_out
from alabtrain.pages.words import Word

if TYPE_CHECKING:
    from PIL.Image import Image

HEIGHT = 12


def drawn(
    *lines: tuple[int, int, int, int], size: tuple[int, int] = (400, 200), scale: int = 1, paper: int = 255
) -> Image:
    """A page with a line of print and ruling lines, each two pixels thick."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", (size[0] * scale, size[1] * scale), paper)
    pen = ImageDraw.Draw(page)
    pen.text((20 * scale, 20 * scale), "Amount illimited willow", fill=0, font=ImageFont.load_default(HEIGHT * scale))
    for line in lines:
        pen.line([side * scale for side in line], fill=0, width=2 * scale)
    return page


@pytest.mark.parametrize("scale", [1, 4])
@pytest.mark.parametrize("paper", [255, 150])
def test_lines_are_found_and_print_is_none(scale: int, paper: int) -> None:
    page = drawn((20, 50, 300, 50), (320, 10, 320, 180), scale=scale, paper=paper)
    rules = find_rules(page, HEIGHT * scale)
    assert {round(where / scale) for where, *_ in rules.across} <= {49, 50, 51}
    assert {round(where / scale) for where, *_ in rules.down} <= {319, 320, 321}
    assert rules.share_across(20 * scale, 300 * scale, 40 * scale, 60 * scale) == pytest.approx(1, abs=0.02)
    assert rules.share_across(20 * scale, 300 * scale, 10 * scale, 40 * scale) == 0
    assert rules.share_down(310 * scale, 330 * scale, 10 * scale, 180 * scale) == pytest.approx(1, abs=0.03)


def test_a_short_stroke_and_a_dark_picture_have_no_lines() -> None:
    from PIL import Image

    assert find_rules(drawn((20, 50, 40, 50)), HEIGHT) == Rules()
    assert find_rules(Image.new("L", (5, 5), 0), HEIGHT) == Rules()
    noise = Image.effect_noise((600, 600), 200)
    assert find_rules(noise, HEIGHT).across == ()


@pytest.mark.parametrize("height", [1e-3, 1e9, 1e308])
def test_words_of_impossible_size_have_no_lines_and_end_nothing(height: float) -> None:
    assert find_rules(drawn(), height).across == ()


def test_holes_of_a_scan_do_not_end_a_line() -> None:
    page = drawn((20, 50, 300, 50))
    for left in range(30, 300, 40):
        page.paste(255, (left, 40, left + 2, 60))
    assert find_rules(page, HEIGHT).share_across(20, 300, 40, 60) == 1


RUNS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20)), max_size=12)


@given(RUNS, st.tuples(*[st.integers(0, 20)] * 4))
def test_shares_are_those_of_counted_pixels(runs: list[tuple[int, int, int]], sides: tuple[int, int, int, int]) -> None:
    rules = Rules(across=tuple(sorted((w, min(a, b), max(a, b)) for w, a, b in runs)))
    left, right, top, bottom = sides
    columns = range(left, right)
    dark = [any(top <= w < bottom and a <= x < b for w, a, b in rules.across) for x in columns]
    share = sum(dark) / len(dark) if dark else 0
    assert rules.share_across(left, right, top, bottom) == pytest.approx(share)


def test_words_are_told_by_the_lines_around_them() -> None:
    words = [Word("Name:", Box(10, 10, 50, 22)), Word("Ann", Box(200, 10, 230, 22)), Word("Date", Box(10, 60, 40, 72))]
    rules = Rules(across=((24.0, 55.0, 190.0), (40.0, 0.0, 300.0)), down=((120.0, 0.0, 35.0),))
    name, ann, date = layout_numbers(lay_out(words, rules))
    assert name["seen"]
    assert name["line_behind"] > 0.9
    assert ann["line_before"] > 0.8
    assert (name["parted_right"], ann["parted_left"]) == (1, 1)
    assert (name["ruled_right"], name["ruled_below"]) == (0, 0)
    assert (name["parted_below"], date["parted_above"]) == (1, 1)
    blind = layout_numbers(lay_out(words))[0]
    assert blind.keys() == name.keys()
    assert not blind["seen"]
    assert sum(value for key, value in blind.items() if "ruled" in key or "parted" in key or "line_b" in key) == 0

"""Layout features of a word: numbers that describe its position on the page, for a tagger that sees no page.

Most features are 0 or 1 (a value falls into one of several ranges): a network without a layer before its LSTM
cannot learn a step from a slope. Lengths are in heights of the page's usual line, positions are shares of the area
with words: neither depends on the size of the image. Ruling lines come from the image itself (`rules`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from alabtrain.pages.boxes import Box
from alabtrain.pages.codes import word_codes
from alabtrain.pages.ruling_lines import Rules
from alabtrain.pages.sheet import SIDES, Segment, Sheet, WordPosition, lay_out
from alabtrain.pages.text import PageText
from alabtrain.pages.words import Word

Named = Iterable[tuple[str, float]]

LAYOUT_VERSION = 3
"""To be incremented when the features or codes change: a model must be used with those of its training."""

TENTHS = tuple(tenth / 10 for tenth in range(1, 10))
GAPS = (0.1, 0.2, 0.3, 0.45, 0.65, 0.9, 1.3, 2.0, 3.0, 5.0, 8.0, 14.0)  # heights of a line
BLANKS = (0.15, 0.25, 0.35, 0.45, 0.6, 0.8)  # between words of a segment
ALIGNED = 0.6  # heights of a line: edges at most this far apart are aligned
SAME_SIZE = (0.85, 1.18)
INTO, NEAR = 0.2, 0.7  # heights of a word, of a line: how far inside and outside a box its ruling lines may lie
CENTRED = 0.04  # of the area's width, between two middles


def layout_numbers(sheet: Sheet, groups: Iterable[str] | None = None) -> list[dict[str, float]]:
    """Return the features of each word of a page by name; names and order are the same for all words.

    `groups` are those of `GROUPS` to use (None: all of them).
    """
    names = tuple(GROUPS if groups is None else groups)
    known: dict[tuple[str, int], dict[str, float]] = {}

    def numbers_of(name: str, position: WordPosition) -> dict[str, float]:
        if name not in OF_SEGMENT:
            return dict(GROUPS[name](position))
        key = (name, position.segment.number)
        if key not in known:
            known[key] = dict(GROUPS[name](position))
        return known[key]

    return [
        dict(chain.from_iterable(numbers_of(name, position).items() for name in names))
        for position in sheet.positions()
    ]


def layout_rows(text: PageText, groups: Iterable[str] | None = None) -> list[list[float]]:
    """Return the input of a model, shape (words, features and codes), in reading order."""
    features, codes = layout_numbers(text.sheet, groups), word_codes(text)
    return [
        [float(value) for value in chain(features[index].values(), own)]
        for index, own in zip(text.order, codes, strict=True)
    ]


def layout_names(groups: Iterable[str] | None = None) -> tuple[str, ...]:
    """Return the names of the features of a word."""
    sheet = lay_out([Word("a", Box(0, 0, 1, 1))])
    return tuple(layout_numbers(sheet, groups)[0])


def _position(position: WordPosition) -> Named:
    area, box = position.sheet.area, position.word.box
    across, down = max(area.right - area.left, 1e-6), max(area.bottom - area.top, 1e-6)
    left, right = (box.left - area.left) / across, (box.right - area.left) / across
    middle = ((box.top + box.bottom) / 2 - area.top) / down
    yield from (("x_left", left), ("x_right", right), ("y", middle))
    yield from _ranges("x_left", left, TENTHS)
    yield from _ranges("x_right", right, TENTHS)
    yield from _ranges("y", middle, TENTHS)


def _size(position: WordPosition) -> Named:
    box, usual = position.word.box, position.sheet.height
    yield from _ranges("height", (box.bottom - box.top) / usual, (0.7, 0.9, 1.1, 1.4, 2.0))
    yield from _ranges("width", (box.right - box.left) / usual, (1.0, 2.0, 4.0, 8.0))


def _segment(position: WordPosition) -> Named:
    segment, area = position.segment, position.sheet.area
    count, number = len(segment.words), position.number
    yield from (("first", number == 0), ("last", number == count - 1), ("alone", count == 1))
    yield from _ranges("words", count, (1, 2, 3, 5, 9))
    yield from _ranges("number", number, (0, 1, 2, 4))
    across = max(area.right - area.left, 1e-6)
    yield from _ranges("segment_width", (segment.box.right - segment.box.left) / across, (0.1, 0.2, 0.4, 0.7))
    off = abs(segment.box.left + segment.box.right - area.left - area.right) / 2 / across
    yield "centred", off < CENTRED


def _steps(position: WordPosition) -> Named:
    words, number = position.segment.words, position.number
    for side, step in (("before", -1), ("after", 1)):
        other = words[number + step] if 0 <= number + step < len(words) else None
        blank = None
        if other is not None:
            one, two = (other, position.word) if step < 0 else (position.word, other)
            blank = (two.box.left - one.box.right) / position.sheet.height
        yield from _ranges(f"{side}_blank", blank, BLANKS)
        yield f"{side}_colon", other is not None and other.text.endswith(":")


def _block(position: WordPosition) -> Named:
    sheet, number = position.sheet, position.segment.number
    block = sheet.block_of[number]
    first = number == block[0]
    yield from _ranges("lines", len(block), (1, 2, 4))
    yield from (("first_line", first), ("last_line", number == block[-1]))
    yield "begins_block", first and position.number == 0
    yield "ends_block", number == block[-1] and position.number == len(position.segment.words) - 1


def _row(position: WordPosition) -> Named:
    segment = position.segment
    row = position.sheet.row_of[segment.number]
    yield from _ranges("in_row", len(row), (1, 2, 3, 5))
    yield from (("begins_row", segment.left is None), ("ends_row", segment.right is None))


def _gaps(position: WordPosition) -> Named:
    for side, other, gap in _around(position):
        far = gap / position.sheet.height
        yield f"{side}_none", other is None
        yield from _ranges(f"{side}_gap", far if other else None, GAPS)


def _column(position: WordPosition) -> Named:
    sheet, segment = position.sheet, position.segment
    near = ALIGNED * sheet.height
    yield from _ranges("column", sheet.aligned(segment, near) - 1, (0, 2, 5))
    for side in ("above", "below"):
        other = getattr(segment, side)
        edges = middles = ends = False
        if other is not None:
            edges = abs(other.box.left - segment.box.left) <= near
            ends = abs(other.box.right - segment.box.right) <= near
            middles = abs(other.box.left + other.box.right - segment.box.left - segment.box.right) / 2 <= near
        yield from ((f"{side}_left_edge", edges), (f"{side}_right_edge", ends), (f"{side}_middle", middles))


def _shape(position: WordPosition) -> Named:
    return _shapes("own", position.segment.text)


def _neighbours(position: WordPosition) -> Named:
    for side, other, _gap in _around(position):
        yield from _shapes(side, other.text if other else "")
        yield from _ranges(f"{side}_words", len(other.words) if other else None, (1, 3, 7))
        height = (other.box.bottom - other.box.top) / position.segment.height if other else 0.0
        yield f"{side}_same_size", SAME_SIZE[0] <= height <= SAME_SIZE[1]


def _word_rules(position: WordPosition) -> Named:
    rules, box, usual = position.sheet.rules or Rules(), position.word.box, position.sheet.height
    into, near = INTO * (box.bottom - box.top), NEAR * usual
    yield "seen", position.sheet.rules is not None
    yield "word_ruled_above", rules.share_across(box.left, box.right, box.top - near, box.top + into)
    yield "word_ruled_below", rules.share_across(box.left, box.right, box.bottom - into, box.bottom + near)
    yield "word_ruled_left", rules.share_down(box.left - near, box.left + 0.1 * usual, box.top, box.bottom)
    yield "word_ruled_right", rules.share_down(box.right - 0.1 * usual, box.right + near, box.top, box.bottom)


def _rules(position: WordPosition) -> Named:
    sheet, segment = position.sheet, position.segment
    rules, box, usual = sheet.rules or Rules(), segment.box, sheet.height
    into, near, edge = INTO * segment.height, NEAR * usual, 0.2 * usual
    before = segment.left.box.right if segment.left else box.left - 4 * usual
    behind = segment.right.box.left if segment.right else box.right + 4 * usual
    yield "ruled_above", rules.share_across(box.left, box.right, box.top - near, box.top + into)
    yield "ruled_below", rules.share_across(box.left, box.right, box.bottom - into, box.bottom + near)
    yield "ruled_left", rules.share_down(box.left - 2 * near, box.left + edge, box.top, box.bottom)
    yield "ruled_right", rules.share_down(box.right - edge, box.right + 2 * near, box.top, box.bottom)
    yield "parted_left", rules.share_down(before - edge, box.left + edge, box.top, box.bottom)
    yield "parted_right", rules.share_down(box.right - edge, behind + edge, box.top, box.bottom)
    line = (box.bottom - 2 * into, box.bottom + near)
    yield "line_before", rules.share_across(max(before, box.left - 6 * usual), box.left - 0.3 * usual, *line)
    yield "line_behind", rules.share_across(box.right + 0.3 * usual, min(behind, box.right + 6 * usual), *line)
    for side, other in (("above", segment.above), ("below", segment.below)):
        left, right = box.left, box.right
        top, bottom = (box.top - 3 * usual, box.top) if side == "above" else (box.bottom, box.bottom + 3 * usual)
        if other is not None:
            left, right = max(left, other.box.left), min(right, other.box.right)
            top, bottom = (other.box.bottom, bottom) if side == "above" else (top, other.box.top)
        yield f"parted_{side}", rules.share_across(left, right, top - edge, bottom + edge)


GROUPS: Mapping[str, Callable[[WordPosition], Named]] = {
    "position": _position,
    "size": _size,
    "segment": _segment,
    "steps": _steps,
    "block": _block,
    "row": _row,
    "gaps": _gaps,
    "column": _column,
    "shape": _shape,
    "neighbours": _neighbours,
    "word_rules": _word_rules,
    "rules": _rules,
}

OF_SEGMENT = ("row", "gaps", "column", "shape", "neighbours", "rules")
"""Groups of features that are the same for all words of a segment."""


def _around(position: WordPosition) -> Iterator[tuple[str, Segment | None, float]]:
    """Yield the neighbours of a word's segment, with the gap to each in pixels."""
    own = position.segment
    for side in SIDES:
        other: Segment | None = getattr(own, side)
        gap = 0.0
        if other is not None:
            gap = {
                "left": own.box.left - other.box.right,
                "right": other.box.left - own.box.right,
                "above": own.box.top - other.box.bottom,
                "below": other.box.top - own.box.bottom,
            }[side]
        yield side, other, gap


def _shapes(side: str, text: str) -> Named:
    letters = [char for char in text if char.isalpha()]
    digits = sum(char.isdigit() for char in text)
    words = text.split()
    yield f"{side}_ends_colon", text.endswith(":")
    yield f"{side}_has_colon", ":" in text
    yield f"{side}_ends_stop", text.endswith((".", ",", ";"))
    yield f"{side}_asks", "?" in text
    yield f"{side}_capitals", len(letters) > 1 and all(char.isupper() for char in letters)
    yield f"{side}_titled", bool(words) and sum(word[0].isupper() for word in words) > len(words) / 2
    yield f"{side}_small", bool(letters) and letters[0].islower()
    yield f"{side}_digit", digits > 0
    yield f"{side}_digits", digits > len(text.replace(" ", "")) / 2
    yield f"{side}_brackets", text.startswith(("(", "["))
    yield f"{side}_mark", bool(text) and not letters and not digits
    yield f"{side}_short", 0 < len(text) <= 2


def _ranges(name: str, value: float | None, ends: Sequence[float]) -> Named:
    """Yield a feature for each range between `ends`: 1 for the range of the value (upper end inclusive), else 0."""
    index = -1 if value is None else bisect_left(ends, value)
    return ((f"{name}_{number}", number == index) for number in range(len(ends) + 1))

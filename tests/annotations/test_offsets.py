from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.annotations.offsets import OffsetReader

# Letters, blanks, line ends of both kinds, and characters outside the basic plane.
CHARS = st.sampled_from(["a", "b", "é", " ", "\n", "\r\n", "😀", "𝒳", "."])
TEXTS = st.lists(CHARS, min_size=1, max_size=30).map("".join)


@st.composite
def text_and_span(draw: st.DrawFn) -> tuple[str, int, int]:
    text = draw(TEXTS.filter(lambda t: any(not c.isspace() for c in t)))
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    return text, start, end


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(text_and_span())
def test_right_offsets_are_kept_but_for_blanks(case: tuple[str, int, int]) -> None:
    text, start, end = case
    found = OffsetReader(text).locate(start, end, text[start:end])
    if not text[start:end].strip():
        assert found is None
        return
    assert found is not None
    assert text[found[0] : found[1]] == text[start:end].strip()
    assert (found[2] == "") == (text[start:end] == text[start:end].strip())


@given(text_and_span())
def test_utf16_offsets_are_placed(case: tuple[str, int, int]) -> None:
    text, start, end = case
    stored = text[start:end]
    found = OffsetReader(text).locate(utf16(text[:start]), utf16(text[:end]), stored)
    assert (found is None) == (not stored.strip())
    if found is not None:
        assert text[found[0] : found[1]] == stored.strip()


@given(text_and_span())
def test_offsets_that_count_folded_line_ends_are_placed(case: tuple[str, int, int]) -> None:
    text, start, end = case
    if text[start] == "\n" or text[end - 1] == "\r":
        return  # half of a line end: no browser gives that
    stored = text[start:end].replace("\r\n", "\n")

    def fold(t: str) -> int:
        return len(t.replace("\r\n", "\n"))

    found = OffsetReader(text).locate(fold(text[:start]), fold(text[:end]), stored)
    assert (found is None) == (not stored.strip())
    if found is not None:
        assert text[found[0] : found[1]].replace("\r\n", "\n") == stored.strip()


def test_each_repair_has_its_name() -> None:
    text = "😀 one\r\ntwo three"
    reader = OffsetReader(text)
    assert reader.locate(2, 5, "one") == (2, 5, "")
    assert reader.locate(2, 5, " one ") == (2, 5, "trimmed_blanks")
    assert reader.locate(3, 6, "one") == (2, 5, "utf16_offsets")
    assert reader.locate(6, 9, "two") == (7, 10, "newline_offsets")
    assert reader.locate(7, 10, "two") == (7, 10, "")
    assert reader.locate(11, 16, "three") == (11, 16, "")
    # One unit for the emoji's second half, one for the line end: both cancel out here, and that is found too.
    assert reader.locate(8, 11, "two") == (7, 10, "utf16_offsets")


def test_text_without_crlf_annotated_as_if_it_had() -> None:
    assert OffsetReader("one\ntwo\nend").locate(5, 8, "two") == (4, 7, "newline_offsets")


@pytest.mark.parametrize(
    ("start", "end", "stored"),
    [
        (0, 3, "two"),
        (3, 3, ""),
        (5, 3, "one"),
        (-1, 3, "one"),
        (0, 99, "one two"),
        ("0", 3, "one"),
        (0.0, 3.0, "one"),
        (True, 3, "ne"),
        (None, None, None),
        (0, 3, 7),
        (3, 4, " "),
        (10**30, 10**31, "one"),
    ],
)
def test_what_cannot_be_placed_is_refused(start: object, end: object, stored: object) -> None:
    assert OffsetReader("one two").locate(start, end, stored) is None


def test_offsets_are_believed_when_the_export_has_no_text() -> None:
    assert OffsetReader("one two").locate(4, 7, None) == (4, 7, "")


@given(st.text(), st.data())
def test_units_and_code_points_are_each_others_inverse(text: str, data: st.DataObject) -> None:
    from alabtrain.documents.tagging import code_points, utf16_units

    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    if start < end:
        begin, last = utf16_units(text, start), utf16_units(text, end) - 1
        assert code_points(text, [begin], [last]) == [(start, end)]

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alabtrain.annotations.items import Region
from alabtrain.annotations.spans import Span, read_spans

TEXT = "Severe chest pain since Monday, no fever."


def region(start: int, end: int, *labels: str, name: str = "r", text: str | None = None) -> Region:
    return Region(name, "label", start, end, TEXT[start:end] if text is None else text, labels)


def test_the_longest_wins_then_the_first() -> None:
    reading = read_spans(TEXT, [region(7, 17, "A", name="inner"), region(0, 17, "B", name="outer")], None)
    assert reading.spans == [Span(0, 17, "B")]
    assert [(i.code, i.region_id) for i in reading.lost] == [("overlap", "inner")]
    same = read_spans(TEXT, [region(0, 6, "B", name="one"), region(0, 6, "A", name="two")], None)
    assert [(s.label, s.region_id) for s in same.spans] == [("B", "one")]


def test_a_repeated_span_has_its_own_code() -> None:
    reading = read_spans(TEXT, [region(0, 6, "A", name="x"), region(0, 6, "A", name="y")], None)
    assert [(i.code, i.region_id) for i in reading.lost] == [("duplicate_span", "y")]


def test_labels_of_another_kind_do_not_enter() -> None:
    reading = read_spans(TEXT, [region(7, 17, "Problem"), region(7, 17, "Present")], {"Problem"}, {"Present"})
    assert (reading.entered, len(reading.spans), reading.lost) == (1, 1, [])


def test_unknown_labels_and_bad_offsets_are_lost_by_name() -> None:
    reading = read_spans(TEXT, [region(7, 17, "Problm"), region(0, 5, "Problem", text="chest")], {"Problem"})
    assert [i.code for i in reading.lost] == ["unknown_label", "misaligned"]
    assert reading.spans == []


def test_several_labels_on_one_region_are_counted_each() -> None:
    reading = read_spans(TEXT, [region(0, 6, "A", "B", "C")], None)
    assert reading.entered == 3
    assert len(reading.spans) == 1
    assert [i.code for i in reading.lost] == ["overlap", "overlap"]


@given(
    st.lists(
        st.tuples(st.integers(-2, len(TEXT) + 2), st.integers(-2, len(TEXT) + 2), st.sampled_from(["A", "B", "Odd"])),
        max_size=12,
    )
)
def test_nothing_vanishes_and_nothing_overlaps(cases: list[tuple[int, int, str]]) -> None:
    regions = [region(start, end, label, name=str(i)) for i, (start, end, label) in enumerate(cases)]
    reading = read_spans(TEXT, regions, {"A", "B"})
    assert reading.entered == len(cases) == len(reading.spans) + len(reading.lost)
    assert all(a.end <= b.start for a, b in zip(reading.spans, reading.spans[1:], strict=False))
    names = [s.region_id for s in reading.spans] + [i.region_id for i in reading.lost]
    assert sorted(names) == sorted(str(i) for i in range(len(cases)))


def test_a_region_of_another_text_is_lost_by_name() -> None:
    other = Region("r", "label", 0, 6, TEXT[0:6], ("A",), "second")
    assert [i.code for i in read_spans(TEXT, [other], None, (), "first").lost] == ["other_text"]
    assert read_spans(TEXT, [other], None, (), "second").spans == [Span(0, 6, "A")]
    assert read_spans(TEXT, [other], None).spans == [Span(0, 6, "A")]

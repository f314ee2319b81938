from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from alabtrain.annotations.spans import Span
from alabtrain.documents.tagging import Sentence, code_points, tag_document
from alabtrain.scoring.metrics import entities


def sentences(*texts: str) -> list[Sentence]:
    """One sentence per text, blank-separated tokens, the texts joined by one blank."""
    found, offset = [], 0
    for number, text in enumerate(texts):
        tokens = tuple((offset + m.start(), offset + m.end()) for m in re.finditer(r"\S+", text))
        found.append(Sentence(0, number, tokens))
        offset += len(text) + 1
    return found


def test_spans_become_iob2_tags() -> None:
    tagging = tag_document([Span(0, 10, "P"), Span(11, 14, "T")], sentences("chest pain ecg done"))
    assert tagging.tags == [["B-P", "I-P", "B-T", "O"]]
    assert (tagging.kept, tagging.widened, tagging.lost) == (2, [], [])


def test_a_span_inside_a_token_widens_and_is_counted() -> None:
    tagging = tag_document([Span(2, 5, "P", "r1")], sentences("chest pain"))
    assert tagging.tags == [["B-P", "O"]]
    assert [i.region_id for i in tagging.widened] == ["r1"]


def test_each_loss_has_its_code() -> None:
    spans = [Span(0, 3, "A"), Span(3, 5, "B"), Span(5, 6, "C"), Span(9, 13, "D")]
    tagging = tag_document(spans, sentences("chest pain", "and more"))
    assert [i.code for i in tagging.lost] == ["token_taken", "no_token", "crosses_sentence"]
    assert tagging.tags == [["B-A", "O"], ["O", "O"]]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), max_size=6))
def test_every_span_is_kept_or_lost(cases: list[tuple[int, int]]) -> None:
    spans: list[Span] = []
    for start, length in sorted(cases):
        if not spans or start >= spans[-1].end:
            spans.append(Span(start, start + length, "X"))
    tagging = tag_document(spans, sentences("one two three four", "five six seven", "eight nine"))
    found = [entity for tags in tagging.tags for entity in entities(tags)]
    assert len(spans) == tagging.kept + len(tagging.lost) == len(found) + len(tagging.lost)


@given(st.text(alphabet="ab😀𝒳é ", max_size=20), st.data())
def test_java_offsets_become_code_points(text: str, data: st.DataObject) -> None:
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))

    def units(t: str) -> int:
        return len(t.encode("utf-16-le")) // 2

    assert code_points(text, [units(text[:start])], [units(text[:end]) - 1]) == [(start, end)]

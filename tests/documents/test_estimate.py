from __future__ import annotations

from alabtrain.annotations.spans import Span
from alabtrain.documents.estimate import Estimate, sentences


def test_sentences_cover_the_text() -> None:
    text = 'One. Two? "Three!" 4.5 mg\n\nFive'
    assert [text[start:end].strip() for start, end in sentences(text)] == ["One.", "Two?", '"Three!"', "4.5 mg", "Five"]
    assert sentences(" \n ") == []


def test_estimates() -> None:
    estimate = Estimate()
    assert estimate.add("No fever. Mild cough.", [Span(3, 8, "Symptom")]) == 0
    assert (estimate.sentences, estimate.without_spans, estimate.tokens) == (2, 1, 6)

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alabtrain.annotations.spans import Span
from alabtrain.documents.document import Document
from alabtrain.trainers.tokens import tag_documents, tokenize

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def document(number: int, text: str, *pieces: tuple[str, str]) -> Document:
    spans = tuple(Span(text.index(piece), text.index(piece) + len(piece), label) for piece, label in pieces)
    return Document(number, number * 1000 + 1, text, spans, "train")


def tagged_words(session: SparkSession, *documents: Document) -> list[list[tuple[str, str]]]:
    tagged = tag_documents(documents, tokenize(session, documents, "en").sentences)
    return [
        [
            (documents[s.sentence.document].text[start:end], tag)
            for (start, end), tag in zip(s.sentence.tokens, s.tags, strict=True)
        ]
        for s in tagged.sentences
    ]


def test_emoji_and_crlf_before_a_span_shift_nothing(spark: SparkSession) -> None:
    found = tagged_words(
        spark, document(1, "😀 No fever 𝒳 today.\r\nMild cough since Monday.", ("fever", "P"), ("Mild cough", "P"))
    )
    assert [pair for sentence in found for pair in sentence if pair[1] != "O"] == [
        ("fever", "B-P"),
        ("Mild", "B-P"),
        ("cough", "I-P"),
    ]
    assert len(found) == 2


def test_slashes_separate_tokens(spark: SparkSession) -> None:
    (words,) = tagged_words(spark, document(1, "Known asthma/COPD, chest-wall pain", ("COPD", "P"), ("chest", "Q")))
    assert words == [
        ("Known", "O"), ("asthma", "O"), ("COPD", "B-P"), (",", "O"), ("chest-wall", "B-Q"), ("pain", "O"),
    ]  # fmt: skip


def test_documents_without_a_token_and_without_a_span_are_fine(spark: SparkSession) -> None:
    found = tagged_words(
        spark, document(1, "   \n"), document(2, "Nothing to see."), document(3, "Fever", ("Fever", "P"))
    )
    assert found == [[("Nothing", "O"), ("to", "O"), ("see", "O"), (".", "O")], [("Fever", "B-P")]]


def test_a_span_over_two_sentences_is_counted(spark: SparkSession) -> None:
    documents = [document(1, "Cough. Fever today.", ("Cough. Fever", "P"))]
    tagged = tag_documents(documents, tokenize(spark, documents, "en").sentences)
    assert tagged.funnel.to_dict()["stages"][0]["lost"] == {"crosses_sentence": 1}  # type: ignore[index]
    assert [finding.code for finding in tagged.findings] == ["crosses_sentence"]

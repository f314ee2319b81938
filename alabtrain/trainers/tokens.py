"""Sentences and tokens of documents, found by Spark NLP's own annotators, and their IOB2 tags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from alabtrain.core.findings import Finding, Tally
from alabtrain.core.funnel import Funnel, Stage
from alabtrain.documents import tagging as tag_rules
from alabtrain.documents.document import Document
from alabtrain.documents.tagging import Sentence, code_points, tag_document
from alabtrain.spark.annotators import SENTENCE, TEXT, TOKEN, text_stages, transform, word_stages

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

DOCUMENT_NUMBER, SENTENCE_NUMBER = "document_number", "sentence_number"


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """A sentence with a tag per token."""

    sentence: Sentence
    tags: tuple[str, ...]


TaggedDocument = tuple[Document, Sequence[TaggedSentence]]
"""A document with its sentences, in order."""


@dataclass(frozen=True, slots=True)
class Tokenized:
    """Documents in sentences and tokens, in order; `frame` holds the same sentences as Spark NLP's annotations.

    `frame` has a row a sentence: `document_number` (index into `documents`), `sentence_number`, `sentence`,
    `token`.
    """

    documents: Sequence[Document]
    frame: DataFrame
    sentences: Sequence[Sentence]


@dataclass(slots=True)
class TaggedDocuments:
    """Documents as tagged sentences, in order."""

    documents: Sequence[Document]
    sentences: list[TaggedSentence] = field(default_factory=list)
    funnel: Funnel = field(default_factory=Funnel)
    findings: list[Finding] = field(default_factory=list)

    def by_document(self) -> Iterator[TaggedDocument]:
        """Yield the documents that have sentences, each with its own."""
        for number, sentences in groupby(self.sentences, key=lambda tagged: tagged.sentence.document):
            yield self.documents[number], list(sentences)


def tokenize(session: SparkSession, documents: Sequence[Document], lang: str) -> Tokenized:
    """Split documents in the language `lang` into sentences and tokens with Spark NLP's annotators."""
    words = of_pages(documents)
    frame = sentence_frame(session, [document.text for document in documents], lang, words=words).cache()
    by_document = _collect(frame, documents)
    return Tokenized(documents, frame, [s for number in range(len(documents)) for s in by_document[number]])


def tag_documents(documents: Sequence[Document], sentences: Sequence[Sentence]) -> TaggedDocuments:
    """Tag the sentences of documents with their spans; spans that tags cannot hold are counted."""
    by_document: dict[int, list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        by_document[sentence.document].append(sentence)
    out = TaggedDocuments(documents)
    tally = Tally()
    for number, document in enumerate(documents):
        sentences = by_document[number]
        tagging = tag_document(document.spans, sentences)
        for incident in [*tagging.lost, *tagging.widened]:
            tally.add(incident.code, f"task {document.task_id}, region {incident.region_id} ({incident.label})")
        out.sentences += [TaggedSentence(s, tuple(t)) for s, t in zip(sentences, tagging.tags, strict=True)]
    entered = sum(len(document.spans) for document in documents)
    out.funnel = Funnel(
        (
            Stage(
                "tag tokens",
                "spans",
                entered,
                {c: tally.counts[c] for c in tag_rules.LOSSES if tally.counts.get(c)},
            ),
        )
    )
    out.findings = _findings(tally)
    return out


def of_pages(documents: Sequence[Document]) -> bool:
    """Whether the documents are pages: words with blanks between them, not running text."""
    return any(document.page is not None for document in documents)


def sentence_frame(session: SparkSession, texts: Sequence[str], lang: str, *, words: bool = False) -> DataFrame:
    """Return the sentences of `texts` that have a token, a row each, as Spark NLP's annotations.

    With `words` the texts are those of pages.
    """
    from pyspark.sql import functions as f

    rows = list(enumerate(texts))
    frame = session.createDataFrame(rows, f"{DOCUMENT_NUMBER} long, {TEXT} string")
    frame = frame.repartition(max(2, session.sparkContext.defaultParallelism * 2))
    frame = transform(word_stages(explode=True) if words else text_stages(lang, explode=True), frame)
    number = f.expr(f"int({SENTENCE}[0].metadata['sentence'])").alias(SENTENCE_NUMBER)
    return frame.select(DOCUMENT_NUMBER, number, SENTENCE, TOKEN).where(f.size(TOKEN) > 0)


def _collect(frame: DataFrame, documents: Sequence[Document]) -> dict[int, list[Sentence]]:
    from pyspark.sql import functions as f

    found: dict[int, list[Sentence]] = defaultdict(list)
    offsets = [f.expr(f"transform({TOKEN}, t -> t.{edge})").alias(edge) for edge in ("begin", "end")]
    for row in frame.select(DOCUMENT_NUMBER, SENTENCE_NUMBER, *offsets).toLocalIterator():
        number = row[DOCUMENT_NUMBER]
        places = code_points(documents[number].text, row["begin"], row["end"])
        found[number].append(Sentence(number, row[SENTENCE_NUMBER], tuple(places)))
    for sentences in found.values():
        sentences.sort(key=lambda sentence: sentence.number)
    return found


def _findings(tally: Tally) -> list[Finding]:
    found = [tally.finding(code, "warning", f"left out: {{count}} {text}") for code, text in tag_rules.LOSSES.items()]
    found.append(tally.finding(tag_rules.WIDENED, "info", "{count} [span|spans] inside a token widened to the token"))
    return [finding for finding in found if finding is not None]

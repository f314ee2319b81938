"""The sentences of the chosen completions with their vectors: made once, for all trainers of a run."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.core.errors import TrainingError
from alabtrain.core.events import Sink, Step
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Account, Funnel, Stage
from alabtrain.core.languages.detect import settle_language, without_rules
from alabtrain.core.languages.registry import language_of
from alabtrain.documents.document import Document
from alabtrain.documents.split import Part
from alabtrain.documents.tagging import Sentence
from alabtrain.embeddings.options import EmbeddingOptions
from alabtrain.embeddings.registry import language_findings, parse_choice
from alabtrain.embeddings.stages import EMBEDDINGS, Embeddings, build
from alabtrain.embeddings.vectors import embed
from alabtrain.spark.annotators import SENTENCE, TOKEN, text_stages, word_stages
from alabtrain.spark.shared import SharedFolder
from alabtrain.trainers.tokens import DOCUMENT_NUMBER, SENTENCE_NUMBER, of_pages, tokenize

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame, SparkSession

PART, POSITION = "part", "position"
SCORED: tuple[Part, ...] = ("test", "validation")  # the first of these that is not empty is scored


@dataclass(frozen=True, slots=True)
class CorpusOptions:
    """How texts become vectors: an embeddings choice (`embeddings.registry`), a language code, whether to keep them."""

    embeddings: str
    lang: str
    embeddings_cache: bool = True


def settle(options: EmbeddingOptions, texts: Iterable[str]) -> tuple[CorpusOptions, list[Finding]]:
    """Return the options with what they leave to the texts settled, and what is to be said of that."""
    lang, findings = (options.lang, without_rules(options.lang)) if options.lang else settle_language(texts)
    embeddings = options.embeddings or language_of(lang).embeddings
    findings += language_findings(parse_choice(embeddings), lang)
    return CorpusOptions(embeddings, lang, options.embeddings_cache), findings


class Corpus:
    """Documents in sentences and tokens; after `embed`, `frame` gives them with vectors.

    `documents` are those that some trainer uses; a sentence names its document by its place there.
    """

    def __init__(
        self,
        session: SparkSession,
        documents: Sequence[Document],
        options: CorpusOptions,
        *,
        seed: int,
        scratch: Path,
        shared: SharedFolder,
        sink: Sink,
    ) -> None:
        """Tokenize the documents and make the embeddings stages ready. Raises `SetupError`, `InputError`."""
        sink(Step("tokenizing", len(documents), "documents"))
        self.session, self.documents, self.options = session, documents, options
        self.seed, self.scratch, self.shared = seed, scratch, shared
        tokenized = tokenize(session, documents, options.lang)
        self.sentences: Sequence[Sentence] = tokenized.sentences
        self._frame = tokenized.frame.join(self._parts_frame(), [DOCUMENT_NUMBER, SENTENCE_NUMBER])
        self.embeddings: Embeddings = build(
            session,
            parse_choice(options.embeddings),
            self._frame.where(f"{PART} = 'train'"),
            lang=options.lang,
            seed=seed,
            sink=sink,
        )
        self._location = shared.path("corpus")

    @property
    def stages(self) -> list[Transformer]:
        """The stages from the column `text` to the column `embeddings`, for a pipeline."""
        words = of_pages(self.documents)
        tokens = word_stages(explode=False) if words else text_stages(self.options.lang, explode=False)
        return [*tokens, *self.embeddings.stages]

    @property
    def scored_part(self) -> Part | None:
        """The part that scores are taken on: test, else validation; None when all documents train."""
        return next((part for part in SCORED if self.sentences_of(part)), None)

    def part_of(self, sentence: Sentence) -> Part:
        """Return the part of the split that a sentence is in."""
        return self.documents[sentence.document].part

    def sentences_of(self, part: Part) -> list[Sentence]:
        """Return the sentences of one part, in order."""
        return [sentence for sentence in self.sentences if self.part_of(sentence) == part]

    def embed(self, sink: Sink) -> Account:
        """Compute the vectors of all sentences and write them once; count the tokens that have none."""
        count = len(self.sentences)
        embedded = embed(
            self._frame, self.embeddings, count,
            scratch=self.scratch, use_cache=self.options.embeddings_cache, sink=sink,
        )  # fmt: skip
        # Written once: what follows would else join the vectors anew each time it looks at them.
        columns = [SENTENCE, TOKEN, EMBEDDINGS, DOCUMENT_NUMBER, SENTENCE_NUMBER, POSITION, PART]
        embedded.select(*columns).write.partitionBy(PART).parquet(self._location)
        tokens, lost = self._count_tokens()
        stage = Stage("embed", "tokens", tokens, {"no_vector": lost} if lost else {})
        return Account(Funnel((stage,)), _lost_tokens(lost))

    def frame(self, part: Part) -> DataFrame:
        """Return the sentences of a part, a row each, with vectors.

        Columns: `sentence`, `token`, `embeddings`, `document_number`, `sentence_number`, and `position`, the place
        in a shuffled order.
        """
        return self.session.read.parquet(f"{self._location}/{PART}={part}")

    def _parts_frame(self) -> DataFrame:
        from pyspark.sql import functions as f

        positions = shuffled(len(self.sentences), self.seed)
        rows = [(s.document, s.number, self.part_of(s), p) for s, p in zip(self.sentences, positions, strict=True)]
        schema = f"{DOCUMENT_NUMBER} long, {SENTENCE_NUMBER} int, {PART} string, {POSITION} long"
        return f.broadcast(self.session.createDataFrame(rows, schema))

    def _count_tokens(self) -> tuple[int, int]:
        """Return how many tokens there are, and how many of them have no vector."""
        counted = self.session.read.parquet(self._location).selectExpr("count(*)", f"sum(size({EMBEDDINGS}))").head()
        sentences, vectors = (int(number or 0) for number in counted) if counted is not None else (0, 0)
        if sentences != len(self.sentences):
            raise TrainingError(f"{len(self.sentences)} sentences were to be embedded, {sentences} were")
        tokens = sum(len(sentence.tokens) for sentence in self.sentences)
        return tokens, tokens - vectors


def shuffled(count: int, seed: int) -> list[int]:
    """Return a place for each of `count` things in an order shuffled by `seed`.

    Whatever an engine makes of the order of the rows, it must not be that of the documents.
    """
    positions = list(range(count))
    random.Random(seed).shuffle(positions)  # noqa: S311 - an order, not a secret
    return positions


def _lost_tokens(lost: int) -> list[Finding]:
    if not lost:
        return []
    return [
        Finding(
            "no_vector",
            "warning",
            f"{lost} tokens have no vector and cannot be tagged",
            lost,
            hint="they lie beyond what the encoder reads of a sentence, or hold no character that it knows",
        )
    ]

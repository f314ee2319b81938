"""Assertion status: what a text says of its chunks (present, absent, …), with NerDL over the words around each chunk.

See `alabtrain.trainers.assertion.targets` for the design, and benchmarks/README.md for what it was chosen against.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from alabtrain.core.errors import NothingToTrain
from alabtrain.core.events import Sink, Step
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Account, Funnel
from alabtrain.documents.alignment import AlignedStatus, align_statuses
from alabtrain.documents.document import Document, Documents
from alabtrain.documents.split import HELD_BACK, Part
from alabtrain.documents.texts import DocumentRequest
from alabtrain.scoring.metrics import class_scores, never_right
from alabtrain.spark.annotators import CHUNK, TOKEN
from alabtrain.trainers.assertion.options import AssertionOptions
from alabtrain.trainers.assertion.targets import (
    ASSERTION,
    TARGET_SENTENCE,
    TARGET_TAG,
    TARGET_TOKEN,
    TARGET_VECTORS,
    WINDOWS,
    status_stage,
    target_dimension,
    target_stages,
)
from alabtrain.trainers.base import Job, Scores
from alabtrain.trainers.corpus import POSITION, SCORED, Corpus
from alabtrain.trainers.members import counting_on, seed_of
from alabtrain.trainers.nerdl.characters import count_characters
from alabtrain.trainers.nerdl.limits import require_graph
from alabtrain.trainers.nerdl.training import LABEL, fit_tagger
from alabtrain.trainers.tokens import DOCUMENT_NUMBER, SENTENCE_NUMBER

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

CHUNKS, STATUS = "chunks", "status"
PROJECT = "jsl"
"""What stands for the project in the product's own name for an assertion model, of which a project has one."""


class AssertionTrainer:
    """Trains the assertion status of the regions with NER labels."""

    type = "assertion"
    beside_test = HELD_BACK
    choices = None
    files = ()

    def __init__(self, parameters: AssertionOptions) -> None:
        self.parameters = parameters
        self._labels: tuple[str, ...] = ()
        self._placed: list[AlignedStatus] = []
        self._targets: list[Transformer] = []
        self._models: list[Any] = []
        self._findings: list[Finding] = []

    @property
    def labels(self) -> tuple[str, ...]:
        """The statuses that occur in the training part, in alphabetical order."""
        return self._labels

    def default_name(self, project: str, origin: str) -> str:
        """Return the product's name for an assertion model, the same for every project."""
        return f"assertion_{PROJECT}_annotation_{origin}"

    def ask(self, options: DocumentRequest, job: Job) -> DocumentRequest:
        """Ask for the assertion labels, and for the NER labels that they are said of."""
        assert job.config is not None  # noqa: S101 - without a config there is no assertion label
        return replace(
            options,
            labels={label.name for label in job.config.ner_labels},
            spans=True,
            statuses={label.name for label in job.config.assertion_labels},
            unlabeled_status=self.parameters.unlabeled_status,
        )

    def read(self, documents: Documents, job: Job) -> Sequence[Finding]:
        """Find out which statuses there are to train."""
        self._labels = tuple(sorted({s.label for document in documents.part("train") for s in document.statuses}))
        if len(self._labels) < 2:
            have = f"only the status {self._labels[0]!r}" if self._labels else "no assertion status on an NER region"
            raise NothingToTrain(
                f"the training part has {have}: an assertion model needs two",
                hint="`alabtrain check` counts them; --unlabeled-status NAME gives regions without one a status",
            )
        return ()

    def uses(self, document: Document) -> bool:
        """Whether a text has a status."""
        return bool(document.statuses)

    def prepare(self, corpus: Corpus, sink: Sink) -> Account:
        """Put the statuses on the tokens; refuse what no TensorFlow graph takes."""
        placing = align_statuses(corpus.documents, corpus.sentences)
        self._placed = placing.aligned
        training = [placed for placed in self._placed if corpus.part_of(placed.sentence) == "train"]
        if not training:
            raise NothingToTrain("no assertion status of the training part could be put on tokens")
        require_graph(
            dimension=target_dimension(corpus.embeddings.own_dimension),
            tags=len(self._labels) + 1,
            characters=count_characters(corpus, {placed.sentence for placed in training}),
        )
        return Account(Funnel((placing.stage,)), placing.findings)

    def fit(self, corpus: Corpus, sink: Sink) -> None:
        """Train NerDL on a sequence per status of the training part."""
        self.make_targets(corpus)
        held_back = None
        if self._of_part(corpus, "validation"):
            held_back = corpus.shared.path("assertion-validation")
            self._labelled(corpus, "validation").write.parquet(held_back)
        place = corpus.shared.path("assertion-training")
        self._labelled(corpus, "train").write.parquet(place)
        training = corpus.session.read.parquet(place).orderBy(POSITION)
        members = self.parameters.members
        for number in range(members):
            fitted = fit_tagger(
                training, (TARGET_SENTENCE, TARGET_TOKEN, TARGET_VECTORS), f"{TARGET_TAG}_{number}", self.parameters,
                seed=seed_of(corpus.seed, number), scratch=corpus.scratch / f"{self.type}-{number}",
                held_back=held_back, sink=counting_on(sink, number, members),
                dimension=target_dimension(corpus.embeddings.own_dimension),
            )  # fmt: skip
            self._findings += fitted.findings(self.type)
            self._models.append(fitted.model.setIncludeConfidence(True).setIncludeAllConfidenceScores(True))

    def make_targets(self, corpus: Corpus) -> None:
        """Make the stages from vectors and chunks to the sequences."""
        self._targets = target_stages(corpus.embeddings.own_dimension)

    def stages(self) -> list[Transformer]:
        """Return the stages from vectors and `ner_chunk` to `assertion`."""
        return [*self._targets, *self._models, status_stage(self._labels, len(self._models))]

    def score(self, corpus: Corpus, sink: Sink) -> Scores:
        """Score the statuses of the annotated chunks of the test part, else of the validation part."""
        part = next((p for p in SCORED if self._of_part(corpus, p)), None)
        if part is None:
            return Scores({"split": None}, findings=self._findings)
        placed = self._of_part(corpus, part)
        sink(Step(f"scoring {self.type}", len(placed), "statuses"))
        frame = self._chunks(corpus, part)
        for stage in self.stages():
            frame = stage.transform(frame)
        said = f"transform({ASSERTION}, (a, i) -> struct({CHUNK}[i].metadata['{STATUS}'] AS gold, a.result AS said))"
        rows = frame.selectExpr(f"explode({said}) AS pair").select("pair.gold", "pair.said").collect()
        metrics = class_scores([row.gold for row in rows], [row.said for row in rows], part, self._labels)
        return Scores(metrics, findings=[*self._findings, *never_right(metrics, self.type)])

    def _of_part(self, corpus: Corpus, part: Part) -> list[AlignedStatus]:
        return [placed for placed in self._placed if corpus.part_of(placed.sentence) == part]

    def _chunks(self, corpus: Corpus, part: Part) -> DataFrame:
        """Return the sentences of a part that have statuses; the metadata of `ner_chunk` hold the status."""
        from pyspark.sql import functions as f

        by_sentence: dict[tuple[int, int], list[tuple[int, int, str, str]]] = defaultdict(list)
        for placed in self._of_part(corpus, part):
            place = (placed.sentence.document, placed.sentence.number)
            by_sentence[place].append((placed.first, placed.last, placed.status.label, placed.status.span_label))
        rows = [(*place, chunks) for place, chunks in by_sentence.items()]
        chunk = "array<struct<first: int, last: int, status: string, label: string>>"
        schema = f"{DOCUMENT_NUMBER} long, {SENTENCE_NUMBER} int, {CHUNKS} {chunk}"
        chunks = f.broadcast(corpus.session.createDataFrame(rows, schema))
        made = (
            f"transform({CHUNKS}, (c, i) -> named_struct('annotatorType', 'chunk', 'begin', {TOKEN}[c.first].begin, "
            f"'end', {TOKEN}[c.last].end, 'result', {TOKEN}[c.first].result, 'metadata', map('entity', c.label, "
            f"'sentence', {TOKEN}[c.first].metadata['sentence'], 'chunk', string(i), '{STATUS}', c.status), "
            "'embeddings', cast(array() AS array<float>)))"
        )
        column = f.expr(made).alias(CHUNK, metadata={"annotatorType": "chunk"})
        return corpus.frame(part).join(chunks, [DOCUMENT_NUMBER, SENTENCE_NUMBER]).withColumn(CHUNK, column)

    def one_by_one(self, corpus: Corpus, part: Part) -> DataFrame:
        """Return a row per status of a part, with the sequence of its chunk."""
        from pyspark.sql import functions as f

        frame = self._chunks(corpus, part)
        metadata = frame.schema[CHUNK].metadata
        one = f.array("one").alias(CHUNK, metadata=metadata)
        frame = frame.withColumn("one", f.explode(CHUNK)).withColumn(CHUNK, one)
        for stage in self._targets:
            frame = stage.transform(frame)
        return frame

    def _labelled(self, corpus: Corpus, part: Part) -> DataFrame:
        """Return the rows of `one_by_one` with the column `label`."""
        from pyspark.sql import functions as f

        tag = f"concat('B-', {WINDOWS}[0].chunk.metadata['{STATUS}'])"
        label = (
            f"transform({TARGET_VECTORS}, e -> named_struct('annotatorType', 'named_entity', 'begin', e.begin, "
            f"'end', e.end, 'result', CASE WHEN e.metadata['target'] = 'true' THEN {tag} ELSE 'O' END, "
            "'metadata', map('word', e.result, 'sentence', e.metadata['sentence']), "
            "'embeddings', cast(array() AS array<float>)))"
        )
        column = f.expr(label).alias(LABEL, metadata={"annotatorType": "named_entity"})
        frame = self.one_by_one(corpus, part).withColumn(LABEL, column)
        return frame.select(TARGET_SENTENCE, TARGET_TOKEN, TARGET_VECTORS, LABEL, POSITION)

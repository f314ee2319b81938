"""Assertion status of chunks (present, absent, …), with NerDL over the words around each chunk.

See `alabtrain.trainers.assertion.targets` for the design, and benchmarks/README.md for the alternatives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

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
from alabtrain.spark.types import Stage
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
"""Replaces the project in Annotation Lab's name for an assertion model, as a project has only one."""


class AssertionTrainer:
    """Trains the assertion status of the regions with NER labels."""

    type = "assertion"
    beside_test = HELD_BACK
    choices = None
    files = ()

    def __init__(self, parameters: AssertionOptions) -> None:
        self.parameters = parameters
        self._labels: tuple[str, ...] = ()
        self._aligned: list[AlignedStatus] = []
        self._targets: list[Transformer] = []
        self._models: list[Stage] = []
        self._findings: list[Finding] = []

    @property
    def labels(self) -> tuple[str, ...]:
        """The statuses that occur in the training part, in alphabetical order."""
        return self._labels

    def default_name(self, project: str, origin: str) -> str:
        """Return Annotation Lab's name for an assertion model, which is the same for every project."""
        return f"assertion_{PROJECT}_annotation_{origin}"

    def ask(self, options: DocumentRequest, job: Job) -> DocumentRequest:
        """Ask for the assertion labels, and for the NER labels that they apply to."""
        assert job.config is not None  # noqa: S101 - without a config there is no assertion label
        return replace(
            options,
            labels={label.name for label in job.config.ner_labels},
            spans=True,
            statuses={label.name for label in job.config.assertion_labels},
            unlabeled_status=self.parameters.unlabeled_status,
        )

    def read(self, documents: Documents, job: Job) -> Sequence[Finding]:
        """Collect the statuses of the training part. Raises `NothingToTrain` for fewer than two."""
        self._labels = tuple(sorted({s.label for document in documents.part("train") for s in document.statuses}))
        if len(self._labels) < 2:
            have = f"only the status {self._labels[0]!r}" if self._labels else "no assertion status on an NER region"
            raise NothingToTrain(
                f"the training part has {have}, but an assertion model needs two statuses",
                hint="`alabtrain check` counts them; --unlabeled-status NAME sets the status of regions without one",
            )
        return ()

    def uses(self, document: Document) -> bool:
        """Return whether a text has a status."""
        return bool(document.statuses)

    def prepare(self, corpus: Corpus, sink: Sink) -> Account:
        """Align the statuses with the tokens. Raises `InputError` if no TensorFlow graph fits."""
        alignment = align_statuses(corpus.documents, corpus.sentences)
        self._aligned = alignment.aligned
        training = [aligned for aligned in self._aligned if corpus.part_of(aligned.sentence) == "train"]
        if not training:
            raise NothingToTrain("no assertion status of the training part could be aligned with tokens")
        require_graph(
            dimension=target_dimension(corpus.embeddings.own_dimension),
            tags=len(self._labels) + 1,
            characters=count_characters(corpus, {aligned.sentence for aligned in training}),
        )
        return Account(Funnel((alignment.stage,)), alignment.findings)

    def fit(self, corpus: Corpus, sink: Sink) -> None:
        """Train NerDL on the training part, with one sequence per status."""
        self.build_targets(corpus)
        held_back = None
        if self._of_part(corpus, "validation"):
            held_back = corpus.shared.path("assertion-validation")
            self._labelled(corpus, "validation").write.parquet(held_back)
        location = corpus.shared.path("assertion-training")
        self._labelled(corpus, "train").write.parquet(location)
        training = corpus.session.read.parquet(location).orderBy(POSITION)
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

    def build_targets(self, corpus: Corpus) -> None:
        """Build the stages from vectors and chunks to the sequences."""
        self._targets = target_stages(corpus.embeddings.own_dimension)

    def stages(self) -> list[Transformer]:
        """Return the stages from vectors and `ner_chunk` to `assertion`."""
        return [*self._targets, *self._models, status_stage(self._labels, len(self._models))]

    def score(self, corpus: Corpus, sink: Sink) -> Scores:
        """Score the statuses of the annotated chunks of the test part, else of the validation part."""
        part = next((p for p in SCORED if self._of_part(corpus, p)), None)
        if part is None:
            return Scores({"split": None}, findings=self._findings)
        sink(Step(f"scoring {self.type}", len(self._of_part(corpus, part)), "statuses"))
        frame = self._chunks(corpus, part)
        for stage in self.stages():
            frame = stage.transform(frame)
        gold = f"{CHUNK}[i].metadata['{STATUS}'] AS gold"
        pairs = f"transform({ASSERTION}, (a, i) -> struct({gold}, a.result AS predicted))"
        rows = frame.selectExpr(f"explode({pairs}) AS pair").select("pair.gold", "pair.predicted").collect()
        metrics = class_scores([row.gold for row in rows], [row.predicted for row in rows], part, self._labels)
        return Scores(metrics, findings=[*self._findings, *never_right(metrics, self.type)])

    def _of_part(self, corpus: Corpus, part: Part) -> list[AlignedStatus]:
        return [aligned for aligned in self._aligned if corpus.part_of(aligned.sentence) == part]

    def _chunks(self, corpus: Corpus, part: Part) -> DataFrame:
        """Return the sentences of a part that have statuses; the metadata of `ner_chunk` contain the status."""
        from pyspark.sql import functions as f

        by_sentence: dict[tuple[int, int], list[tuple[int, int, str, str]]] = defaultdict(list)
        for aligned in self._of_part(corpus, part):
            sentence, status = aligned.sentence, aligned.status
            key = (sentence.document, sentence.number)
            by_sentence[key].append((aligned.first, aligned.last, status.label, status.span_label))
        rows = [(*key, chunks) for key, chunks in by_sentence.items()]
        chunk = "array<struct<first: int, last: int, status: string, label: string>>"
        schema = f"{DOCUMENT_NUMBER} long, {SENTENCE_NUMBER} int, {CHUNKS} {chunk}"
        chunks = f.broadcast(corpus.session.createDataFrame(rows, schema))
        annotations = (
            f"transform({CHUNKS}, (c, i) -> named_struct('annotatorType', 'chunk', 'begin', {TOKEN}[c.first].begin, "
            f"'end', {TOKEN}[c.last].end, 'result', {TOKEN}[c.first].result, 'metadata', map('entity', c.label, "
            f"'sentence', {TOKEN}[c.first].metadata['sentence'], 'chunk', string(i), '{STATUS}', c.status), "
            "'embeddings', cast(array() AS array<float>)))"
        )
        column = f.expr(annotations).alias(CHUNK, metadata={"annotatorType": "chunk"})
        return corpus.frame(part).join(chunks, [DOCUMENT_NUMBER, SENTENCE_NUMBER]).withColumn(CHUNK, column)

    def one_by_one(self, corpus: Corpus, part: Part) -> DataFrame:
        """Return one row per status of a part, with the sequence of its chunk."""
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

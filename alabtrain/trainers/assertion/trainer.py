"""Assertion status of chunks (present, absent, …), with NerDL over the words around each chunk.

See `alabtrain.trainers.assertion.targets` for the design, and benchmarks/README.md for the alternatives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from alabtrain.spark.annotators import CHUNK, TOKEN, transform
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
from alabtrain.trainers.base import InputFile, Job, Scores
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
COLUMNS = (TARGET_SENTENCE, TARGET_TOKEN, TARGET_VECTORS)


@dataclass(frozen=True, slots=True)
class AssertionTrainer:
    """Trains the assertion status of the regions with NER labels."""

    parameters: AssertionOptions
    type: str = ASSERTION
    beside_test: float = HELD_BACK
    files: tuple[InputFile, ...] = ()

    def ask(self, request: DocumentRequest, job: Job) -> DocumentRequest:
        """Ask for the assertion labels, and for the NER labels that they apply to."""
        assert job.config is not None  # noqa: S101 - without a config there is no assertion label
        return replace(
            request,
            labels={label.name for label in job.config.ner_labels},
            spans=True,
            statuses={label.name for label in job.config.assertion_labels},
            unlabeled_status=self.parameters.unlabeled_status,
        )

    def read(self, documents: Documents, job: Job) -> AssertionTrainingSet:
        """Collect the statuses of the training part. Raises `NothingToTrain` for fewer than two."""
        labels = tuple(sorted({s.label for document in documents.part("train") for s in document.statuses}))
        if len(labels) < 2:
            have = f"only the status {labels[0]!r}" if labels else "no assertion status on an NER region"
            raise NothingToTrain(
                f"the training part has {have}, but an assertion model needs two statuses",
                hint="`alabtrain check` counts them; --unlabeled-status NAME sets the status of regions without one",
            )
        return AssertionTrainingSet(self.parameters, labels)


@dataclass(frozen=True, slots=True)
class AssertionTrainingSet:
    """Texts with statuses; `labels` are those of the training part, in alphabetical order."""

    parameters: AssertionOptions
    labels: tuple[str, ...]
    choices: None = None
    findings: Sequence[Finding] = ()

    def uses(self, document: Document) -> bool:
        """Return whether a text has a status."""
        return bool(document.statuses)

    def align(self, corpus: Corpus, sink: Sink) -> AssertionExamples:
        """Align the statuses with the tokens. Raises `InputError` if no TensorFlow graph fits."""
        alignment = align_statuses(corpus.documents, corpus.sentences)
        account = Account(Funnel((alignment.stage,)), alignment.findings)
        examples = AssertionExamples(self.parameters, self.labels, corpus, tuple(alignment.aligned), account)
        training = examples.of_part("train")
        if not training:
            raise NothingToTrain("no assertion status of the training part could be aligned with tokens")
        require_graph(
            dimension=target_dimension(corpus.embeddings.own_dimension),
            tags=len(self.labels) + 1,
            characters=count_characters(corpus, {aligned.sentence for aligned in training}),
        )
        return examples


@dataclass(frozen=True, slots=True)
class AssertionExamples:
    """Statuses, each with the tokens of its chunk."""

    parameters: AssertionOptions
    labels: tuple[str, ...]
    corpus: Corpus
    aligned: tuple[AlignedStatus, ...]
    account: Account

    def of_part(self, part: Part) -> list[AlignedStatus]:
        """Return the statuses of a part."""
        return [aligned for aligned in self.aligned if self.corpus.part_of(aligned.sentence) == part]

    def fit(self, sink: Sink) -> AssertionModel:
        """Train NerDL on the training part, with one sequence per status."""
        corpus, parameters = self.corpus, self.parameters
        dimension = target_dimension(corpus.embeddings.own_dimension)
        targets = target_stages(corpus.embeddings.own_dimension)
        held_back = None
        if self.of_part("validation"):
            held_back = corpus.shared.path("assertion-validation")
            self._labelled("validation", targets).write.parquet(held_back)
        location = corpus.shared.path("assertion-training")
        self._labelled("train", targets).write.parquet(location)
        training = corpus.session.read.parquet(location).orderBy(POSITION)
        models: list[Transformer] = []
        findings: list[Finding] = []
        for number in range(parameters.members):
            fitted = fit_tagger(
                training, COLUMNS, f"{TARGET_TAG}_{number}", parameters,
                seed=seed_of(corpus.seed, number), scratch=corpus.scratch / f"{ASSERTION}-{number}",
                held_back=held_back, sink=counting_on(sink, number, parameters.members), dimension=dimension,
            )  # fmt: skip
            findings += fitted.findings(ASSERTION)
            models.append(fitted.model.setIncludeConfidence(True).setIncludeAllConfidenceScores(True))
        stages = [*targets, *models, status_stage(self.labels, len(models))]
        return AssertionModel(parameters, self, stages, findings)

    def chunks(self, part: Part) -> DataFrame:
        """Return the sentences of a part that have statuses; the metadata of `ner_chunk` contain the status."""
        from pyspark.sql import functions as f

        by_sentence: dict[tuple[int, int], list[tuple[int, int, str, str]]] = defaultdict(list)
        for aligned in self.of_part(part):
            sentence, status = aligned.sentence, aligned.status
            key = (sentence.document, sentence.number)
            by_sentence[key].append((aligned.first, aligned.last, status.label, status.span_label))
        rows = [(*key, chunks) for key, chunks in by_sentence.items()]
        chunk = "array<struct<first: int, last: int, status: string, label: string>>"
        schema = f"{DOCUMENT_NUMBER} long, {SENTENCE_NUMBER} int, {CHUNKS} {chunk}"
        chunks = f.broadcast(self.corpus.session.createDataFrame(rows, schema))
        annotations = (
            f"transform({CHUNKS}, (c, i) -> named_struct('annotatorType', 'chunk', 'begin', {TOKEN}[c.first].begin, "
            f"'end', {TOKEN}[c.last].end, 'result', {TOKEN}[c.first].result, 'metadata', map('entity', c.label, "
            f"'sentence', {TOKEN}[c.first].metadata['sentence'], 'chunk', string(i), '{STATUS}', c.status), "
            "'embeddings', cast(array() AS array<float>)))"
        )
        column = f.expr(annotations).alias(CHUNK, metadata={"annotatorType": "chunk"})
        return self.corpus.frame(part).join(chunks, [DOCUMENT_NUMBER, SENTENCE_NUMBER]).withColumn(CHUNK, column)

    def one_by_one(self, part: Part, targets: list[Transformer]) -> DataFrame:
        """Return one row per status of a part, with the sequence of its chunk that the stages `targets` give."""
        from pyspark.sql import functions as f

        frame = self.chunks(part)
        metadata = frame.schema[CHUNK].metadata
        one = f.array("one").alias(CHUNK, metadata=metadata)
        return transform(targets, frame.withColumn("one", f.explode(CHUNK)).withColumn(CHUNK, one))

    def _labelled(self, part: Part, targets: list[Transformer]) -> DataFrame:
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
        frame = self.one_by_one(part, targets).withColumn(LABEL, column)
        return frame.select(*COLUMNS, LABEL, POSITION)


@dataclass(frozen=True, slots=True)
class AssertionModel:
    """An ensemble with the stages from vectors and `ner_chunk` to `assertion`."""

    parameters: AssertionOptions
    examples: AssertionExamples
    stages: Sequence[Transformer]
    findings: Sequence[Finding]

    def score(self, sink: Sink) -> Scores:
        """Score the statuses of the annotated chunks of the test part, else of the validation part."""
        examples = self.examples
        part = next((p for p in SCORED if examples.of_part(p)), None)
        if part is None:
            return Scores({"split": None}, findings=self.findings)
        sink(Step(f"scoring {ASSERTION}", len(examples.of_part(part)), "statuses"))
        frame = transform(list(self.stages), examples.chunks(part))
        gold = f"{CHUNK}[i].metadata['{STATUS}'] AS gold"
        pairs = f"transform({ASSERTION}, (a, i) -> struct({gold}, a.result AS predicted))"
        rows = frame.selectExpr(f"explode({pairs}) AS pair").select("pair.gold", "pair.predicted").collect()
        metrics = class_scores([row.gold for row in rows], [row.predicted for row in rows], part, examples.labels)
        return Scores(metrics, findings=[*self.findings, *never_right(metrics, ASSERTION)])

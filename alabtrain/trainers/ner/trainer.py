"""Named entities: the steps of a training, from spans to scores. What learns is one of `trainers.ner.learners`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alabtrain.core.events import Sink, Step
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Account
from alabtrain.documents.document import Document, Documents
from alabtrain.documents.split import HELD_BACK
from alabtrain.documents.texts import DocumentRequest
from alabtrain.spark.annotators import transform
from alabtrain.trainers.base import InputFile, Job, Scores
from alabtrain.trainers.corpus import Corpus
from alabtrain.trainers.ner.learners import Learned, Learner
from alabtrain.trainers.ner.options import NER, NerOptions
from alabtrain.trainers.tagging import (
    TaggedCorpus,
    chunk_converter,
    span_labels,
    tag_corpus,
)

if TYPE_CHECKING:
    from pyspark.ml import Transformer


@dataclass(frozen=True, slots=True)
class NerTrainer:
    """Trains NER on the NER labels of the labeling config or, without a config, on all labels."""

    parameters: NerOptions
    learner: Learner
    type: str = NER
    beside_test: float = HELD_BACK

    @property
    def files(self) -> tuple[InputFile, ...]:
        """The files of the learner."""
        return self.learner.files

    def ask(self, request: DocumentRequest, job: Job) -> DocumentRequest:
        """Ask for the spans with NER labels."""
        labels = None if job.config is None else {label.name for label in job.config.ner_labels}
        return replace(request, labels=labels, spans=True)

    def read(self, documents: Documents, job: Job) -> NerTrainingSet:
        """Collect the labels of the training part. Raises `NothingToTrain` if there are none."""
        return NerTrainingSet(self.parameters, self.learner, span_labels(documents, "a region with an NER label"))


@dataclass(frozen=True, slots=True)
class NerTrainingSet:
    """Texts with spans; `labels` are those of the training part, in alphabetical order."""

    parameters: NerOptions
    learner: Learner
    labels: tuple[str, ...]
    choices: None = None
    findings: Sequence[Finding] = ()

    def uses(self, document: Document) -> bool:
        """Return True: a text without spans is an example, too."""
        return True

    def align(self, corpus: Corpus, sink: Sink) -> NerExamples:
        """Tag the tokens. Raises `InputError` if no TensorFlow graph fits."""
        tagged = tag_corpus(corpus)
        learner, findings = self.learner.ready(tagged, self.labels, sink)
        account = Account(tagged.tagged.funnel, [*tagged.tagged.findings, *findings])
        return NerExamples(self.parameters, learner, self.labels, tagged, account)


@dataclass(frozen=True, slots=True)
class NerExamples:
    """Sentences with one tag per token."""

    parameters: NerOptions
    learner: Learner
    labels: tuple[str, ...]
    tagged: TaggedCorpus
    account: Account

    def fit(self, sink: Sink) -> NerModel:
        """Train on the training part."""
        learned = self.learner.fit(self.tagged, self.labels, self.parameters, sink)
        return NerModel(self.parameters, self.tagged, learned, [*learned.stages, chunk_converter()])


@dataclass(frozen=True, slots=True)
class NerModel:
    """A tagger with the stages from vectors to `ner` (a tag per token) and `ner_chunk`."""

    parameters: NerOptions
    tagged: TaggedCorpus
    learned: Learned
    stages: Sequence[Transformer]

    def score(self, sink: Sink) -> Scores:
        """Score the test part, else the validation part; without either, there are no scores."""
        corpus, findings = self.tagged.corpus, self.learned.findings
        part = corpus.scored_part
        if part is None:
            return Scores({"split": None}, findings=findings)
        sink(Step(f"scoring {NER}", len(self.tagged.sentences(part)), "sentences"))
        predicted = self.tagged.predicted(transform(list(self.learned.stages), corpus.frame(part)), part)
        metrics, mistakes = self.tagged.score(predicted, part)
        return Scores(metrics, mistakes, findings)

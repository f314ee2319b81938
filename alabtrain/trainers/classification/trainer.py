"""Classification of texts: MultiClassifierDL over the sequence of tokens, or ClassifierDL over one vector per text.

ClassifierDL is for single choice only.

ClassifierDL: https://sparknlp.org/docs/en/annotators#classifierdl, a network of dense layers;
MultiClassifierDL: https://sparknlp.org/docs/en/annotators#multiclassifierdl, a GRU with convolutions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from alabtrain.core.errors import NothingToTrain, UsageError
from alabtrain.core.events import Sink, Step
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Account
from alabtrain.documents.document import Document, Documents
from alabtrain.documents.split import HELD_BACK, PARTS, Part
from alabtrain.documents.texts import DocumentRequest
from alabtrain.embeddings.stages import EMBEDDINGS
from alabtrain.labeling.choices import ChosenChoices, choice_finding
from alabtrain.labeling.config import Choices, LabelingConfig, split_names
from alabtrain.scoring.metrics import NO_CLASS, best_threshold, class_scores, multilabel_scores, never_right
from alabtrain.scoring.results import Metrics
from alabtrain.spark.background import run_aside
from alabtrain.spark.types import Stage
from alabtrain.trainers.base import InputFile, Job, Scores
from alabtrain.trainers.classification.options import SEQUENCE, VECTOR, ClassificationOptions, Network
from alabtrain.trainers.classification.pooling import (
    CLASS,
    MOST_NUMBERS,
    TEXT_VECTOR,
    PoolingShape,
    Scale,
    best_class_stage,
    pooled,
    pooling_stages,
    text_annotations,
)
from alabtrain.trainers.corpus import POSITION, SCORED, Corpus
from alabtrain.trainers.engine_log import ClassLog
from alabtrain.trainers.learning import epochs_for, learning_findings
from alabtrain.trainers.tokens import DOCUMENT_NUMBER, SENTENCE_NUMBER

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

CLASSIFICATION = "classification"
LABEL, RAW = "label", "raw"
STEPS, MOST_EPOCHS = 900, 60
CLASSES = "classes"  # the column of all classes, from which the best one is then chosen
DROPOUT = 0.5
RATES: Mapping[Network, float] = {SEQUENCE: 0.0003, VECTOR: 0.001}
DEVIATIONS: Mapping[Network, float] = {SEQUENCE: 0.3, VECTOR: 1.0}
"""Standard deviation of each number of a text's vector; at 1, MultiClassifierDL overfits early."""
SCALED_ON = 20_000  # number of training vectors that determine the scale; more do not change it
MOST_PIECES, MOST_VECTORS = 64, 100_000
"""Limits per text, and for all training texts: the driver holds the vectors, up to 20 KB each (MultiClassifierDL)."""


@dataclass(frozen=True, slots=True)
class ClassificationTrainer:
    """Trains a classifier on one group of choices; `parameters` are complete but for epochs and threshold."""

    chosen: ChosenChoices
    parameters: ClassificationOptions
    type: str = CLASSIFICATION
    beside_test: float = HELD_BACK
    files: tuple[InputFile, ...] = ()

    def ask(self, request: DocumentRequest, job: Job) -> DocumentRequest:
        """Ask for the values of the group."""
        assert job.config is not None  # noqa: S101 - without a config there are no choices
        group = self.chosen.group
        request = replace(request, groups=(group,), only_group=len(job.config.choices) == 1)
        return request if request.spans else _of_group(request, job.config, group)

    def read(self, documents: Documents, job: Job) -> ClassificationTrainingSet:
        """Collect the classes of the training part. Raises `NothingToTrain` for fewer than two."""
        group = self.chosen.group
        training = [classes for document in documents.part("train") if (classes := document.choices.get(group.name))]
        labels = tuple(sorted({value for values in training for value in values}))
        if len(labels) < 2:
            # Choices that come from the tasks may be text of a document.
            one = "one class" if group.dynamic else repr(next(iter(labels), ""))
            have = f"only {one}" if labels else "no class"
            raise NothingToTrain(
                f"the training part has {have} of the Choices {group.name!r}, but a classifier needs two",
                hint="`alabtrain check` counts the classes; --choices NAME selects another group",
            )
        parameters = self.parameters
        if parameters.epochs is None:
            epochs = epochs_for(len(training), parameters.batch_size, steps=STEPS, most=MOST_EPOCHS)
            parameters = replace(parameters, epochs=epochs)
        return ClassificationTrainingSet(group, parameters, labels, [choice_finding(self.chosen)])


def complete(parameters: ClassificationOptions, group: Choices) -> ClassificationOptions:
    """Return the options with the learning rate and dropout of their network.

    Raises `UsageError` for ClassifierDL if a text may have several classes.
    """
    network = parameters.classifier
    if group.mode == "multiple" and network == VECTOR:
        raise UsageError(
            f"--classifier {network} gives each text one class, but {group.name} allows several",
            hint=f"leave out --classifier: {SEQUENCE} supports both",
        )
    dropout = None if network == SEQUENCE else DROPOUT if parameters.dropout is None else parameters.dropout
    return replace(parameters, learning_rate=parameters.learning_rate or RATES[network], dropout=dropout)


@dataclass(frozen=True, slots=True)
class ClassificationTrainingSet:
    """Texts with classes of a group; `labels` are those of the training part, in alphabetical order."""

    group: Choices
    parameters: ClassificationOptions
    labels: tuple[str, ...]
    findings: Sequence[Finding]

    @property
    def choices(self) -> str:
        """The name of the group."""
        return self.group.name

    def uses(self, document: Document) -> bool:
        """Return whether a text has a class."""
        return self.group.name in document.choices

    def align(self, corpus: Corpus, sink: Sink) -> ClassificationExamples:
        """Choose the shape of the pooled vectors within the engine's limit."""
        numbers = corpus.embeddings.own_dimension
        if self.parameters.classifier == SEQUENCE:
            shape = PoolingShape(("mean",), min(numbers, MOST_NUMBERS), pieces_for(_lengths(corpus)))
        else:
            both = 2 * numbers <= MOST_NUMBERS
            shape = PoolingShape(("mean", "max") if both else ("mean",), min(numbers, MOST_NUMBERS))
        return ClassificationExamples(self.group, self.parameters, self.labels, corpus, shape)


@dataclass(frozen=True, slots=True)
class ClassificationExamples:
    """The texts of a corpus, whose vectors are pooled in the given shape."""

    group: Choices
    parameters: ClassificationOptions
    labels: tuple[str, ...]
    corpus: Corpus
    shape: PoolingShape
    account: Account = field(default_factory=Account)

    def fit(self, sink: Sink) -> ClassificationModel:
        """Train on the pooled vectors of the training part."""
        corpus, parameters = self.corpus, self.parameters
        for part in PARTS:
            if corpus.sentences_of(part):
                self._pool(part)
        scale = _scale(self._pooled("train"), DEVIATIONS[parameters.classifier])
        logs = corpus.scratch / "classifier"
        logs.mkdir()
        follower = ClassLog(logs, sink, parameters.learning_rate or 0.0)
        approach = _approach(parameters, self.group, corpus.seed).setEnableOutputLogs(True).setOutputLogsPath(str(logs))
        training = self.frame("train", scale).where(f"size({TEXT_VECTOR}) > 0").orderBy(POSITION)
        fitted = run_aside(lambda: approach.fit(training), follower.look)
        follower.look()
        findings = learning_findings(CLASSIFICATION, follower.losses)
        model = ClassificationModel(parameters, self, scale, _Network(fitted, parameters.classifier), findings)
        if self.group.mode == "multiple":
            sink(Step("choosing the threshold"))
            return model.with_threshold()
        return model

    def numbers(self, part: Part) -> list[int]:
        """Return the indices of the documents of a part that have a class."""
        documents = enumerate(self.corpus.documents)
        return [n for n, d in documents if d.part == part and self.group.name in d.choices]

    def classes(self, number: int) -> tuple[str, ...]:
        """Return the classes of a document by its index."""
        return self.corpus.documents[number].choices[self.group.name]

    def _pool(self, part: Part) -> None:
        """Pool the vectors of each text of a part, once."""
        from pyspark.sql import functions as f

        slim = f.expr(f"transform({EMBEDDINGS}, e -> struct(e.end AS end, e.embeddings AS embeddings))")
        sentences = f.sort_array(f.collect_list(f.struct(SENTENCE_NUMBER, slim.alias(EMBEDDINGS)))).alias("sentences")
        texts = self.corpus.frame(part).groupBy(DOCUMENT_NUMBER).agg(sentences, f.min(POSITION).alias(POSITION))
        merged = f.expr(f"flatten(transform(sentences, s -> s.{EMBEDDINGS}))").alias(EMBEDDINGS)
        raw = f.expr(pooled(self.shape)).alias(RAW)
        pooled_texts = texts.select(DOCUMENT_NUMBER, POSITION, merged).select(DOCUMENT_NUMBER, POSITION, raw)
        pooled_texts.write.parquet(self.corpus.shared.path(f"texts/{part}"))

    def _pooled(self, part: Part) -> DataFrame:
        return self.corpus.session.read.parquet(self.corpus.shared.path(f"texts/{part}"))

    def frame(self, part: Part, scale: Scale) -> DataFrame:
        """Return the texts of a part that have a class, with `label` and `text_embeddings`."""
        from pyspark.sql import functions as f

        several = self.parameters.classifier == SEQUENCE
        rows = [(n, list(self.classes(n)) if several else self.classes(n)[0]) for n in self.numbers(part)]
        label_type = "array<string>" if several else "string"
        labels = self.corpus.session.createDataFrame(rows, f"{DOCUMENT_NUMBER} long, {LABEL} {label_type}")
        metadata = {
            **self.corpus.frame(part).schema[EMBEDDINGS].metadata,
            "annotatorType": "sentence_embeddings",
            "dimension": self.shape.numbers,
        }
        vector = f.expr(text_annotations(RAW, scale)).alias(TEXT_VECTOR, metadata=metadata)
        texts = self._pooled(part).join(f.broadcast(labels), DOCUMENT_NUMBER)
        return texts.withColumn(TEXT_VECTOR, vector).drop(RAW)


class _Network:
    """A trained network of the engine, as a stage."""

    def __init__(self, fitted: Stage, network: Network) -> None:
        # The engine's fit returns a model of the other class, which has no threshold. Both Python objects are kept, as
        # deleting either would delete the Java object that they share.
        self._fitted = self._stage = fitted
        if network == SEQUENCE:
            from sparknlp.annotator import MultiClassifierDLModel

            self._stage = MultiClassifierDLModel(java_model=fitted._java_obj)
        self._has_threshold = network == SEQUENCE

    def stage(self, threshold: float) -> Stage:
        """Return the stage; MultiClassifierDL returns the classes whose score is at least `threshold`."""
        return self._stage.setThreshold(threshold) if self._has_threshold else self._stage


@dataclass(frozen=True, slots=True)
class ClassificationModel:
    """A trained classifier, with the scale of the pooled vectors that it reads."""

    parameters: ClassificationOptions
    examples: ClassificationExamples
    scale: Scale
    network: _Network
    findings: Sequence[Finding]

    @property
    def stages(self) -> list[Transformer]:
        """The stages from vectors to `class`: one annotation per class, with all scores in the metadata."""
        chooses = _chooses(self.parameters, self.examples.group)
        best = [best_class_stage(CLASSES, CLASS)] if chooses else []
        network = self.network.stage(_threshold(self.parameters, self.examples.group))
        return [*pooling_stages(self.examples.shape, self.scale), network, *best]

    def with_threshold(self) -> ClassificationModel:
        """Return the model with the best threshold on the validation part, unless the user has set one."""
        numbers = self.examples.numbers("validation")
        if self.parameters.threshold is not None or not numbers:
            return self
        predicted = self._predict("validation")
        gold = [self.examples.classes(number) for number in numbers]
        threshold = best_threshold(gold, [predicted.get(number, {}) for number in numbers])
        return replace(self, parameters=replace(self.parameters, threshold=threshold))

    def score(self, sink: Sink) -> Scores:
        """Score the texts of the test part, else of the validation part."""
        examples, labels = self.examples, self.examples.labels
        part = next((p for p in SCORED if examples.numbers(p)), None)
        if part is None:
            return Scores({"split": None}, findings=self.findings)
        numbers = examples.numbers(part)
        sink(Step(f"scoring {CLASSIFICATION}", len(numbers), "texts"))
        predicted = self._predict(part)
        gold = [examples.classes(number) for number in numbers]
        metrics: Metrics
        if examples.group.mode == "multiple":
            scores = [predicted.get(number, {}) for number in numbers]
            metrics = multilabel_scores(gold, scores, part, _threshold(self.parameters, examples.group), labels)
        else:
            best = [max(s, key=s.__getitem__) if (s := predicted.get(n)) else NO_CLASS for n in numbers]
            metrics = class_scores([values[0] for values in gold], best, part, labels)
        return Scores(metrics, findings=[*self.findings, *never_right(metrics, CLASSIFICATION)])

    def _predict(self, part: Part) -> dict[int, dict[str, float]]:
        """Return the score of each class by document index; a text without a vector is left out."""
        texts = self.examples.frame(part, self.scale).where(f"size({TEXT_VECTOR}) > 0")
        output = _output(self.parameters, self.examples.group)
        rows = self.network.stage(0.0).transform(texts).selectExpr(DOCUMENT_NUMBER, f"{output}[0].metadata AS scores")
        return {
            row[DOCUMENT_NUMBER]: {name: float(row.scores[name]) for name in self.examples.labels if name in row.scores}
            for row in rows.collect()
            if row.scores
        }


def _chooses(parameters: ClassificationOptions, group: Choices) -> bool:
    """Return whether the best class of those that the network gives is chosen."""
    return group.mode == "single" and parameters.classifier == SEQUENCE


def _threshold(parameters: ClassificationOptions, group: Choices) -> float:
    """Return the least score of a class that the network gives; 0 if the best class is chosen afterwards."""
    return 0.0 if _chooses(parameters, group) else 0.5 if parameters.threshold is None else parameters.threshold


def _output(parameters: ClassificationOptions, group: Choices) -> str:
    return CLASSES if _chooses(parameters, group) else CLASS


def _approach(parameters: ClassificationOptions, group: Choices, seed: int) -> Stage:
    from sparknlp.annotator import ClassifierDLApproach, MultiClassifierDLApproach

    if parameters.classifier == SEQUENCE:
        approach = MultiClassifierDLApproach().setThreshold(_threshold(parameters, group))
    else:
        approach = ClassifierDLApproach().setDropout(parameters.dropout)
    return (
        approach.setInputCols([TEXT_VECTOR])
        .setOutputCol(_output(parameters, group))
        .setLabelColumn(LABEL)
        .setMaxEpochs(parameters.epochs)
        .setLr(parameters.learning_rate)
        .setBatchSize(parameters.batch_size)
        .setRandomSeed(seed)
    )


def pieces_for(lengths: Collection[int]) -> int:
    """Return the maximal number of pieces per text for texts of these lengths (in tokens).

    It is the largest with which all texts together have `MOST_VECTORS` pieces at most.
    """
    return next((n for n in range(MOST_PIECES, 1, -1) if sum(min(n, length) for length in lengths) <= MOST_VECTORS), 1)


def _lengths(corpus: Corpus) -> Collection[int]:
    """Return the number of tokens of each training text."""
    counted: Counter[int] = Counter()
    for sentence in corpus.sentences_of("train"):
        counted[sentence.document] += len(sentence.tokens)
    return counted.values()


def _of_group(options: DocumentRequest, config: LabelingConfig, group: Choices) -> DocumentRequest:
    """Return `options` for the text that a group of choices applies to."""
    targets = split_names(group.to_name)
    text = next((text for text in config.texts if text.name in targets and text.key), None)
    return (
        options
        if text is None
        else replace(options, text_key=text.key, text_name=text.name if options.text_name else "")
    )


def _scale(vectors: DataFrame, deviation: float) -> Scale:
    """Return the scale that gives each number of the training vectors mean 0 and standard deviation `deviation`."""
    import numpy as np

    rows = vectors.orderBy(POSITION).selectExpr(f"explode({RAW}) AS {RAW}").limit(SCALED_ON).collect()
    numbers = np.array([row[RAW] for row in rows], dtype=np.float64)
    deviations = numbers.std(axis=0)
    factors = np.divide(deviation, deviations, out=np.zeros_like(deviations), where=deviations > 1e-9)
    return Scale(tuple(numbers.mean(axis=0).tolist()), tuple(factors.tolist()))

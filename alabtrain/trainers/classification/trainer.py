"""Classification of texts: MultiClassifierDL over the sequence of tokens, or ClassifierDL over one vector per text.

ClassifierDL is for single choice only.

ClassifierDL: https://sparknlp.org/docs/en/annotators#classifierdl, a network of dense layers;
MultiClassifierDL: https://sparknlp.org/docs/en/annotators#multiclassifierdl, a GRU with convolutions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
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
from alabtrain.trainers.base import Job, Scores
from alabtrain.trainers.classification.options import SEQUENCE, VECTOR, ClassificationOptions, Network
from alabtrain.trainers.classification.pooling import (
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
from alabtrain.trainers.names import project_name
from alabtrain.trainers.tokens import DOCUMENT_NUMBER, SENTENCE_NUMBER

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

CLASS, LABEL, RAW = "class", "label", "raw"
STEPS, MOST_EPOCHS = 900, 60
CLASSES = "classes"  # the column of all classes, from which the best one is then chosen
DROPOUT = 0.5
RATES: Mapping[Network, float] = {SEQUENCE: 0.0003, VECTOR: 0.001}
DEVIATIONS: Mapping[Network, float] = {SEQUENCE: 0.3, VECTOR: 1.0}
"""Standard deviation of each number of a text's vector; at 1, MultiClassifierDL overfits early."""
SCALED_ON = 20_000  # number of training vectors that determine the scale; more do not change it
MOST_PIECES, MOST_VECTORS = 64, 100_000
"""Limits per text, and for all training texts: the driver holds the vectors, up to 20 KB each (MultiClassifierDL)."""


class ClassificationTrainer:
    """Trains a classifier on one group of choices."""

    type = "classification"
    beside_test = HELD_BACK
    files = ()

    def __init__(self, chosen: ChosenChoices, parameters: ClassificationOptions) -> None:
        """Create a trainer for a group. Raises `UsageError` for ClassifierDL if a text may have several classes."""
        self.chosen = chosen
        network = parameters.classifier
        if chosen.group.mode == "multiple" and network == VECTOR:
            raise UsageError(
                f"--classifier {network} gives each text one class, but {chosen.group.name} allows several",
                hint=f"leave out --classifier: {SEQUENCE} supports both",
            )
        dropout = None if network == SEQUENCE else DROPOUT if parameters.dropout is None else parameters.dropout
        rate = parameters.learning_rate or RATES[network]
        self.parameters = replace(parameters, learning_rate=rate, dropout=dropout)
        self._labels: tuple[str, ...] = ()
        self._shape = PoolingShape(("mean",), 0)
        self._scale = Scale((), ())
        self._model: Stage = None
        self._several: Stage = None
        self._findings: list[Finding] = []

    @property
    def group(self) -> Choices:
        """The group of choices."""
        return self.chosen.group

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes that occur in the training part, in alphabetical order."""
        return self._labels

    @property
    def choices(self) -> str:
        """The name of the group."""
        return self.group.name

    def default_name(self, project: str, origin: str) -> str:
        """Return `classification_<choices name>_annotation_<origin>`."""
        return f"classification_{project_name(self.group.name)}_annotation_{origin}"

    def ask(self, options: DocumentRequest, job: Job) -> DocumentRequest:
        """Ask for the values of the group."""
        assert job.config is not None  # noqa: S101 - without a config there are no choices
        options = replace(options, groups=(self.group,), only_group=len(job.config.choices) == 1)
        return options if options.spans else _of_group(options, job.config, self.group)

    def read(self, documents: Documents, job: Job) -> Sequence[Finding]:
        """Collect the classes of the training part. Raises `NothingToTrain` for fewer than two."""
        training = [document.choices for document in documents.part("train") if document.choices]
        self._labels = tuple(sorted({value for values in training for value in values}))
        if len(self._labels) < 2:
            # Choices that come from the tasks may be text of a document.
            one = "one class" if self.group.dynamic else repr(next(iter(self._labels), ""))
            have = f"only {one}" if self._labels else "no class"
            raise NothingToTrain(
                f"the training part has {have} of the Choices {self.group.name!r}, but a classifier needs two",
                hint="`alabtrain check` counts the classes; --choices NAME selects another group",
            )
        if self.parameters.epochs is None:
            self.parameters = replace(self.parameters, epochs=self._epochs(len(training)))
        return [choice_finding(self.chosen)]

    def _epochs(self, examples: int) -> int:
        return epochs_for(examples, self.parameters.batch_size, steps=STEPS, most=MOST_EPOCHS)

    def uses(self, document: Document) -> bool:
        """Return whether a text has a class."""
        return document.choices is not None

    def prepare(self, corpus: Corpus, sink: Sink) -> Account:
        """Choose the shape of the pooled vectors within the engine's limit."""
        numbers = corpus.embeddings.own_dimension
        if self.parameters.classifier == SEQUENCE:
            lengths = _lengths(corpus)
            self._shape = PoolingShape(("mean",), min(numbers, MOST_NUMBERS), pieces_for(lengths))
        else:
            both = 2 * numbers <= MOST_NUMBERS
            self._shape = PoolingShape(("mean", "max") if both else ("mean",), min(numbers, MOST_NUMBERS))
        return Account()

    def fit(self, corpus: Corpus, sink: Sink) -> None:
        """Train on the pooled vectors of the training part."""
        for part in PARTS:
            if corpus.sentences_of(part):
                self._pool(corpus, part)
        self._scale = _scale(self._pooled(corpus, "train"), DEVIATIONS[self.parameters.classifier])
        logs = corpus.scratch / "classifier"
        logs.mkdir()
        follower = ClassLog(logs, sink, self.parameters.learning_rate or 0.0)
        approach = self._approach(corpus.seed).setEnableOutputLogs(True).setOutputLogsPath(str(logs))
        training = self._frame(corpus, "train").where(f"size({TEXT_VECTOR}) > 0").orderBy(POSITION)
        self._model = run_aside(lambda: approach.fit(training), follower.look)
        follower.look()
        self._findings += learning_findings(self.type, follower.losses)
        if self.group.mode == "multiple":
            sink(Step("choosing the threshold"))
            self._choose_threshold(corpus)

    def stages(self) -> list[Transformer]:
        """Return the stages from vectors to `class`: one annotation per class, with all scores in the metadata."""
        best = [best_class_stage(CLASSES, CLASS)] if self._chooses else []
        return [*pooling_stages(self._shape, self._scale), self._engine(self._threshold), *best]

    def score(self, corpus: Corpus, sink: Sink) -> Scores:
        """Score the texts of the test part, else of the validation part."""
        part = next((p for p in SCORED if self._numbers(corpus, p)), None)
        if part is None:
            return Scores({"split": None}, findings=self._findings)
        numbers = self._numbers(corpus, part)
        sink(Step(f"scoring {self.type}", len(numbers), "texts"))
        predicted = self._predict(corpus, part)
        gold = [corpus.documents[number].choices or () for number in numbers]
        if self.group.mode == "multiple":
            scores = [predicted.get(number, {}) for number in numbers]
            metrics: Metrics = multilabel_scores(gold, scores, part, self._threshold, self._labels)
        else:
            best = [max(s, key=s.__getitem__) if (s := predicted.get(n)) else NO_CLASS for n in numbers]
            metrics = class_scores([values[0] for values in gold], best, part, self._labels)
        return Scores(metrics, findings=[*self._findings, *never_right(metrics, self.type)])

    @property
    def _chooses(self) -> bool:
        """Whether the best class of those that the network gives is chosen."""
        return self.group.mode == "single" and self.parameters.classifier == SEQUENCE

    @property
    def _threshold(self) -> float:
        """The least score of a class that the network gives; 0 if the best class is chosen afterwards."""
        return 0.0 if self._chooses else 0.5 if self.parameters.threshold is None else self.parameters.threshold

    def _approach(self, seed: int) -> Stage:
        from sparknlp.annotator import ClassifierDLApproach, MultiClassifierDLApproach

        parameters = self.parameters
        if parameters.classifier == SEQUENCE:
            approach = MultiClassifierDLApproach().setThreshold(self._threshold)
        else:
            approach = ClassifierDLApproach().setDropout(parameters.dropout)
        return (
            approach.setInputCols([TEXT_VECTOR])
            .setOutputCol(self._output)
            .setLabelColumn(LABEL)
            .setMaxEpochs(parameters.epochs)
            .setLr(parameters.learning_rate)
            .setBatchSize(parameters.batch_size)
            .setRandomSeed(seed)
        )

    def _engine(self, threshold: float) -> Stage:
        """Return the trained model; MultiClassifierDL returns the classes whose score is at least `threshold`."""
        if self.parameters.classifier == VECTOR:
            return self._model
        if self._several is None:
            from sparknlp.annotator import MultiClassifierDLModel

            # The engine's fit returns a model of the other class, which has no threshold. Both Python objects are
            # kept, as deleting either would delete the Java object that they share.
            self._several = MultiClassifierDLModel(java_model=self._model._java_obj)
        return self._several.setThreshold(threshold)

    @property
    def _output(self) -> str:
        return CLASSES if self._chooses else CLASS

    def _numbers(self, corpus: Corpus, part: Part) -> list[int]:
        """Return the indices of the documents of a part that have a class."""
        return [n for n, d in enumerate(corpus.documents) if d.part == part and d.choices is not None]

    def _pool(self, corpus: Corpus, part: Part) -> None:
        """Pool the vectors of each text of a part, once."""
        from pyspark.sql import functions as f

        slim = f.expr(f"transform({EMBEDDINGS}, e -> struct(e.end AS end, e.embeddings AS embeddings))")
        sentences = f.sort_array(f.collect_list(f.struct(SENTENCE_NUMBER, slim.alias(EMBEDDINGS)))).alias("sentences")
        texts = corpus.frame(part).groupBy(DOCUMENT_NUMBER).agg(sentences, f.min(POSITION).alias(POSITION))
        merged = f.expr(f"flatten(transform(sentences, s -> s.{EMBEDDINGS}))").alias(EMBEDDINGS)
        raw = f.expr(pooled(self._shape)).alias(RAW)
        pooled_texts = texts.select(DOCUMENT_NUMBER, POSITION, merged).select(DOCUMENT_NUMBER, POSITION, raw)
        pooled_texts.write.parquet(corpus.shared.path(f"texts/{part}"))

    def _pooled(self, corpus: Corpus, part: Part) -> DataFrame:
        return corpus.session.read.parquet(corpus.shared.path(f"texts/{part}"))

    def _frame(self, corpus: Corpus, part: Part) -> DataFrame:
        """Return the texts of a part that have a class, with `label` and `text_embeddings`."""
        from pyspark.sql import functions as f

        several = self.parameters.classifier == SEQUENCE
        documents = corpus.documents
        rows = [
            (number, list(documents[number].choices or ()) if several else (documents[number].choices or ("",))[0])
            for number in self._numbers(corpus, part)
        ]
        label_type = "array<string>" if several else "string"
        labels = corpus.session.createDataFrame(rows, f"{DOCUMENT_NUMBER} long, {LABEL} {label_type}")
        metadata = {
            **corpus.frame(part).schema[EMBEDDINGS].metadata,
            "annotatorType": "sentence_embeddings",
            "dimension": self._shape.numbers,
        }
        vector = f.expr(text_annotations(RAW, self._scale)).alias(TEXT_VECTOR, metadata=metadata)
        texts = self._pooled(corpus, part).join(f.broadcast(labels), DOCUMENT_NUMBER)
        return texts.withColumn(TEXT_VECTOR, vector).drop(RAW)

    def _predict(self, corpus: Corpus, part: Part) -> dict[int, dict[str, float]]:
        """Return the score of each class by document index; a text without a vector is left out."""
        frame = self._engine(0.0).transform(self._frame(corpus, part).where(f"size({TEXT_VECTOR}) > 0"))
        rows = frame.selectExpr(DOCUMENT_NUMBER, f"{self._output}[0].metadata AS scores").collect()
        return {
            row[DOCUMENT_NUMBER]: {name: float(row.scores[name]) for name in self._labels if name in row.scores}
            for row in rows
            if row.scores
        }

    def _choose_threshold(self, corpus: Corpus) -> None:
        numbers = self._numbers(corpus, "validation")
        if self.parameters.threshold is None and numbers:
            predicted = self._predict(corpus, "validation")
            gold = [corpus.documents[number].choices or () for number in numbers]
            threshold = best_threshold(gold, [predicted.get(number, {}) for number in numbers])
            self.parameters = replace(self.parameters, threshold=threshold)


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

"""Two designs for assertion status with open Spark NLP, trained and scored on the same statuses of one project.

    python -m benchmarks.assertion_designs PROJECT.zip --seeds 1,2,3

`sequence` is what alabtrain does (`alabtrain/stages/targets.py`): NerDL tags the words around a chunk. `pooled` is the
other one: ClassifierDL over the mean vectors of the words before, of the chunk, and of the words after, side by side. It
takes 1,024 numbers at most, so each of the three is cut to its first 341; all are brought to one mean and deviation.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alabtrain.core.events import Sink
from alabtrain.documents.document import Documents
from alabtrain.documents.options import SplitOptions
from alabtrain.embeddings.stages import EMBEDDINGS
from alabtrain.project.project import open_project
from alabtrain.scoring.metrics import class_scores
from alabtrain.spark.annotators import CHUNK
from alabtrain.spark.options import SparkOptions
from alabtrain.spark.session import open_session
from alabtrain.trainers.assertion.options import AssertionOptions
from alabtrain.trainers.assertion.targets import WINDOWS, target_stages
from alabtrain.trainers.assertion.trainer import STATUS, AssertionExamples, AssertionTrainer, AssertionTrainingSet
from alabtrain.trainers.base import Job, Scores
from alabtrain.trainers.classification.options import VECTOR, ClassificationOptions
from alabtrain.trainers.classification.pooling import CLASS, TEXT_VECTOR, Scale, scaled
from alabtrain.trainers.classification.trainer import DROPOUT, LABEL, MOST_EPOCHS, RATES, STEPS
from alabtrain.trainers.corpus import POSITION, Corpus
from alabtrain.trainers.learning import epochs_for
from alabtrain.workflows.train import train_with
from alabtrain.workflows.train_config import TrainConfig
from alabtrain.workflows.workspace import Workspace
from benchmarks.common import machine, table, tell_row

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

COLUMNS = ("design", "seed", "accuracy", "macro F1", "seconds")
NUMBERS = 341
SIDES = ("before", "inside", "after")
RAW = "raw"


@dataclass(frozen=True, slots=True)
class PooledTrainer(AssertionTrainer):
    """The same examples and scores, with ClassifierDL over pooled contexts in NerDL's place."""

    def read(self, documents: Documents, job: Job) -> PooledTrainingSet:
        """Read the same statuses."""
        return PooledTrainingSet(self.parameters, AssertionTrainer.read(self, documents, job).labels)


@dataclass(frozen=True, slots=True)
class PooledTrainingSet(AssertionTrainingSet):
    """The same statuses."""

    def align(self, corpus: Corpus, sink: Sink) -> PooledExamples:
        """Align them in the same way."""
        same = AssertionTrainingSet.align(self, corpus, sink)
        return PooledExamples(same.parameters, same.labels, same.corpus, same.aligned, same.account)


@dataclass(frozen=True, slots=True)
class PooledExamples(AssertionExamples):
    """The same statuses, each with one vector of its context."""

    def fit(self, sink: Sink) -> PooledModel:  # type: ignore[override]
        """Train on a vector per status of the training part."""
        from sparknlp.annotator import ClassifierDLApproach

        training = self.contexts("train").cache()
        scale = _scale([row[RAW] for row in training.select(RAW).collect()])
        parameters = ClassificationOptions(VECTOR, RATES[VECTOR], dropout=DROPOUT)
        approach = (
            ClassifierDLApproach()
            .setInputCols([TEXT_VECTOR])
            .setOutputCol(CLASS)
            .setLabelColumn(LABEL)
            .setMaxEpochs(epochs_for(training.count(), parameters.batch_size, steps=STEPS, most=MOST_EPOCHS))
            .setLr(parameters.learning_rate)
            .setBatchSize(parameters.batch_size)
            .setDropout(parameters.dropout)
            .setRandomSeed(self.corpus.seed)
        )
        return PooledModel(self, scale, approach.fit(_vectors(training, scale).orderBy(POSITION)))

    def contexts(self, part: Any) -> DataFrame:
        """Return one row per status of a part, with the mean vectors of its context in the column `raw`."""
        from pyspark.sql import functions as f

        frame = self.one_by_one(part, target_stages(self.corpus.embeddings.own_dimension))
        sides = ", ".join(_mean(f"{WINDOWS}[0].{side}") for side in SIDES)
        label = f"{WINDOWS}[0].chunk.metadata['{STATUS}'] AS {LABEL}"
        return frame.select(POSITION, CHUNK, EMBEDDINGS, f.expr(label), f.expr(f"concat({sides}) AS {RAW}"))


@dataclass(frozen=True, slots=True)
class PooledModel:
    """A classifier of contexts; it has nothing to save: what is asked here is only how good it is."""

    examples: PooledExamples
    scale: Scale
    classifier: Any
    stages: Sequence[Transformer] = ()

    @property
    def parameters(self) -> AssertionOptions:
        """The options of the trainer."""
        return self.examples.parameters

    def score(self, sink: Sink) -> Scores:
        """Score the statuses of the test part."""
        frame = self.classifier.transform(_vectors(self.examples.contexts("test"), self.scale))
        rows = frame.selectExpr(LABEL, f"{CLASS}[0].result AS predicted").collect()
        gold, predicted = [row[LABEL] for row in rows], [row.predicted for row in rows]
        return Scores(class_scores(gold, predicted, "test", self.examples.labels))


def _vectors(contexts: DataFrame, scale: Scale) -> DataFrame:
    from pyspark.sql import functions as f

    annotation = (
        "array(named_struct('annotatorType', 'sentence_embeddings', 'begin', 0, 'end', 1, 'result', 'text', "
        "'metadata', map('sentence', '0', 'token', 'text', 'pieceId', '-1', 'isWordStart', 'true'), "
        f"'embeddings', {scaled(RAW, scale)}))"
    )
    metadata = {
        **contexts.schema[EMBEDDINGS].metadata,
        "annotatorType": "sentence_embeddings",
        "dimension": NUMBERS * len(SIDES),
    }
    return contexts.withColumn(TEXT_VECTOR, f.expr(annotation).alias(TEXT_VECTOR, metadata=metadata))


DESIGNS = {"sequence": AssertionTrainer, "pooled": PooledTrainer}


def main() -> None:
    """Train both designs with each seed in one session and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--designs", default=",".join(DESIGNS))
    options = parser.parse_args()
    designs = {name: DESIGNS[name] for name in options.designs.split(",")}
    rows = []
    with tempfile.TemporaryDirectory() as runs, open_session(SparkOptions()):
        for name, design in designs.items():
            for seed in options.seeds.split(","):
                rows.append(_trained(name, design(AssertionOptions()), options.project, int(seed), Path(runs)))
                tell_row(rows[-1])
    print(f"assertion status on the test tags of {options.project.stem}; {machine()}.\n")
    print(table(COLUMNS, rows))
    for name in designs:
        found = [row[3] for row in rows if row[0] == name]
        print(f"\n{name}, macro F1: mean {statistics.mean(found):.4f}")


def _trained(
    name: str, trainer: AssertionTrainer, project: Path, seed: int, runs: Path
) -> tuple[str, int, float, float, int]:
    start = time.monotonic()
    config = TrainConfig(split=SplitOptions("tags", seed=seed))
    result = train_with([trainer], open_project(project), config, Workspace(runs=runs))
    scores = result.metrics["assertion"]
    assert "mode" in scores
    return name, seed, scores["accuracy"], scores["macro"]["f1"], round(time.monotonic() - start)


def _mean(vectors: str) -> str:
    total = (
        f"aggregate({vectors}, array_repeat(0D, {NUMBERS}), "
        f"(acc, e) -> zip_with(acc, slice(e.embeddings, 1, {NUMBERS}), (a, x) -> a + x))"
    )
    return f"transform({total}, a -> a / greatest(size({vectors}), 1))"


def _scale(vectors: list[list[float]]) -> Scale:
    import numpy as np

    numbers = np.array(vectors)
    deviations = np.maximum(numbers.std(axis=0), 1e-9)
    return Scale(tuple(numbers.mean(axis=0).tolist()), tuple((1 / deviations).tolist()))


if __name__ == "__main__":
    main()

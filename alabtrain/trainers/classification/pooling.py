"""The input of a classifier: one vector for all tokens of a text, or a sequence of vectors, on a common scale.

Spark NLP's SentenceEmbeddings averages too, but for a whole document it uses the first sentence only (5.5.3). Here all
tokens of all sentences count: a text with more tokens than the maximal length of the sequence is divided into as many
pieces of adjacent tokens, so that nothing is cut off. Each number gets the same mean and standard deviation over the
training texts: on raw averages ClassifierDL may learn nothing and predict one class for everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from alabtrain.embeddings.stages import EMBEDDINGS
from alabtrain.spark.annotators import SENTENCE
from alabtrain.spark.columns import sql_stage
from alabtrain.spark.templates import render

if TYPE_CHECKING:
    from pyspark.ml import Transformer

PACKAGE = "alabtrain.trainers.classification"
Pooling = Literal["mean", "max"]
SENTENCE_VECTORS, TEXT_VECTOR = "sentence_embeddings", "text_embeddings"
CLASS = "class"  # the column of the classes of a text
MOST_NUMBERS = 1024
"""The largest dimension that ClassifierDL and MultiClassifierDL accept (Spark NLP 5.5.3)."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale of pooled vectors: each number minus its mean, times its factor."""

    means: tuple[float, ...]
    factors: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PoolingShape:
    """The shape of pooled vectors: at most `pieces` per text, each with the `poolings` of `dimension` numbers."""

    poolings: tuple[Pooling, ...]
    dimension: int
    pieces: int = 1

    @property
    def numbers(self) -> int:
        """The dimension of a pooled vector."""
        return self.dimension * len(self.poolings)


def pooled(shape: PoolingShape) -> str:
    """Return the SQL for a text's raw vectors: array<array<double>>, empty for a text without tokens."""
    return render(
        PACKAGE,
        "pooled",
        embeddings=EMBEDDINGS,
        poolings=shape.poolings,
        dimension=shape.dimension,
        pieces=shape.pieces,
    )


def scaled(raw: str, scale: Scale) -> str:
    """Return the SQL for a vector `raw` on the scale of the training texts: array<float>."""
    return render(PACKAGE, "scaled", raw=raw, means=scale.means, factors=scale.factors)


def text_annotations(raw: str, scale: Scale) -> str:
    """Return the SQL for the annotations that a classifier reads: one per raw vector, on the scale."""
    return render(PACKAGE, "texts", raw=raw, scaled=scaled("v", scale))


def pooling_stages(shape: PoolingShape, scale: Scale) -> list[Transformer]:
    """Return the stages from token vectors to `text_embeddings`."""
    from sparknlp.annotator import SentenceEmbeddings

    donor = SentenceEmbeddings().setInputCols([SENTENCE, EMBEDDINGS]).setOutputCol(SENTENCE_VECTORS)
    return [donor, sql_stage({TEXT_VECTOR: (text_annotations(pooled(shape), scale), SENTENCE_VECTORS)})]


def best_class_stage(classes: str, column: str) -> Transformer:
    """Return a stage that writes the annotation of `classes` with the best score to `column`."""
    return sql_stage({column: (render(PACKAGE, "best_class", classes=classes), classes)})

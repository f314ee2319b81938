"""What a classifier reads of a text: one vector of all its tokens, or a sequence of vectors, brought to one scale.

Spark NLP's SentenceEmbeddings averages too, but over a whole document it takes the first sentence only (5.5.3). All
tokens count here, of however many sentences: a text of more tokens than the sequence is long is read in as many pieces
of neighbouring tokens, so that nothing is cut. Each number is brought to one mean and deviation over the training
texts: on raw averages ClassifierDL can learn nothing at all and say one class of everything.
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
MOST_NUMBERS = 1024
"""The longest vector that ClassifierDL and MultiClassifierDL take (Spark NLP 5.5.3)."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What is taken off each number of a pooled vector, and what it is then multiplied by."""

    means: tuple[float, ...]
    factors: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How tokens become vectors: at most `pieces` of a text, each the `poolings` of the first `dimension` numbers."""

    poolings: tuple[Pooling, ...]
    dimension: int
    pieces: int = 1

    @property
    def numbers(self) -> int:
        """How many numbers a vector has."""
        return self.dimension * len(self.poolings)


def pooled(layout: Layout) -> str:
    """Return the SQL of a text's raw vectors: array<array<double>>, none for a text without tokens."""
    return render(
        PACKAGE,
        "pooled",
        embeddings=EMBEDDINGS,
        poolings=layout.poolings,
        dimension=layout.dimension,
        pieces=layout.pieces,
    )


def scaled(raw: str, scale: Scale) -> str:
    """Return the SQL of the array<float> that a vector `raw` becomes on the scale of the training texts."""
    return render(PACKAGE, "scaled", raw=raw, means=scale.means, factors=scale.factors)


def text_annotations(raw: str, scale: Scale) -> str:
    """Return the SQL of the annotations that a classifier reads: one for each of the raw vectors, on the scale."""
    return render(PACKAGE, "texts", raw=raw, scaled=scaled("v", scale))


def pooling_stages(layout: Layout, scale: Scale) -> list[Transformer]:
    """Return the stages from token vectors to `text_embeddings`."""
    from sparknlp.annotator import SentenceEmbeddings

    donor = SentenceEmbeddings().setInputCols([SENTENCE, EMBEDDINGS]).setOutputCol(SENTENCE_VECTORS)
    return [donor, sql_stage({TEXT_VECTOR: (text_annotations(pooled(layout), scale), SENTENCE_VECTORS)})]


def best_class_stage(classes: str, column: str) -> Transformer:
    """Return a stage that keeps of the annotations in `classes` the one with the best score, in `column`."""
    return sql_stage({column: (render(PACKAGE, "best_class", classes=classes), classes)})

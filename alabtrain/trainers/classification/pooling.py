"""What a classifier reads of a text: one vector of all its tokens, or a sequence of vectors, brought to one scale.

Spark NLP's SentenceEmbeddings averages too, but over a whole document it takes the first sentence only (5.5.3). All
tokens count here, of however many sentences: a text of more tokens than the sequence is long is read in as many pieces
of neighbouring tokens, so that nothing is cut. Each number is brought to one mean and deviation over the training
texts: on raw averages ClassifierDL can learn nothing at all and say one class of everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from alabtrain.embeddings.stages import EMBEDDINGS
from alabtrain.spark.annotators import SENTENCE
from alabtrain.spark.columns import annotation, sql_stage

if TYPE_CHECKING:
    from pyspark.ml import Transformer

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
    tokens = f"size({EMBEDDINGS})"
    count = f"least({layout.pieces}, {tokens})"
    begin, end = f"k * {tokens} div {count}", f"(k + 1) * {tokens} div {count}"
    piece = f"slice({EMBEDDINGS}, int(1 + {begin}), int({end} - {begin}))"
    blocks = {
        "mean": f"transform({_folded('v', 'a + x', 0.0, layout.dimension)}, a -> a / size(v))",
        "max": _folded("v", "greatest(a, double(x))", -1e30, layout.dimension),
    }
    vector = f"concat({', '.join(blocks[pooling] for pooling in layout.poolings)})"
    pieces = f"transform(sequence(0, greatest(0, {count} - 1)), k -> {piece})"
    return f"transform(filter({pieces}, v -> size(v) > 0), v -> {vector})"


def scaled(raw: str, scale: Scale) -> str:
    """Return the SQL of the array<float> that a vector `raw` becomes on the scale of the training texts."""
    centred = f"zip_with({raw}, {_literal(scale.means)}, (a, m) -> a - m)"
    return f"transform(zip_with({centred}, {_literal(scale.factors)}, (a, s) -> a * s), a -> float(a))"


def text_annotations(raw: str, scale: Scale) -> str:
    """Return the SQL of the annotations that a classifier reads: one for each of the raw vectors, on the scale."""
    piece = annotation(
        "sentence_embeddings",
        begin="i",
        end="i",
        result="'text'",
        metadata={"sentence": "string(i)", "token": "'text'", "pieceId": "'-1'", "isWordStart": "'true'"},
        vector=scaled("v", scale),
    )
    return f"transform({raw}, (v, i) -> {piece})"


def pooling_stages(layout: Layout, scale: Scale) -> list[Transformer]:
    """Return the stages from token vectors to `text_embeddings`."""
    from sparknlp.annotator import SentenceEmbeddings

    donor = SentenceEmbeddings().setInputCols([SENTENCE, EMBEDDINGS]).setOutputCol(SENTENCE_VECTORS)
    return [donor, sql_stage({TEXT_VECTOR: (text_annotations(pooled(layout), scale), SENTENCE_VECTORS)})]


def best_class_stage(classes: str, column: str) -> Transformer:
    """Return a stage that keeps of the annotations in `classes` the one with the best score, in `column`."""
    score = "coalesce(double({0}.metadata[{0}.result]), 0D)"
    first, second = score.format("a"), score.format("b")
    order = f"(a, b) -> CASE WHEN {first} > {second} THEN -1 WHEN {first} < {second} THEN 1 ELSE 0 END"
    return sql_stage({column: (f"slice(array_sort({classes}, {order}), 1, 1)", classes)})


def _folded(vectors: str, step: str, start: float, dimension: int) -> str:
    numbers = f"array_repeat(double({start!r}), {dimension})"
    vector = f"slice(e.embeddings, 1, {dimension})"
    return f"aggregate({vectors}, {numbers}, (acc, e) -> zip_with(acc, {vector}, (a, x) -> {step}))"


def _literal(numbers: Sequence[float]) -> str:
    return "array(" + ", ".join(f"{number:.6g}D" for number in numbers) + ")"

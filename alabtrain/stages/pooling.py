"""One vector for a text from the vectors of its tokens: their mean and their greatest values, brought to one scale.

Spark NLP's SentenceEmbeddings averages too, but over a whole document it takes the first sentence only (5.5.3). All
tokens count here, of however many sentences, so that no text is cut. Each number is brought to one mean and deviation
over the training texts: on raw averages ClassifierDL can learn nothing at all and say one class of everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from alabtrain.embeddings.stages import EMBEDDINGS
from alabtrain.engine.annotators import SENTENCE
from alabtrain.stages.columns import annotation, sql_stage

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


def pooled(poolings: Sequence[Pooling], dimension: int) -> str:
    """Return the SQL of a text's raw vector: array<double>, a block of the first `dimension` numbers per pooling."""
    blocks = {
        "mean": f"transform({_folded('a + x', 0.0, dimension)}, a -> a / size({EMBEDDINGS}))",
        "max": _folded("greatest(a, double(x))", -1e30, dimension),
    }
    return f"concat({', '.join(blocks[pooling] for pooling in poolings)})"


def scaled(raw: str, scale: Scale) -> str:
    """Return the SQL of the array<float> that `raw` becomes on the scale of the training texts."""
    centred = f"zip_with({raw}, {_literal(scale.means)}, (a, m) -> a - m)"
    return f"transform(zip_with({centred}, {_literal(scale.factors)}, (a, s) -> a * s), a -> float(a))"


def text_annotation(vector: str) -> str:
    """Return the SQL of the annotations that a classifier reads: one with `vector`, none where a text has no token."""
    whole = annotation(
        "sentence_embeddings",
        begin="0",
        end=f"element_at({EMBEDDINGS}, -1).end",
        result="'text'",
        metadata={"sentence": "'0'", "token": "'text'", "pieceId": "'-1'", "isWordStart": "'true'"},
        vector=vector,
    )
    return f"CASE WHEN size({EMBEDDINGS}) > 0 THEN array({whole}) ELSE slice(array({whole}), 1, 0) END"


def pooling_stages(poolings: Sequence[Pooling], dimension: int, scale: Scale) -> list[Transformer]:
    """Return the stages from token vectors to `text_embeddings`."""
    from sparknlp.annotator import SentenceEmbeddings

    donor = SentenceEmbeddings().setInputCols([SENTENCE, EMBEDDINGS]).setOutputCol(SENTENCE_VECTORS)
    made = text_annotation(scaled(pooled(poolings, dimension), scale))
    return [donor, sql_stage({TEXT_VECTOR: (made, SENTENCE_VECTORS)})]


def _folded(step: str, start: float, dimension: int) -> str:
    numbers = f"array_repeat(double({start!r}), {dimension})"
    vector = f"slice(e.embeddings, 1, {dimension})"
    return f"aggregate({EMBEDDINGS}, {numbers}, (acc, e) -> zip_with(acc, {vector}, (a, x) -> {step}))"


def _literal(numbers: Sequence[float]) -> str:
    return "array(" + ", ".join(f"{number:.6g}D" for number in numbers) + ")"

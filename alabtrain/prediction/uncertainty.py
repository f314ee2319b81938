"""Uncertainty and predictions of models for texts, and one vector per text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alabtrain.embeddings.stages import EMBEDDINGS
from alabtrain.prediction.apply import apply_models, read_found, result_column
from alabtrain.prediction.load import TAGGER, LoadedModel
from alabtrain.spark.types import Stage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pyspark.sql import DataFrame

VECTOR = "vector"
DIMENSION = 64  # of a text's vector, after a random projection that keeps distances (Johnson and Lindenstrauss, 1984)
SEED = 64


@dataclass(frozen=True, slots=True)
class Measured:
    """A text by its `index`: the uncertainty of the models, the counts of their predictions by label, its vector."""

    index: int
    uncertainty: float
    labels: Counter[str]
    vector: NDArray[np.float32]


def measure(texts: DataFrame, models: Sequence[LoadedModel], index: str) -> DataFrame:
    """Return the frame that `measured` reads; `index` is the column of the text's index, which is kept."""
    for tagger in (stage for model in models for stage in model.own if type(stage).__name__ == TAGGER):
        tagger.setIncludeConfidence(True)  # models of the hub do not include it by default
    first = next((number for number, model in enumerate(models) if _has_vectors(model)), None)

    def probes(number: int, model: LoadedModel) -> dict[str, str]:
        columns = {_doubt_column(number): _doubt(model)}
        if number == first:
            columns[VECTOR] = _mean_vector()
        return columns

    return apply_models(texts, models, probes=probes).select(
        index,
        *(result_column(number) for number in range(len(models))),
        *(_doubt_column(number) for number in range(len(models))),
        *([VECTOR] if first is not None else []),
    )


def measured(frame: DataFrame, models: int, index: str, labels: Collection[str]) -> Iterator[Measured]:
    """Yield the rows of a frame of `measure` for so many models, with projected vectors and only these `labels`."""
    import numpy as np

    projection: NDArray[np.float32] | None = None
    for row in frame.toLocalIterator():
        found_items = [one for number in range(models) for one in read_found(row[result_column(number)])]
        numbers = np.array(row.asDict().get(VECTOR) or (), dtype=np.float32)
        if projection is None and len(numbers):
            random = np.random.default_rng(SEED)
            projection = random.standard_normal((len(numbers), DIMENSION), dtype=np.float32)
        vector = numbers @ projection if len(numbers) and projection is not None else np.zeros(DIMENSION, np.float32)
        doubt = sum(float(row[_doubt_column(number)] or 0.0) for number in range(models))
        yield Measured(row[index], doubt, Counter(one.label for one in found_items if one.label in labels), vector)


def _doubt_column(number: int) -> str:
    return f"doubt_{number}"


def _has_vectors(model: LoadedModel) -> bool:
    return bool(model.shared)


def _doubt(model: LoadedModel) -> str:
    """Return the SQL of the mean of -log p over the decisions of a model: tokens, entities or classes."""
    column, score = model.output, model.named.model_type.score_sql
    if model.named.model_type.gives_chunks:
        taggers: list[Stage] = [stage for stage in model.own if type(stage).__name__ == TAGGER]
        column = taggers[-1].getOutputCol() if taggers else column
    surprise = f"aggregate({column}, 0D, (s, a) -> s - ln(greatest(coalesce(nanvl(double({score}), 1D), 1D), 1e-6D)))"
    return f"{surprise} / greatest(1, size({column}))"


def _mean_vector() -> str:
    start = f"array_repeat(0D, size({EMBEDDINGS}[0].embeddings))"
    total = f"aggregate({EMBEDDINGS}, {start}, (s, e) -> zip_with(s, e.embeddings, (x, y) -> x + y))"
    return f"transform({total}, x -> float(x / size({EMBEDDINGS})))"

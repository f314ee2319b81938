"""What models make of texts: how sure they are, what they find, and each text as one vector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from alabtrain.core.modeltypes import NER
from alabtrain.embeddings.stages import EMBEDDINGS
from alabtrain.prediction.apply import apply_models, result_column, things_of
from alabtrain.prediction.load import TAGGER, LoadedModel

if TYPE_CHECKING:
    import numpy as np
    from pyspark.sql import DataFrame

VECTOR = "vector"
DIMENSION = 64  # of a text's vector, after a random projection that keeps distances (Johnson and Lindenstrauss, 1984)
SEED = 64


@dataclass(frozen=True, slots=True)
class Measured:
    """A text's `place` among those handed over, how unsure the models are of it, what they found, and its vector."""

    place: int
    uncertainty: float
    labels: Counter[str]
    vector: np.ndarray[Any, Any]


def measure(texts: DataFrame, models: Sequence[LoadedModel], place: str) -> DataFrame:
    """Return a frame with what `measured` reads of each text: `place` is its column that is kept."""
    for tagger in (stage for model in models for stage in model.own if type(stage).__name__ == TAGGER):
        tagger.setIncludeConfidence(True)  # those of the hub do not tell by themselves
    first = next((number for number, model in enumerate(models) if _has_vectors(model)), None)

    def probes(number: int, model: LoadedModel) -> dict[str, str]:
        made = {_doubt_column(number): _doubt(model)}
        if number == first:
            made[VECTOR] = _mean_vector()
        return made

    return apply_models(texts, models, probes=probes).select(
        place,
        *(result_column(number) for number in range(len(models))),
        *(_doubt_column(number) for number in range(len(models))),
        *([VECTOR] if first is not None else []),
    )


def measured(frame: DataFrame, models: int, place: str, labels: Collection[str]) -> Iterator[Measured]:
    """Yield the rows of a frame that `measure` made of so many models: vectors projected, of labels only these."""
    import numpy as np

    projection: np.ndarray[Any, Any] | None = None
    for row in frame.toLocalIterator():
        things = [thing for number in range(models) for thing in things_of(row[result_column(number)])]
        numbers = np.array(row.asDict().get(VECTOR) or (), dtype=np.float32)
        if projection is None and len(numbers):
            random = np.random.default_rng(SEED)
            projection = random.standard_normal((len(numbers), DIMENSION), dtype=np.float32)
        vector = numbers @ projection if len(numbers) and projection is not None else np.zeros(DIMENSION, np.float32)
        doubt = sum(float(row[_doubt_column(number)] or 0.0) for number in range(models))
        yield Measured(row[place], doubt, Counter(thing.label for thing in things if thing.label in labels), vector)


def _doubt_column(number: int) -> str:
    return f"doubt_{number}"


def _has_vectors(model: LoadedModel) -> bool:
    return bool(model.shared)


def _doubt(model: LoadedModel) -> str:
    """Return the SQL of the mean of -log p over what a model decides: tokens, entities, classes."""
    column, score = model.output, "a.metadata['confidence']"
    if model.named.type == NER:
        taggers: list[Any] = [stage for stage in model.own if type(stage).__name__ == TAGGER]
        column = taggers[-1].getOutputCol() if taggers else column
    elif model.named.choices:
        score = "a.metadata[a.result]"
    surprise = f"aggregate({column}, 0D, (s, a) -> s - ln(greatest(coalesce(nanvl(double({score}), 1D), 1D), 1e-6D)))"
    return f"{surprise} / greatest(1, size({column}))"


def _mean_vector() -> str:
    start = f"array_repeat(0D, size({EMBEDDINGS}[0].embeddings))"
    total = f"aggregate({EMBEDDINGS}, {start}, (s, e) -> zip_with(s, e.embeddings, (x, y) -> x + y))"
    return f"transform({total}, x -> float(x / size({EMBEDDINGS})))"

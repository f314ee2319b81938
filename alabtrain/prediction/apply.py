"""Applies several models to one data frame: shared stages run once, and no model sees the columns of another.

Stages up to the vectors are shared by models with the same stages, by class and parameters (encoders also by their
storage reference). Before models with other vectors run, these columns are dropped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from alabtrain.prediction.load import LoadedModel
from alabtrain.spark.annotators import CHUNK, LAYOUT, TEXT
from alabtrain.spark.types import Column, Value
from alabtrain.trainers.predictions import Found

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

Probes = Callable[[int, LoadedModel], Mapping[str, str]]
FOUND = "array<struct<begin: int, end: int, label: string, score: double>>"


def result_column(number: int) -> str:
    """Return the column with the predictions of a model, by its index: `FOUND`, offsets in UTF-16 units."""
    return f"found_{number}"


def apply_models(
    frame: DataFrame, models: Sequence[LoadedModel], *, chunks: str | None = None, probes: Probes | None = None
) -> DataFrame:
    """Return `frame` (with `text`, for pages `layout`, and other columns, which stay) with a result column per model.

    Statuses are predicted for the chunks in the column `chunks`; without it, for the entities that the NER models
    find. `probes` returns the SQL of further columns by name, for a model and its index; it can use all its columns.
    """
    kept = frame.columns
    results: list[str] = []
    found: list[str] = []
    for group in _groups(models):
        shared = _transformed(frame.select(*kept, *results, *found), models[group[0]].shared)
        for number in group:
            model = models[number]
            if model.named.model_type.reads_chunks:
                shared = _with_chunks(shared, [chunks] if chunks else found)
            out = _transformed(shared, model.own)
            result = result_column(number)
            further = probes(number, model) if probes else {}
            columns = [_found(model).alias(result), *(_sql(sql).alias(name) for name, sql in further.items())]
            if model.named.model_type.gives_chunks:
                found.append(f"chunks_{number}")
                columns.append(_column(model.output).alias(found[-1]))
            shared = out.select(*shared.columns, *columns)
            results += [result, *further]
        frame = shared
    return frame.select(*(name for name in kept if name not in (TEXT, LAYOUT)), *results)


def _groups(models: Sequence[LoadedModel]) -> list[list[int]]:
    """Return the indices of the models, grouped by their shared stages; groups that read chunks come last."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for number, model in enumerate(models):
        groups.setdefault(tuple(map(_signature, model.shared)), []).append(number)
    late = [any(models[number].named.model_type.reads_chunks for number in group) for group in groups.values()]
    ordered = sorted(zip(late, groups.values(), strict=True), key=lambda pair: pair[0])
    # Within a group the models that find entities come first, as in the list of models.
    return [sorted(group) for _late, group in ordered]


def _signature(stage: Transformer) -> str:
    parameters = sorted(f"{param.name}={value}" for param, value in stage.extractParamMap().items())
    return f"{type(stage).__name__}({', '.join(parameters)})"


def _transformed(frame: DataFrame, stages: Sequence[Transformer]) -> DataFrame:
    for stage in stages:
        frame = stage.transform(frame)
    return frame


def _with_chunks(frame: DataFrame, chunks: Sequence[str]) -> DataFrame:
    from pyspark.sql import functions as f

    return frame.drop(CHUNK).withColumn(CHUNK, f.concat(*chunks).alias(CHUNK, metadata={"annotatorType": "chunk"}))


def _sql(sql: str) -> Column:
    from pyspark.sql import functions as f

    return f.expr(sql)


def _column(name: str) -> Column:
    from pyspark.sql import functions as f

    return f.col(name)


def _found(model: LoadedModel) -> Column:
    from pyspark.sql import functions as f

    of = model.named.model_type
    sql = f"struct(a.begin AS begin, a.end AS end, {of.label_sql} AS label, double({of.score_sql}) AS score)"
    return f.expr(f"transform({model.output}, a -> {sql})")


def read_found(rows: Sequence[Value] | None) -> list[Found]:
    """Return the rows of a result column as values."""
    return [Found(row.begin, row.end, row.label, _finite(row.score)) for row in rows or ()]


def _finite(score: float | None) -> float | None:
    # A model whose training diverged outputs scores that are not numbers.
    return score if score is not None and math.isfinite(score) else None

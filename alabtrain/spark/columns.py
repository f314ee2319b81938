"""Columns of annotations in SQL: the stage that adds them, with the metadata that Spark NLP checks.

Spark's SQLTransformer drops the metadata of the columns that it adds, and Spark NLP refuses a column without; a union
takes it from its first branch, which is empty here, so that a `donor` column of the same type gives it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from alabtrain.spark.templates import render

if TYPE_CHECKING:
    from pyspark.ml.feature import SQLTransformer

NO_VECTOR = "cast(array() AS array<float>)"


def annotation(
    annotator_type: str, *, begin: str, end: str, result: str, metadata: Mapping[str, str], vector: str = NO_VECTOR
) -> str:
    """Return the SQL of one annotation; all but the type and the keys of `metadata` are SQL expressions."""
    return render(
        "alabtrain.spark", "one_annotation", type=annotator_type, begin=begin, end=end, result=result,
        metadata=metadata, vector=vector,
    )  # fmt: skip


def column_stage(name: str, expression: str) -> SQLTransformer:
    """Return a stage that adds a column which is none of annotations."""
    from pyspark.ml.feature import SQLTransformer

    return SQLTransformer(statement=f"SELECT *, {expression} AS {name} FROM __THIS__")


def sql_stage(columns: Mapping[str, tuple[str, str]]) -> SQLTransformer:
    """Return a stage that adds columns: name -> (SQL expression, donor column of the same type of annotations)."""
    from pyspark.ml.feature import SQLTransformer

    donors = ", ".join(f"{donor} AS {name}" for name, (_, donor) in columns.items())
    added = ", ".join(f"{expression} AS {name}" for name, (expression, _) in columns.items())
    return SQLTransformer(
        statement=f"SELECT *, {donors} FROM __THIS__ WHERE false UNION ALL SELECT *, {added} FROM __THIS__"
    )

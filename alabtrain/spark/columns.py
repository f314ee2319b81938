"""Columns of annotations in SQL: the struct that Spark NLP expects, and the metadata that it checks.

Spark's SQLTransformer drops the metadata of its new columns, and Spark NLP refuses a column without metadata; a union
takes it from its first branch, which is empty here, so that a `donor` column of the same annotator type provides it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.ml.feature import SQLTransformer

NO_VECTOR = "cast(array() AS array<float>)"


def annotation(
    annotator_type: str, *, begin: str, end: str, result: str, metadata: Mapping[str, str], vector: str = NO_VECTOR
) -> str:
    """Return the SQL of one annotation; all but `annotator_type` and the keys of `metadata` are SQL expressions."""
    pairs = ", ".join(f"'{key}', {value}" for key, value in metadata.items())
    return (
        f"named_struct('annotatorType', '{annotator_type}', 'begin', {begin}, 'end', {end}, 'result', {result}, "
        f"'metadata', map({pairs}), 'embeddings', {vector})"
    )


def sql_stage(columns: Mapping[str, tuple[str, str]]) -> SQLTransformer:
    """Return a stage that adds columns: name -> (SQL expression, donor column of the same annotator type)."""
    from pyspark.ml.feature import SQLTransformer

    donors = ", ".join(f"{donor} AS {name}" for name, (_, donor) in columns.items())
    values = ", ".join(f"{expression} AS {name}" for name, (expression, _) in columns.items())
    return SQLTransformer(
        statement=f"SELECT *, {donors} FROM __THIS__ WHERE false UNION ALL SELECT *, {values} FROM __THIS__"
    )


def text_literal(text: str) -> str:
    """Return a text as an SQL literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"

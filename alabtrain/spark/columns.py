"""How a column of annotations is made in SQL: the struct that Spark NLP expects, and the metadata that it checks.

Spark's SQLTransformer drops the metadata of the columns that it makes, and Spark NLP refuses a column without; a union
takes it from its first branch, which is empty here, so that a `donor` column of the same kind gives it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.ml.feature import SQLTransformer

NO_VECTOR = "cast(array() AS array<float>)"


def annotation(
    kind: str, *, begin: str, end: str, result: str, metadata: Mapping[str, str], vector: str = NO_VECTOR
) -> str:
    """Return the SQL of one annotation; all but `kind` and the keys of `metadata` are SQL expressions."""
    pairs = ", ".join(f"'{key}', {value}" for key, value in metadata.items())
    return (
        f"named_struct('annotatorType', '{kind}', 'begin', {begin}, 'end', {end}, 'result', {result}, "
        f"'metadata', map({pairs}), 'embeddings', {vector})"
    )


def sql_stage(columns: Mapping[str, tuple[str, str]]) -> SQLTransformer:
    """Return a stage that adds columns: name -> (SQL expression, donor column of the same kind of annotations)."""
    from pyspark.ml.feature import SQLTransformer

    donors = ", ".join(f"{donor} AS {name}" for name, (_, donor) in columns.items())
    made = ", ".join(f"{expression} AS {name}" for name, (expression, _) in columns.items())
    return SQLTransformer(
        statement=f"SELECT *, {donors} FROM __THIS__ WHERE false UNION ALL SELECT *, {made} FROM __THIS__"
    )


def text_literal(text: str) -> str:
    """Return a text as a SQL literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"

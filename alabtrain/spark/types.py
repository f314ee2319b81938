"""Names for what Spark, py4j and Spark NLP hand over: none of them has types, so theirs is unknown, here alone."""

from __future__ import annotations

from typing import Any, TypeAlias

_Unknown: TypeAlias = Any
Column: TypeAlias = _Unknown
"""A column or an expression of Spark SQL."""
Stage: TypeAlias = _Unknown
"""An annotator of Spark NLP or a stage of Spark, fitted or not; its methods are those of its class."""
Value: TypeAlias = _Unknown
"""A value in a row of a data frame."""
JavaObject: TypeAlias = _Unknown
"""An object or a package of the JVM, through py4j; or Spark's context, which hands them out."""

"""Saved stages and pipelines: their class, which must be known before they are loaded, and loading."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.core.errors import InputError
from alabtrain.spark.types import Stage

if TYPE_CHECKING:
    from pyspark.ml import Transformer

PIPELINE = "PipelineModel"


def class_of(folder: Path) -> str | None:
    """Return the class name, without package, of the stage in a folder; None if its metadata has none."""
    files = sorted((folder / "metadata").glob("part-*"))
    try:
        return str(json.loads(files[0].read_text(encoding="utf-8"))["class"]).rpartition(".")[2]
    except (IndexError, KeyError, TypeError, ValueError, OSError):
        return None


def load_saved(path: Path | str, where: str) -> Transformer:
    """Load a saved pipeline or annotator in the active session: from a folder, or a pipeline from a URI.

    Raises:
        InputError: it cannot be loaded.
    """
    import sparknlp.annotator
    from pyspark.ml import PipelineModel

    class_name = class_of(path) if isinstance(path, Path) else PIPELINE
    loader: Stage = PipelineModel if class_name == PIPELINE else getattr(sparknlp.annotator, class_name or "", None)
    if loader is None:
        raise InputError(f"{class_name or 'this'} is not a model of Spark NLP", where=where)
    try:
        model: Transformer = loader.load(path.resolve().as_uri() if isinstance(path, Path) else path)
    except Exception as problem:
        # Whatever failed in a damaged folder, the user can only provide another one.
        raise InputError(f"this model cannot be loaded ({type(problem).__name__})", where=where) from None
    return model


def flat(model: Stage) -> list[Transformer]:
    """Return the stages of a fitted pipeline, including those of nested pipelines, or the single stage itself."""
    from pyspark.ml import PipelineModel

    return [s for stage in model.stages for s in flat(stage)] if isinstance(model, PipelineModel) else [model]


def gives(stage: Transformer, column: str) -> bool:
    """Return whether a stage outputs a column: for Spark NLP stages by parameter, for SQL stages by statement."""
    if hasattr(stage, "getStatement"):
        return f" AS {column} FROM" in stage.getStatement()
    return hasattr(stage, "getOutputCol") and stage.getOutputCol() == column

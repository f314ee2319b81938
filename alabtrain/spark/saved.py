"""What Spark writes when a stage or pipeline is saved, as far as one must know before it is loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alabtrain.core.errors import InputError

if TYPE_CHECKING:
    from pyspark.ml import Transformer

PIPELINE = "PipelineModel"


def class_of(folder: Path) -> str | None:
    """Return the class, without its package, of the stage that a folder holds; None where its metadata tell none."""
    files = sorted((folder / "metadata").glob("part-*"))
    try:
        return str(json.loads(files[0].read_text(encoding="utf-8"))["class"]).rpartition(".")[2]
    except (IndexError, KeyError, TypeError, ValueError, OSError):
        return None


def load_saved(place: Path | str, where: str) -> Transformer:
    """Load a saved pipeline or annotator in the active session: from a folder, or a pipeline from a URI.

    Raises `InputError` where that fails.
    """
    import sparknlp.annotator
    from pyspark.ml import PipelineModel

    kind = class_of(place) if isinstance(place, Path) else PIPELINE
    loader: Any = PipelineModel if kind == PIPELINE else getattr(sparknlp.annotator, kind or "", None)
    if loader is None:
        raise InputError(f"{kind or 'this'} is no model of Spark NLP's", where=where)
    try:
        model: Transformer = loader.load(place.resolve().as_uri() if isinstance(place, Path) else place)
    except Exception as problem:
        # Whatever the engine met in a damaged folder, the user can only bring another one.
        raise InputError(f"this model cannot be loaded ({type(problem).__name__})", where=where) from None
    return model


def flat(model: Any) -> list[Transformer]:
    """Return the stages of a fitted pipeline, those of pipelines in it too; a stage alone is the only one."""
    from pyspark.ml import PipelineModel

    return [s for stage in model.stages for s in flat(stage)] if isinstance(model, PipelineModel) else [model]

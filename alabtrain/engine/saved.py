"""What Spark writes when a stage or pipeline is saved, as far as one must know before it is loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.ml import Transformer


def class_of(folder: Path) -> str | None:
    """Return the class, without its package, of the stage that a folder holds; None where its metadata tell none."""
    files = sorted((folder / "metadata").glob("part-*"))
    try:
        return str(json.loads(files[0].read_text(encoding="utf-8"))["class"]).rpartition(".")[2]
    except (IndexError, KeyError, TypeError, ValueError, OSError):
        return None


def flat(model: Any) -> list[Transformer]:
    """Return the stages of a fitted pipeline, those of pipelines in it too; a stage alone is the only one."""
    from pyspark.ml import PipelineModel

    return [s for stage in model.stages for s in flat(stage)] if isinstance(model, PipelineModel) else [model]

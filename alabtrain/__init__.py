"""Train Spark NLP models from annotation projects, and account for every annotation on the way.

    from alabtrain import NerOptions, TrainConfig, Workspace, check, open_project, train

    project = open_project("clinic.zip")
    print(check(project).findings)
    result = train(project, TrainConfig(types=("ner",), ner=NerOptions(epochs=20)), Workspace())

Names are imported when they are first used: `import alabtrain` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from alabtrain.core import versions

if TYPE_CHECKING:
    from alabtrain.core.errors import AlabtrainError
    from alabtrain.documents.options import SplitOptions
    from alabtrain.embeddings.options import EmbeddingOptions
    from alabtrain.project.project import open_project
    from alabtrain.selection.options import SelectionOptions
    from alabtrain.selection.select import select_project as select
    from alabtrain.spark.options import SparkOptions
    from alabtrain.trainers.assertion.options import AssertionOptions
    from alabtrain.trainers.classification.options import ClassificationOptions
    from alabtrain.trainers.ner.options import NerOptions
    from alabtrain.trainers.visual_ner.options import VisualNerOptions
    from alabtrain.workflows.check import check
    from alabtrain.workflows.configs import EvaluateConfig, PreannotateConfig
    from alabtrain.workflows.evaluate import evaluate
    from alabtrain.workflows.preannotate import preannotate
    from alabtrain.workflows.train import train
    from alabtrain.workflows.train_config import TrainConfig
    from alabtrain.workflows.workspace import Workspace

__version__ = versions.VERSION

__all__ = [
    "AlabtrainError",
    "AssertionOptions",
    "ClassificationOptions",
    "EmbeddingOptions",
    "EvaluateConfig",
    "NerOptions",
    "PreannotateConfig",
    "SelectionOptions",
    "SparkOptions",
    "SplitOptions",
    "TrainConfig",
    "VisualNerOptions",
    "Workspace",
    "__version__",
    "check",
    "evaluate",
    "open_project",
    "preannotate",
    "select",
    "train",
]

# `select` is not here: it is the module `alabtrain.select`, which can be called.
_HOMES = {
    "AlabtrainError": "core.errors",
    "AssertionOptions": "trainers.assertion.options",
    "ClassificationOptions": "trainers.classification.options",
    "EmbeddingOptions": "embeddings.options",
    "EvaluateConfig": "workflows.configs",
    "NerOptions": "trainers.ner.options",
    "PreannotateConfig": "workflows.configs",
    "SelectionOptions": "selection.options",
    "SparkOptions": "spark.options",
    "SplitOptions": "documents.options",
    "TrainConfig": "workflows.train_config",
    "VisualNerOptions": "trainers.visual_ner.options",
    "Workspace": "workflows.workspace",
    "check": "workflows.check",
    "evaluate": "workflows.evaluate",
    "open_project": "project.project",
    "preannotate": "workflows.preannotate",
    "train": "workflows.train",
}


def __getattr__(name: str) -> object:
    """Import what is asked for (PEP 562)."""
    if name == "select":
        return importlib.import_module("alabtrain.select")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

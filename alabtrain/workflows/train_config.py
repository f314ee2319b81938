"""The configuration of a training as one value, built from the options of the command line or in Python."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from alabtrain.core.options import option
from alabtrain.documents.options import SplitOptions
from alabtrain.embeddings.options import EmbeddingOptions
from alabtrain.selection.options import SelectionOptions
from alabtrain.trainers.nerdl.editions import EDITIONS, OPEN
from alabtrain.trainers.options import LearningOptions
from alabtrain.trainers.registry import TypeNames

MANUAL = "manual"
DEPLOY = "Write the labeling config with the names of the new models into the run, and put the models into the store."


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig(LearningOptions):
    """What is trained, on which completions, and how.

    The learning options of each type are a field of its name; those of types that are not trained are ignored. `asked`
    are the learning options that must have an effect, for all types (`epochs`) or one (`ner.epochs`): it is an error if
    no trained type has them. `origin` is the last part of the models' names.
    """

    PANEL: ClassVar[str] = "Model"

    types: tuple[str, ...] = option(
        (),
        "Type of model to train; may be repeated.",
        names=("--type",),
        repeated=True,
        among=TypeNames(),
        default_text="every type that the labeling config defines and that has examples",
    )
    model_name: str | None = option(
        None,
        "Name of the model, if only one is trained.",
        metavar="NAME",
        default_text="as Annotation Lab names it: ner_<project>_annotation_manual",
    )
    choices: str | None = option(
        None,
        "Name of the Choices to train a classifier on.",
        metavar="NAME",
        default_text='those marked train="true", else the first by name',
    )
    base_model: str | None = option(
        None,
        "Continue the training of this NER model: a run, a saved model, or a name that is looked for in the store, in "
        "the runs and in the vendor's hub.",
        metavar="RUN|PATH|NAME",
    )
    new_labels: bool = option(True, "Add labels to the base model that it does not have yet.")
    script: Path | None = option(
        None, "Your own NER training: a Python file with a function `train`, which is executed."
    )
    edition: str = option(
        OPEN,
        "NER trainer to use: that of Spark NLP (open), or that of a licensed package that you have installed "
        "(untested).",
        among=EDITIONS,
    )
    strict: bool = option(False, "Stop with an error if a region would be repaired or lost.", panel="Split")
    deploy: bool = option(False, DEPLOY, panel="Output")
    show_text: bool = option(
        False, "Show the sentences with the most errors, which are text of your documents.", panel="Output"
    )
    selection: SelectionOptions = SelectionOptions()
    split: SplitOptions = SplitOptions()
    embeddings: EmbeddingOptions = EmbeddingOptions()
    asked: frozenset[str] = frozenset()
    origin: str = MANUAL

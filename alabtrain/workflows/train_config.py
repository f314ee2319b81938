"""What a training does, as one value: made by the command line from its options, or written in Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from alabtrain.core.modeltypes import ASSERTION, CLASSIFICATION, NER, TRAINABLE, VISUAL_NER
from alabtrain.core.options import Options, option
from alabtrain.documents.options import SplitOptions
from alabtrain.embeddings.options import EmbeddingOptions
from alabtrain.selection.options import SelectionOptions
from alabtrain.trainers.assertion.options import AssertionOptions
from alabtrain.trainers.classification.options import ClassificationOptions
from alabtrain.trainers.ner.options import NerOptions
from alabtrain.trainers.nerdl.editions import EDITIONS, OPEN
from alabtrain.trainers.visual_ner.options import VisualNerOptions

MANUAL = "manual"
DEPLOY = "Write the labeling config with the names of the new models into the run, and put the models into the store."


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig(Options):
    """What is trained, on which completions, and how.

    `ner`, `assertion`, `classification` and `visual_ner` say how each type learns; those of types that are not trained
    are passed over, but for what `asked` names: options of all types (`epochs`) or of one (`ner.epochs`) that are an
    error where no type that is trained has them. `origin` ends the names of the models.
    """

    PANEL: ClassVar[str] = "Model"

    types: tuple[str, ...] = option(
        (),
        "Type of model to train; may be repeated.",
        names=("--type",),
        repeated=True,
        among=TRAINABLE,
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
    ner: NerOptions = NerOptions()
    assertion: AssertionOptions = AssertionOptions()
    classification: ClassificationOptions = ClassificationOptions()
    visual_ner: VisualNerOptions = VisualNerOptions()
    asked: frozenset[str] = frozenset()
    origin: str = MANUAL

    @property
    def learning(self) -> Mapping[str, Options]:
        """How each type learns, by type."""
        return {
            NER: self.ner,
            ASSERTION: self.assertion,
            CLASSIFICATION: self.classification,
            VISUAL_NER: self.visual_ner,
        }

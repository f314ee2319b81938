"""How the tasks are divided, as options that the command line and Python share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from alabtrain.core.options import Options, option


@dataclass(frozen=True, slots=True)
class SplitOptions(Options):
    """How the tasks are divided into training, validation and test set.

    A `validation` of None leaves the share to the model types. Of the tasks outside the test set, only the share
    `used` is used.
    """

    PANEL: ClassVar[str] = "Split"

    split: Literal["auto", "tags", "random"] = option(
        "auto",
        "What the scores come from: the tasks tagged Test (tags) or a random share (random); auto takes the tags if "
        "there are any.",
        among=("auto", "tags", "random"),
    )
    validation: float | None = option(
        None,
        "Share of the training tasks that is held back as validation set, to score each epoch.",
        at_least=0,
        at_most=0.9,
        default_text="0.1; visual_ner 0 if there are tasks tagged Test",
    )
    seed: int = option(
        42, "Seed of the split, the order of the examples and the network.", at_least=0, at_most=2**31 - 1
    )
    used: float = 1.0

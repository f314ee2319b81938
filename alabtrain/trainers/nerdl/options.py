"""How NerDL learns, as options that the command line and Python share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alabtrain.core.options import Options, option


@dataclass(frozen=True, slots=True)
class TaggerOptions(Options):
    """How NerDL is trained; the defaults are measured (benchmarks/README.md).

    A trainer that leaves `epochs` None settles them before it fits.
    """

    PANEL: ClassVar[str] = "Learning"

    epochs: int | None = option(12, "Passes over the training set.", at_least=1, at_most=1000)
    learning_rate: float = option(0.001, "Learning rate of the first epoch.", above=0, at_most=1)
    decay: float = option(
        0.05, "Learning-rate decay: the rate of an epoch is RATE / (1 + DECAY x epoch).", at_least=0, at_most=100
    )
    dropout: float = option(0.5, "Share of the units that are dropped out in training.", at_least=0, below=1)
    batch_size: int = option(16, "Examples in a batch.", at_least=1, at_most=1024)
    best_model: bool = option(
        False, "Keep the epoch with the best validation F1, or the last epoch.", off="--last-model"
    )

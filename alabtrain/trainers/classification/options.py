"""How a classifier learns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from alabtrain.core.options import Options, option

Network = Literal["multiclassifierdl", "classifierdl"]
SEQUENCE: Network = "multiclassifierdl"
VECTOR: Network = "classifierdl"


@dataclass(frozen=True, slots=True)
class ClassificationOptions(Options):
    """How a classifier is trained; the defaults are measured (benchmarks/README.md).

    `epochs` None makes them as many as `STEPS` steps of the engine take: a small project needs more of them than a
    large one. A threshold means nothing for single choice, a dropout nothing for MultiClassifierDL.
    """

    PANEL: ClassVar[str] = "Learning"

    classifier: Network = option(
        SEQUENCE,
        "Network for single choice: over the sequence of token embeddings, or over their mean (seconds, but weak).",
        among=(SEQUENCE, VECTOR),
    )
    learning_rate: float | None = option(
        None, "Learning rate of the first epoch.", above=0, at_most=1, default_text="0.0003, with classifierdl 0.001"
    )
    batch_size: int = option(32, "Examples in a batch.", at_least=1, at_most=1024)
    epochs: int | None = option(
        None, "Passes over the training set.", at_least=1, at_most=1000, default_text="by the number of examples"
    )
    dropout: float | None = option(
        None,
        "Share of the units that are dropped out in training.",
        at_least=0,
        below=1,
        default_text="0.5 with classifierdl; multiclassifierdl has none",
    )
    threshold: float | None = option(
        None,
        "Score from which on a text has a class, for multiple choice.",
        at_least=0,
        at_most=1,
        default_text="the best one on the validation set",
    )

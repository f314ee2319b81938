"""Which trainer a project calls for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alabtrain.config import LabelingConfig
from alabtrain.errors import NothingToTrain, UsageError
from alabtrain.trainers.base import Trainer
from alabtrain.trainers.ner import NerParameters, NerTrainer

TRAINABLE = ("ner",)


def make_trainer(config: LabelingConfig | None, types: Sequence[str], parameters: Mapping[str, Any]) -> Trainer:
    """Return the trainer for the types asked for, else for those that the labeling config allows.

    Raises `UsageError` when the config does not have what was asked for, `NothingToTrain` when it has nothing
    that can be trained. Without a config every label is taken as an NER label.
    """
    allowed = config.types if config else TRAINABLE
    wanted = tuple(types) or tuple(kind for kind in allowed if kind in TRAINABLE)
    for kind in types:
        if kind not in allowed:
            raise UsageError(
                f"--type {kind}: the labeling config has no {kind} labels",
                where=config.where if config else None,
                hint=f"it allows: {', '.join(allowed) or 'nothing'}",
            )
    if "ner" not in wanted:
        raise NothingToTrain(
            "the labeling config has no NER labels",
            where=config.where if config else None,
            hint=f"it has {', '.join(allowed) or 'no control tag at all'}; this version trains {', '.join(TRAINABLE)}",
        )
    return NerTrainer(NerParameters(**parameters))

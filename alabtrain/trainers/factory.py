"""Creates the trainers for a project."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from alabtrain.core.errors import NothingToTrain, UsageError
from alabtrain.core.modeltypes import ASSERTION, NER, TEXT_TYPES, TRAINABLE, VISUAL_NER
from alabtrain.core.options import Options
from alabtrain.labeling.choices import choose_choices
from alabtrain.labeling.config import LabelingConfig
from alabtrain.trainers.assertion.trainer import AssertionTrainer
from alabtrain.trainers.base import Trainer
from alabtrain.trainers.classification.trainer import ClassificationTrainer
from alabtrain.trainers.ner.base_model import BaseModel
from alabtrain.trainers.ner.options import NerOptions
from alabtrain.trainers.ner.script import ScriptTrainer, load_script
from alabtrain.trainers.ner.trainer import NerTrainer
from alabtrain.trainers.nerdl.editions import OPEN, require_edition
from alabtrain.trainers.options import LEARNING
from alabtrain.trainers.visual_ner.trainer import VisualNerTrainer

NO_LEARNING: Mapping[str, Options] = MappingProxyType({})


def make_trainers(
    config: LabelingConfig | None,
    types: Sequence[str] = (),
    learning: Mapping[str, Options] = NO_LEARNING,
    *,
    choices: str | None = None,
    asked: Collection[str] = (),
    script: Path | None = None,
    edition: str = OPEN,
    base: BaseModel | None = None,
) -> tuple[Trainer, ...]:
    """Return trainers for the requested types, else for all that the labeling config allows.

    `learning` has the learning options of types that do not use the defaults. `choices` is the group of a classifier.
    `asked` are the learning options that must have an effect, for all types (`epochs`) or for one (`ner.epochs`).
    `script` trains NER instead of NerDL, `edition` selects the NER trainer, `base` is the model that NER continues.
    Without a config, every label is an NER label.

    Raises:
        UsageError: the config lacks a requested type or group, or no type has an option.
        SetupError: the edition is not installed.
        NothingToTrain: the config defines no model that can be trained.
    """
    require_edition(edition)
    allowed = config.types if config else ("ner",)
    for model_type in types:
        if model_type not in allowed:
            raise UsageError(
                f"--type {model_type}: the labeling config defines no labels or choices for this type",
                where=config.where if config else None,
                hint=f"the config allows: {', '.join(allowed) or 'no type'}",
            )
    wanted = _wanted(config, types, allowed)
    if choices is not None and "classification" not in wanted:
        raise UsageError("--choices names the group of a classifier, but no classifier is trained")
    if base is not None:
        _require_continuing(wanted, script, edition)
    if script is not None or edition != OPEN:
        _require_only_ner(wanted, script, edition)
        parameters: Any = learning.get(NER) or NerOptions()
        own = ScriptTrainer(parameters, load_script(script)) if script else NerTrainer(parameters, edition)
        trainers: tuple[Trainer, ...] = (own,)
    else:
        trainers = tuple(_make(one, config, learning.get(one) or LEARNING[one](), choices, base) for one in wanted)
    _require_known(trainers, asked)
    return trainers


def _wanted(config: LabelingConfig | None, types: Sequence[str], allowed: Sequence[str]) -> list[str]:
    """Return the types to train: those that are requested, else all types of texts, else the type of pages."""
    wanted = [model_type for model_type in TEXT_TYPES if model_type in (types or allowed)]
    # Choices of a config without a text apply to images, for which no classifier is trained.
    if VISUAL_NER in types and wanted:
        raise UsageError(
            f"{VISUAL_NER} is trained on pages and {', '.join(wanted)} on texts; one run cannot train both",
            hint=f"use --type {VISUAL_NER} alone",
        )
    without_text = not wanted or (config is not None and not config.texts)
    if VISUAL_NER in types or (VISUAL_NER in allowed and not types and without_text):
        return [VISUAL_NER]
    if not wanted:
        raise NothingToTrain(
            "the labeling config defines no model that can be trained",
            where=config.where if config else None,
            hint=f"it defines {', '.join(allowed) or 'no control tag'}; alabtrain trains {', '.join(TRAINABLE)}",
        )
    return wanted


def _make(
    model_type: str, config: LabelingConfig | None, learning: Any, choices: str | None, base: BaseModel | None
) -> Trainer:
    if model_type == NER:
        return NerTrainer(learning, base=base)
    if model_type == VISUAL_NER:
        return VisualNerTrainer(learning)
    if model_type == ASSERTION:
        return AssertionTrainer(learning)
    chosen = choose_choices(config, choices) if config else None
    if chosen is None:
        raise NothingToTrain("the labeling config has no Choices for the whole text")
    return ClassificationTrainer(chosen, learning)


def _require_only_ner(wanted: Sequence[str], script: Path | None, edition: str) -> None:
    if script is not None and edition != OPEN:
        raise UsageError("--edition and --script both choose the NER trainer; use only one of them")
    if list(wanted) != ["ner"]:
        name = "--script" if script is not None else f"--edition {edition}"
        raise UsageError(f"{name} trains only NER, but {', '.join(wanted)} would be trained", hint="add --type ner")


def _require_continuing(wanted: Sequence[str], script: Path | None, edition: str) -> None:
    if "ner" not in wanted:
        raise UsageError(f"--base-model is an NER model, but {', '.join(wanted)} would be trained")
    if script is not None or edition != OPEN:
        other = "--script" if script is not None else f"--edition {edition}"
        raise UsageError(f"--base-model continues a NerDL model of the open edition, but {other} trains differently")


def _require_known(trainers: Sequence[Trainer], asked: Collection[str]) -> None:
    known: set[str] = set()
    for trainer in trainers:
        names = {field.name for field in fields(trainer.parameters)}
        if getattr(trainer.parameters, "dropout", None) is None:
            names.discard("dropout")  # of a classifier without dropout
        known |= {*names, *(f"{trainer.type}.{name}" for name in names)}
    for name in asked:
        if name not in known:
            types = ", ".join(trainer.type for trainer in trainers)
            prefix, dot, option = name.rpartition(".")
            raise UsageError(f"--{prefix}{dot}{option.replace('_', '-')} has no effect on {types}")

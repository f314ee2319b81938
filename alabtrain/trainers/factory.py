"""Which trainers a project calls for."""

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
    """Return trainers for the types asked for, else for all that the labeling config allows.

    `learning` says how a type learns, where that is not with its defaults. `choices` names the group of a classifier;
    `asked` are the learning options that may not be passed over, of all types (`epochs`) or of one (`ner.epochs`);
    `script` trains NER in place of NerDL, `edition` names whose NER trainer is used, `base` is the model that NER
    continues. Raises `UsageError` when the config does not have what was asked for, or no type knows an option,
    `SetupError` when the edition is not installed, `NothingToTrain` when there is nothing that can be trained. Without
    a config every label is taken as an NER label.
    """
    require_edition(edition)
    allowed = config.types if config else ("ner",)
    for kind in types:
        if kind not in allowed:
            raise UsageError(
                f"--type {kind}: the labeling config has nothing for it",
                where=config.where if config else None,
                hint=f"it allows: {', '.join(allowed) or 'nothing'}",
            )
    wanted = _wanted(config, types, allowed)
    if choices is not None and "classification" not in wanted:
        raise UsageError("--choices names the group of a classifier, and no classifier is to be trained")
    if base is not None:
        _require_continuing(wanted, script, edition)
    if script is not None or edition != OPEN:
        _require_only_ner(wanted, script, edition)
        parameters: Any = learning.get(NER) or NerOptions()
        own = ScriptTrainer(parameters, load_script(script)) if script else NerTrainer(parameters, edition)
        trainers: tuple[Trainer, ...] = (own,)
    else:
        trainers = tuple(_make(kind, config, learning.get(kind) or LEARNING[kind](), choices, base) for kind in wanted)
    _require_known(trainers, asked)
    return trainers


def _wanted(config: LabelingConfig | None, types: Sequence[str], allowed: Sequence[str]) -> list[str]:
    """Return what is to be trained: all that was asked for, else all that there is for texts, else for pages."""
    wanted = [kind for kind in TEXT_TYPES if kind in (types or allowed)]
    # Choices of a config without a text are about pictures, of which no classifier is trained.
    if VISUAL_NER in types and wanted:
        raise UsageError(
            f"{VISUAL_NER} is trained on pages and {', '.join(wanted)} on texts: not in one run",
            hint=f"give --type {VISUAL_NER} alone",
        )
    without_text = not wanted or (config is not None and not config.texts)
    if VISUAL_NER in types or (VISUAL_NER in allowed and not types and without_text):
        return [VISUAL_NER]
    if not wanted:
        raise NothingToTrain(
            "the labeling config has nothing that can be trained",
            where=config.where if config else None,
            hint=f"it has {', '.join(allowed) or 'no control tag at all'}; trained are {', '.join(TRAINABLE)}",
        )
    return wanted


def _make(
    kind: str, config: LabelingConfig | None, learning: Any, choices: str | None, base: BaseModel | None
) -> Trainer:
    if kind == NER:
        return NerTrainer(learning, base=base)
    if kind == VISUAL_NER:
        return VisualNerTrainer(learning)
    if kind == ASSERTION:
        return AssertionTrainer(learning)
    chosen = choose_choices(config, choices) if config else None
    if chosen is None:
        raise NothingToTrain("the labeling config has no Choices for the whole text")
    return ClassificationTrainer(chosen, learning)


def _require_only_ner(wanted: Sequence[str], script: Path | None, edition: str) -> None:
    if script is not None and edition != OPEN:
        raise UsageError("--edition chooses the NER trainer, and so does --script: give one of them")
    if list(wanted) != ["ner"]:
        name = "--script" if script is not None else f"--edition {edition}"
        raise UsageError(f"{name} trains NER only, and {', '.join(wanted)} would be trained", hint="add --type ner")


def _require_continuing(wanted: Sequence[str], script: Path | None, edition: str) -> None:
    if "ner" not in wanted:
        raise UsageError(f"--base-model is a NER model, and {', '.join(wanted)} would be trained")
    if script is not None or edition != OPEN:
        other = "--script" if script is not None else f"--edition {edition}"
        raise UsageError(f"--base-model continues a NerDL of the open edition, and {other} trains another way")


def _require_known(trainers: Sequence[Trainer], asked: Collection[str]) -> None:
    known: set[str] = set()
    for trainer in trainers:
        names = {field.name for field in fields(trainer.parameters)}
        if getattr(trainer.parameters, "dropout", None) is None:
            names.discard("dropout")  # a classifier that has none
        known |= {*names, *(f"{trainer.type}.{name}" for name in names)}
    for name in asked:
        if name not in known:
            types = ", ".join(trainer.type for trainer in trainers)
            kind, dot, option = name.rpartition(".")
            raise UsageError(f"--{kind}{dot}{option.replace('_', '-')} means nothing for {types}")

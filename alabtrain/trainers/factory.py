"""Creates the trainers for a project."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType

from alabtrain.core.errors import NothingToTrain, UsageError
from alabtrain.core.options import Options
from alabtrain.labeling.config import LabelingConfig
from alabtrain.trainers.base import Trainer
from alabtrain.trainers.model_type import ModelType, Setup
from alabtrain.trainers.nerdl.base_model import BaseModel
from alabtrain.trainers.nerdl.editions import OPEN, require_edition
from alabtrain.trainers.registry import model_type, model_types, type_names, types_in

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
    `script`, `edition` and `base` choose what learns, for types that offer it. Without a config, every label is an NER
    label.

    Raises:
        UsageError: the config lacks a requested type or group, or no type has an option.
        SetupError: the edition is not installed.
        NothingToTrain: the config defines no model that can be trained.
    """
    require_edition(edition)
    allowed = types_in(config)
    for name in types:
        if name not in allowed:
            raise UsageError(
                f"--type {name}: the labeling config defines no labels or choices for this type",
                where=config.where if config else None,
                hint=f"the config allows: {', '.join(allowed) or 'no type'}",
            )
    wanted = [model_type(name) for name in _wanted(config, types, allowed)]
    if choices is not None and not any("choices" in one.offers for one in wanted):
        raise UsageError("--choices names the group of a classifier, but no classifier is trained")
    if base is not None:
        _require_continuing(wanted, script, edition)
    if script is not None or edition != OPEN:
        _require_learner(wanted, script, edition)
    trainers = tuple(
        one.trainer(
            Setup(
                config=config, options=learning.get(one.name) or one.options(), choices=choices, script=script,
                edition=edition, base=base if "base_model" in one.offers else None,
            )
        )
        for one in wanted
    )  # fmt: skip
    _require_known(trainers, asked)
    return trainers


def _wanted(config: LabelingConfig | None, types: Sequence[str], allowed: Sequence[str]) -> list[str]:
    """Return the types to train: those that are requested, else all types of texts, else the types of pages."""
    wanted = [name for name in type_names(of_pages=False) if name in (types or allowed)]
    pages = type_names(of_pages=True)
    asked = [name for name in pages if name in types]
    # Choices of a config without a text apply to images, for which no classifier is trained.
    if asked and wanted:
        raise UsageError(
            f"{asked[0]} is trained on pages and {', '.join(wanted)} on texts; one run cannot train both",
            hint=f"use --type {asked[0]} alone",
        )
    if asked:
        return asked
    without_text = not wanted or (config is not None and not config.texts)
    if not types and without_text and (found := [name for name in pages if name in allowed]):
        return found
    if not wanted:
        raise NothingToTrain(
            "the labeling config defines no model that can be trained",
            where=config.where if config else None,
            hint=f"it defines {', '.join(allowed) or 'no control tag'}; alabtrain trains {', '.join(type_names())}",
        )
    return wanted


def _require_learner(wanted: Sequence[ModelType], script: Path | None, edition: str) -> None:
    if script is not None and edition != OPEN:
        raise UsageError("--edition and --script both choose the NER trainer; use only one of them")
    offer, option = ("script", "--script") if script is not None else ("edition", f"--edition {edition}")
    if len(wanted) == 1 and offer in wanted[0].offers:
        return
    able = [one for one in model_types() if offer in one.offers]
    raise UsageError(
        f"{option} trains only {' or '.join(one.short_title for one in able)}, but {_listed(wanted)} would be trained",
        hint=f"add --type {able[0].name}",
    )


def _require_continuing(wanted: Sequence[ModelType], script: Path | None, edition: str) -> None:
    if not any("base_model" in one.offers for one in wanted):
        raise UsageError(f"--base-model is an NER model, but {_listed(wanted)} would be trained")
    if script is not None or edition != OPEN:
        other = "--script" if script is not None else f"--edition {edition}"
        raise UsageError(f"--base-model continues a NerDL model of the open edition, but {other} trains differently")


def _listed(types: Sequence[ModelType]) -> str:
    return ", ".join(one.name for one in types)


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

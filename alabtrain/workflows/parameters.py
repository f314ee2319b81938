"""The record of a run's options: each with its value and the source of the value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from alabtrain.core.options import Option, Options, options_of, parts_of
from alabtrain.project.project import Project
from alabtrain.runs.recorder import without_secrets
from alabtrain.runs.shapes import Parameter
from alabtrain.trainers.base import Trainer
from alabtrain.trainers.registry import learning_options
from alabtrain.workflows.train_config import TrainConfig
from alabtrain.workflows.workspace import Workspace

DEFAULT, PYTHON, CURVE = "default", "python", "curve"
Parameters = dict[str, Parameter]


def parameters_of(
    project: Project, config: Options, workspace: Workspace, provenance: Mapping[str, str] | None
) -> Parameters:
    """Return the options by name, each as `{"value", "from"}`; secrets of Spark are left out.

    `provenance` has the source of each option's value; an option that is not in it is a default, or set in Python.
    """
    sources = provenance or {}
    found = {"project": _entry(project.path, sources.get("project", PYTHON))}
    for options in (project.options, config, workspace):
        for one, value in _values(options):
            source = sources.get(one.name, DEFAULT if value == one.default else PYTHON)
            found[_name(one)] = _entry(value, source)
    return without_secrets(found)


def training_parameters(
    project: Project,
    config: TrainConfig,
    workspace: Workspace,
    trainers: Sequence[Trainer],
    provenance: Mapping[str, str] | None,
) -> Parameters:
    """Return the options of a training; the learning options are those of the trainers (see `learning_parameters`)."""
    sources = provenance or {}
    found = parameters_of(project, config, workspace, provenance)
    if config.split.used < 1:
        found["share"] = _entry(config.split.used, CURVE)
    defaults = {trainer.type: asdict(type(trainer.parameters)()) for trainer in trainers}
    for trainer in trainers:
        for name, value in asdict(trainer.parameters).items():
            option = "lang" if name == "ocr_lang" else name
            source = sources.get(f"{trainer.type}.{option}") or sources.get(option)
            standard = DEFAULT if value == defaults[trainer.type][name] else PYTHON
            found[f"{trainer.type}.{name}" if len(trainers) > 1 else name] = _entry(value, source or standard)
    return {**found, "origin": _entry(config.origin, DEFAULT)}


def learning_parameters(learning: Mapping[str, Options]) -> dict[str, object]:
    """Return the learning options of the trained types by name: `epochs` of one type, else `<type>.epochs`."""
    return {
        (f"{model_type}.{name}" if len(learning) > 1 else name): value
        for model_type, options in learning.items()
        for name, value in asdict(options).items()
    }


def _name(one: Option) -> str:
    """Return the name of an option in the record: that of the command line, as in `models` for `--models`."""
    repeated = one.declared.repeated  # `--type ner --type assertion` gives `types`
    return one.name if repeated else one.long.removeprefix("--").replace("-", "_")


def _values(options: Options) -> Iterator[tuple[Option, object]]:
    """Yield the options with their values, those of the parts after them, but for how types learn."""
    for one in options_of(type(options)):
        yield one, getattr(options, one.name)
    for name, part in parts_of(type(options)):
        if part not in learning_options().values():
            yield from _values(getattr(options, name))


def _entry(value: object, source: str) -> Parameter:
    return {"value": _plain(value), "from": source}


def _plain(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Path) else value

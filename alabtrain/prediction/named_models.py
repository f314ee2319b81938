"""The models that a labeling config names, with their labels or choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from alabtrain.core.errors import InputError
from alabtrain.core.json import JsonObject
from alabtrain.labeling.config import Choices, DataTag, Label, LabelingConfig, split_names
from alabtrain.labeling.names import MODEL_SUFFIX
from alabtrain.labeling.patch import require_model_rules
from alabtrain.runs.record import RunInfo
from alabtrain.trainers.model_type import NamedModel
from alabtrain.trainers.registry import model_type, model_types, type_names

ModelSource = TypedDict("ModelSource", {"name": str, "type": str, "from": str})
"""A model in the results of a command: the name that is shown, its type, and where it came from."""


def named_models(config: LabelingConfig) -> tuple[NamedModel, ...]:
    """Return the models in the `model` attributes of labels and choices, in the order in which they run.

    Raises:
        InputError: there are none, the config breaks a rule about models (more than five, an assertion model without
            an NER model), or a model is named on two groups of choices.
    """
    labels: dict[tuple[str, str], list[Label]] = {}
    groups: dict[tuple[str, str], list[Choices]] = {}
    for label in (*config.labels, *config.rectangle_labels):
        if label.model:
            name = label.model.removesuffix(MODEL_SUFFIX)
            labels.setdefault((_type_of(name, config, label), name), []).append(label)
    for group in config.usable_choices:
        for model in filter(None, {group.model, *group.models}):
            name = model.removesuffix(MODEL_SUFFIX)
            groups.setdefault((_type_of(name, config, group), name), []).append(group)
    found = [
        NamedModel(name, model_type(of), tuple(own), line=own[0].line) for (of, name), own in sorted(labels.items())
    ]
    found += [
        NamedModel(name, model_type(of), choices=tuple(own), line=own[0].line) for (of, name), own in groups.items()
    ]
    if not found:
        raise InputError(
            "the labeling config names no model",
            where=config.where,
            hint="deploy models with `alabtrain train --deploy` or `alabtrain deploy`",
            code="no_model",
        )
    require_model_rules(config, having="the labeling config has")
    for one in found:
        if len(one.choices) > 1:
            raise InputError(
                f"{one.name} is named on several Choices, but a classifier belongs to one",
                where=f"{config.where}, line {one.choices[1].line}",
            )
    # In the order of the registry: models that judge entities come after those that find them.
    order = type_names()
    return tuple(sorted(found, key=lambda model: order.index(model.type)))


def _type_of(name: str, config: LabelingConfig, target: Label | Choices) -> str:
    """Return the type of a model that is named on a label or a group: of several types, that of the name's prefix."""
    able = [one for one in model_types() if target in one.labels(config) or target in one.groups(config)]
    named = [one for one in able if name.startswith(f"{one.prefix}_")]
    return (named or able)[0].name


def models_of_run(run: RunInfo, config: LabelingConfig, called: str) -> tuple[NamedModel, ...]:
    """Return the models of a finished run, each for those of its labels that the config has, or for its group.

    `called` is the display name of the run.

    Raises:
        InputError: the run has no model, or the config has none of a model's labels.
    """
    if run.state != "done" or not run.models:
        problem = f"the run is {run.state}" if run.state != "done" else "the run has no model"
        raise InputError(problem, where=str(run.path), hint="`alabtrain runs` lists the runs")
    return tuple(_of_run(run, model, config, called) for model in run.models)


def _of_run(run: RunInfo, model: JsonObject, config: LabelingConfig, called: str) -> NamedModel:
    of, name = model_type(str(model.get("type"))), str(model.get("name"))
    labels = model.get("labels")
    known = {str(label) for label in labels} if isinstance(labels, list) else set()
    own = tuple(label for label in of.labels(config) if label.name in known)
    choices = tuple(group for group in of.groups(config) if group.name == model.get("choices"))
    if not own and not choices:
        raise InputError(
            f"the labeling config has none of the labels of {name}",
            where=config.where,
            hint="compare runs on the project that they were trained on, or on one with the same labels",
        )
    lang = run.parameter("lang")
    path = run.path / str(model.get("path"))
    return NamedModel(name, of, own, choices[:1], path=path, run=called, run_lang=str(lang) if lang else None)


def are_of_pages(named: Sequence[NamedModel], where: str) -> bool:
    """Whether the models are for pages. Raises `InputError` if some are for pages and some for texts."""
    page_models = {model.model_type.of_pages for model in named}
    if len(page_models) > 1:
        raise InputError(
            "some models of the labeling config are for pages and some for texts, which cannot be combined",
            where=where,
            hint="remove the model attributes of one of the two (use a copy of the file with --config)",
            code="pages_and_texts",
        )
    return True in page_models


def text_of(config: LabelingConfig, named: Sequence[NamedModel]) -> DataTag:
    """Return the text tag that the models annotate.

    Raises:
        InputError: they annotate several texts or none, or are for pages.
    """
    if are_of_pages(named, config.where):
        raise InputError(
            f"{named[0].shown} is a model for pages, but this command works on texts",
            where=config.where,
            hint="use `alabtrain preannotate` or `alabtrain evaluate` for models for pages",
            code="pages_and_texts",
        )
    targets = [label.to_name for model in named for label in model.labels]
    targets += [group.to_name for model in named for group in model.choices]
    wanted = {name for target in targets for name in split_names(target)}
    texts = [text for text in config.texts if text.key and text.name in wanted]
    if len(texts) != 1:
        names = ", ".join(text.name for text in texts) or "none"
        raise InputError(
            f"the models of the labeling config annotate {len(texts)} texts ({names}), but must annotate exactly one",
            where=config.where,
            hint="remove the model attributes of the labels and choices for other texts",
            code="several_texts",
        )
    return texts[0]

"""Which models a labeling config names, and what each of them is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from alabtrain.config import Choices, Label, LabelingConfig
from alabtrain.errors import InputError
from alabtrain.labeling.configrules import MAX_MODELS
from alabtrain.store.entries import SUFFIX

NER, ASSERTION, CLASSIFICATION = "ner", "assertion", "classification"


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model that the config names: `labels` carry it, or the groups of `choices` do; `line` is the first place."""

    name: str
    type: str
    labels: tuple[Label, ...] = ()
    choices: tuple[Choices, ...] = ()
    line: int = 0


def named_models(config: LabelingConfig) -> tuple[NamedModel, ...]:
    """Return the models that stand in `model` attributes of labels and choices, in the order of the types.

    Raises `InputError` where none does, or more than a pre-annotation server of the product takes.
    """
    labels: dict[tuple[str, str], list[Label]] = {}
    for label in config.labels:
        if label.model:
            kind = ASSERTION if label.assertion else NER
            labels.setdefault((kind, label.model.removesuffix(SUFFIX)), []).append(label)
    groups: dict[str, list[Choices]] = {}
    for group in config.usable_choices:
        for model in filter(None, {group.model, *group.models}):
            groups.setdefault(model.removesuffix(SUFFIX), []).append(group)
    found = [NamedModel(name, kind, tuple(of), line=of[0].line) for (kind, name), of in sorted(labels.items())]
    found += [NamedModel(name, CLASSIFICATION, choices=tuple(of), line=of[0].line) for name, of in groups.items()]
    if not found:
        raise InputError(
            "the labeling config names no model",
            where=config.where,
            hint="`alabtrain train --deploy` or `alabtrain deploy` writes models into it",
            code="no_model",
        )
    if len(found) > MAX_MODELS:
        raise InputError(
            f"the labeling config names {len(found)} models, and at most {MAX_MODELS} run together",
            where=config.where,
            hint=f"remove the model attribute of some: {', '.join(model.name for model in found)}",
            code="too_many_models",
        )
    # Statuses are said of what the NER models find.
    order = {NER: 0, ASSERTION: 1, CLASSIFICATION: 2}
    return tuple(sorted(found, key=lambda model: order[model.type]))

"""Which models a labeling config names, and what each of them is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alabtrain.config import Choices, DataTag, Label, LabelingConfig, split_names
from alabtrain.errors import InputError
from alabtrain.labeling.names import MODEL_SUFFIX
from alabtrain.labeling.patch import require_model_rules

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
    """Return the models that stand in `model` attributes of labels and choices, in the order in which they run.

    Raises `InputError` where none does, where the config breaks a rule of the product about models (more than five, an
    assertion model without an NER model), or where a model stands on two groups of choices.
    """
    labels: dict[tuple[str, str], list[Label]] = {}
    for label in config.labels:
        if label.model:
            kind = ASSERTION if label.assertion else NER
            labels.setdefault((kind, label.model.removesuffix(MODEL_SUFFIX)), []).append(label)
    groups: dict[str, list[Choices]] = {}
    for group in config.usable_choices:
        for model in filter(None, {group.model, *group.models}):
            groups.setdefault(model.removesuffix(MODEL_SUFFIX), []).append(group)
    found = [NamedModel(name, kind, tuple(of), line=of[0].line) for (kind, name), of in sorted(labels.items())]
    found += [NamedModel(name, CLASSIFICATION, choices=tuple(of), line=of[0].line) for name, of in groups.items()]
    if not found:
        raise InputError(
            "the labeling config names no model",
            where=config.where,
            hint="`alabtrain train --deploy` or `alabtrain deploy` writes models into it",
            code="no_model",
        )
    require_model_rules(config, having="the labeling config has")
    for one in found:
        if len(one.choices) > 1:
            raise InputError(
                f"{one.name} stands on several Choices, and a classifier is of one",
                where=f"{config.where}, line {one.choices[1].line}",
            )
    # Statuses are said of what the NER models find.
    order = {NER: 0, ASSERTION: 1, CLASSIFICATION: 2}
    return tuple(sorted(found, key=lambda model: order[model.type]))


def text_of(config: LabelingConfig, named: Sequence[NamedModel]) -> DataTag:
    """Return the text that the models are about. Raises `InputError` where they are about several, or about none."""
    targets = [label.to_name for model in named for label in model.labels]
    targets += [group.to_name for model in named for group in model.choices]
    wanted = {name for target in targets for name in split_names(target)}
    texts = [text for text in config.texts if text.key and text.name in wanted]
    if len(texts) != 1:
        names = ", ".join(text.name for text in texts) or "none"
        raise InputError(
            f"the models of the labeling config are about {len(texts)} texts ({names}), and work on one at a time",
            where=config.where,
            hint="remove the model attribute of the labels and choices for other texts",
            code="several_texts",
        )
    return texts[0]

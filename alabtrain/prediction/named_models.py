"""The models that a labeling config names, with their labels or choices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from alabtrain.core.errors import InputError
from alabtrain.core.json import JsonObject
from alabtrain.core.modeltypes import ASSERTION, CLASSIFICATION, NER, VISUAL_NER
from alabtrain.labeling.config import Choices, DataTag, Label, LabelingConfig, split_names
from alabtrain.labeling.names import MODEL_SUFFIX
from alabtrain.labeling.patch import require_model_rules
from alabtrain.runs.record import RunInfo

ModelSource = TypedDict("ModelSource", {"name": str, "type": str, "from": str})
"""A model in the results of a command: the name that is shown, its type, and where it came from."""


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model that the config names on `labels` or on groups of `choices`; `line` is the first line that names it.

    A model of a run has a `path`, and covers those of its labels that the config has, or its group; `run_lang` is its
    training language.
    """

    name: str
    type: str
    labels: tuple[Label, ...] = ()
    choices: tuple[Choices, ...] = ()
    line: int = 0
    path: Path | None = None
    run: str = ""
    run_lang: str | None = None

    @property
    def finds_spans(self) -> bool:
        """Whether it predicts entities, in texts or on pages."""
        return self.type in (NER, VISUAL_NER)

    @property
    def shown(self) -> str:
        """The display name: prefixed with its run, if it belongs to one."""
        return f"{self.run}: {self.name}" if self.run else self.name


def named_models(config: LabelingConfig) -> tuple[NamedModel, ...]:
    """Return the models in the `model` attributes of labels and choices, in the order in which they run.

    Raises:
        InputError: there are none, the config breaks a rule about models (more than five, an assertion model without
            an NER model), or a model is named on two groups of choices.
    """
    labels: dict[tuple[str, str], list[Label]] = {}
    for label in config.labels:
        if label.model:
            model_type = ASSERTION if label.assertion else NER
            labels.setdefault((model_type, label.model.removesuffix(MODEL_SUFFIX)), []).append(label)
    for label in config.rectangle_labels:
        if label.model:
            labels.setdefault((VISUAL_NER, label.model.removesuffix(MODEL_SUFFIX)), []).append(label)
    groups: dict[str, list[Choices]] = {}
    for group in config.usable_choices:
        for model in filter(None, {group.model, *group.models}):
            groups.setdefault(model.removesuffix(MODEL_SUFFIX), []).append(group)
    found = [
        NamedModel(name, model_type, tuple(of), line=of[0].line) for (model_type, name), of in sorted(labels.items())
    ]
    found += [NamedModel(name, CLASSIFICATION, choices=tuple(of), line=of[0].line) for name, of in groups.items()]
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
    # Assertion models judge the entities that the NER models find.
    order = {NER: 0, ASSERTION: 1, CLASSIFICATION: 2, VISUAL_NER: 3}
    return tuple(sorted(found, key=lambda model: order[model.type]))


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
    model_type, name = str(model.get("type")), str(model.get("name"))
    labels = model.get("labels")
    known = {str(label) for label in labels} if isinstance(labels, list) else set()
    own = tuple(label for label in _labels_of(model_type, config) if label.name in known)
    groups = tuple(group for group in config.usable_choices if group.name == model.get("choices"))
    choices = groups if model_type == CLASSIFICATION else ()
    if not own and not choices:
        raise InputError(
            f"the labeling config has none of the labels of {name}",
            where=config.where,
            hint="compare runs on the project that they were trained on, or on one with the same labels",
        )
    lang = run.parameter("lang")
    path = run.path / str(model.get("path"))
    return NamedModel(name, model_type, own, choices[:1], path=path, run=called, run_lang=str(lang) if lang else None)


def _labels_of(model_type: str, config: LabelingConfig) -> Sequence[Label]:
    labels = {
        NER: config.ner_labels, ASSERTION: config.assertion_labels, VISUAL_NER: config.rectangle_labels
    }  # fmt: skip
    return labels.get(model_type, ())


def are_of_pages(named: Sequence[NamedModel], where: str) -> bool:
    """Whether the models are for pages. Raises `InputError` if some are for pages and some for texts."""
    page_models = {model.type == VISUAL_NER for model in named}
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

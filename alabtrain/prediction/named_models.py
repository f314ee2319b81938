"""Which models a labeling config names, and what each of them is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alabtrain.core.errors import InputError
from alabtrain.core.modeltypes import ASSERTION, CLASSIFICATION, NER, VISUAL_NER
from alabtrain.labeling.config import Choices, DataTag, Label, LabelingConfig, split_names
from alabtrain.labeling.names import MODEL_SUFFIX
from alabtrain.labeling.patch import require_model_rules
from alabtrain.runs.record import RunInfo


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model that the config names: `labels` carry it, or the groups of `choices` do; `line` is the first place.

    One of a run is at a `place`, and stands for what the config has of its labels, or for its group; `run_lang` is the
    language that it was trained in.
    """

    name: str
    type: str
    labels: tuple[Label, ...] = ()
    choices: tuple[Choices, ...] = ()
    line: int = 0
    place: Path | None = None
    run: str = ""
    run_lang: str | None = None

    @property
    def finds_spans(self) -> bool:
        """Whether it finds entities, in texts or on pages."""
        return self.type in (NER, VISUAL_NER)

    @property
    def shown(self) -> str:
        """The name to show: that of its run before it, where it is one of a run."""
        return f"{self.run}: {self.name}" if self.run else self.name


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
    for label in config.rectangle_labels:
        if label.model:
            labels.setdefault((VISUAL_NER, label.model.removesuffix(MODEL_SUFFIX)), []).append(label)
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
    order = {NER: 0, ASSERTION: 1, CLASSIFICATION: 2, VISUAL_NER: 3}
    return tuple(sorted(found, key=lambda model: order[model.type]))


def models_of_run(run: RunInfo, config: LabelingConfig, called: str) -> tuple[NamedModel, ...]:
    """Return the models of a run that is over, each for those of its labels that the config has, or for its group.

    The run is `called` so where its models are shown.

    Raises `InputError` where the run has no model, or the config none of a model's labels.
    """
    if run.state != "done" or not run.models:
        told = f"the run is {run.state}" if run.state != "done" else "the run has no model"
        raise InputError(told, where=str(run.path), hint="`alabtrain runs` lists the runs")
    return tuple(_of_run(run, model, config, called) for model in run.models)


def _of_run(run: RunInfo, model: Mapping[str, Any], config: LabelingConfig, called: str) -> NamedModel:
    kind, name = str(model.get("type")), str(model.get("name"))
    known = {str(label) for label in model.get("labels") or ()}
    own = tuple(label for label in _labels_of(kind, config) if label.name in known)
    groups = tuple(group for group in config.usable_choices if group.name == model.get("choices"))
    choices = groups if kind == CLASSIFICATION else ()
    if not own and not choices:
        raise InputError(
            f"the labeling config has nothing that {name} is of",
            where=config.where,
            hint="compare runs on the project that they were trained on, or on one with the same labels",
        )
    lang = run.parameter("lang")
    place = run.path / str(model.get("path"))
    return NamedModel(name, kind, own, choices[:1], place=place, run=called, run_lang=str(lang) if lang else None)


def _labels_of(kind: str, config: LabelingConfig) -> Sequence[Label]:
    labels = {
        NER: config.ner_labels, ASSERTION: config.assertion_labels, VISUAL_NER: config.rectangle_labels
    }  # fmt: skip
    return labels.get(kind, ())


def are_of_pages(named: Sequence[NamedModel], where: str) -> bool:
    """Whether models read pages. Raises `InputError` where some do and some read texts."""
    kinds = {model.type == VISUAL_NER for model in named}
    if len(kinds) > 1:
        raise InputError(
            "some models of the labeling config read pages and some texts, and one command does one of it",
            where=where,
            hint="remove the model attribute of the labels for one of both (--config names another file)",
            code="pages_and_texts",
        )
    return True in kinds


def text_of(config: LabelingConfig, named: Sequence[NamedModel]) -> DataTag:
    """Return the text that the models are about.

    Raises `InputError` where they are about several, or about none, or read pages.
    """
    if are_of_pages(named, config.where):
        raise InputError(
            f"{named[0].shown} reads pages, and this command works on texts",
            where=config.where,
            hint="`alabtrain preannotate` labels pages, and `alabtrain evaluate` scores models of pages",
            code="pages_and_texts",
        )
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

"""Classes of texts, as a type of model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from alabtrain.core.errors import NothingToTrain
from alabtrain.labeling.choices import choose_choices
from alabtrain.labeling.config import CHOICES, Annotation, Choices, LabelingConfig
from alabtrain.trainers.classification.options import ClassificationOptions
from alabtrain.trainers.model_type import Checks, ModelType, NamedModel, Setup, Usage
from alabtrain.trainers.names import project_name

if TYPE_CHECKING:
    from pyspark.ml import Transformer

    from alabtrain.annotations.classes import ClassReading
    from alabtrain.annotations.reader import Reading
    from alabtrain.annotations.request import Request
    from alabtrain.core.options import Options
    from alabtrain.documents.document import Document
    from alabtrain.documents.tagging import Sentence
    from alabtrain.documents.texts import DocumentRequest
    from alabtrain.spark.types import Stage
    from alabtrain.trainers.classification.trainer import ClassificationTrainer
    from alabtrain.trainers.judging import Judged
    from alabtrain.trainers.predictions import Found, ResultCounts, ResultItem

CLASSIFIERS = ("ClassifierDLModel", "MultiClassifierDLModel")
_NAMED_LOSSES = ("unknown_choice", "several_choices", "duplicate_choice")


class ClassificationType(ModelType):
    """Classification: the choices of a group for a whole text."""

    name: ClassVar[str] = "classification"
    title: ClassVar[str] = "Classification"
    short_title: ClassVar[str] = "Classification"
    prefix: ClassVar[str] = "classification"
    nouns: ClassVar[tuple[str, str]] = ("choice", "choices")
    annotates: ClassVar[Annotation] = CHOICES
    options: ClassVar[type[Options]] = ClassificationOptions
    offers: ClassVar[frozenset[str]] = frozenset({"choices"})
    label_sql: ClassVar[str] = "a.result"
    score_sql: ClassVar[str] = "a.metadata[a.result]"
    usage: ClassVar[Usage] = Usage(
        shows=('{found}.selectExpr("text", "class.result AS class").show()',),
        about="The metadata of `class` hold the score of every class.",
    )

    def checks(self) -> Checks:
        """Return those about the trained group and its classes."""
        from alabtrain.trainers.classification.checks import CHECKS

        return CHECKS

    def groups(self, config: LabelingConfig) -> Sequence[Choices]:
        """Return the groups for whole texts."""
        return config.usable_choices

    def default_name(self, project: str, origin: str, choices: str | None) -> str:
        """Return `classification_<choices name>_annotation_<origin>`."""
        return f"{self.prefix}_{project_name(choices or project)}_annotation_{origin}"

    def count(self, reading: Reading, request: Request) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return the classes of texts, and all choices for whole texts, usable or not."""
        examples = [
            (self.label_type(group), value)
            for group, classes in reading.choices.items()
            for value in (classes.values if reading.text is not None else ())
        ]
        used = [
            (self.label_type(group), value) for group, classes in reading.choices.items() for value in _named(classes)
        ]
        return examples, used

    def ask_gold(self, request: DocumentRequest, config: LabelingConfig, model: NamedModel) -> DocumentRequest:
        """Ask for the choices of the model's group."""
        groups = {group.name: group for group in (*(request.groups or ()), *model.choices)}
        return replace(request, groups=tuple(groups.values()), only_group=len(config.choices) == 1)

    def trainer(self, setup: Setup) -> ClassificationTrainer:
        """Return a trainer for one group of choices (`labeling.choices`)."""
        from alabtrain.trainers.classification.trainer import ClassificationTrainer, complete

        assert isinstance(setup.options, ClassificationOptions)  # noqa: S101 - they are of this type
        chosen = choose_choices(setup.config, setup.choices) if setup.config else None
        if chosen is None:
            raise NothingToTrain("the labeling config has no Choices for the whole text")
        return ClassificationTrainer(chosen, complete(setup.options, chosen.group))

    def recognize(self, stages: Sequence[Transformer]) -> tuple[str, ...] | None:
        """Return the classes of the first classifier."""
        found = next((stage for stage in stages if type(stage).__name__ in CLASSIFIERS), None)
        return None if found is None else tuple(sorted(found._java_obj.getClasses()))

    def output(self, own: list[Transformer]) -> str:
        """Return the column `class`, or that of a classifier from elsewhere."""
        from alabtrain.spark.saved import gives
        from alabtrain.trainers.classification.pooling import CLASS

        if any(gives(stage, CLASS) for stage in own):
            return CLASS
        found: Stage = next(stage for stage in own if "Classifier" in type(stage).__name__)
        return str(found.getOutputCol())

    def items(
        self,
        model: NamedModel,
        text: str,
        found: Sequence[Found],
        counts: ResultCounts,
        entities: set[tuple[int, int]],
    ) -> list[ResultItem]:
        """Return the classes of a text as one item."""
        from alabtrain.trainers.predictions import choice_items

        (group,) = model.choices
        return choice_items(model.name, group, found, counts)

    def judge(
        self,
        model: NamedModel,
        labels: Sequence[str],
        documents: Sequence[Document],
        found: Sequence[Sequence[Found]],
        sentences: Sequence[Sentence],
    ) -> Judged | None:
        """Compare the classes of texts that have one."""
        from alabtrain.trainers.judging import judge_classes

        (group,) = model.choices
        return judge_classes(documents, found, labels, group.name, several=group.mode == "multiple")


def _named(reading: ClassReading) -> list[str]:
    """Return the choices of a reading for the whole text, usable or not."""
    lost = (incident for incident in reading.lost if incident.code in _NAMED_LOSSES and incident.label)
    return [*reading.values, *(incident.label for incident in lost)]

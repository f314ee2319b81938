"""What the program has to know about a type of model: one object a type, registered once (`trainers.registry`).

Nothing outside the folder of a type compares with the type's name; other rooms ask its object.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from alabtrain.core.options import Options
from alabtrain.labeling.config import BOXES, SPANS, Annotation, Choices, Label, LabelingConfig
from alabtrain.trainers.names import project_name

if TYPE_CHECKING:
    from pyspark.ml import Transformer

    from alabtrain.annotations.reader import Reading
    from alabtrain.annotations.request import Request
    from alabtrain.core.findings import Finding
    from alabtrain.documents.document import Document
    from alabtrain.documents.tagging import Sentence
    from alabtrain.documents.texts import DocumentRequest
    from alabtrain.labeling.patch import TrainedModel
    from alabtrain.pages.options import Recipe
    from alabtrain.trainers.base import Trainer
    from alabtrain.trainers.judging import Judged
    from alabtrain.trainers.nerdl.base_model import BaseModel
    from alabtrain.trainers.predictions import Found, ResultCounts, ResultItem
    from alabtrain.trainers.profile import Profile

SCRIPT_COPY = "script.py"  # the name of the copy of a user's script in a run
Checks = Mapping[str, Sequence[Callable[["Profile"], "list[Finding]"]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a trainer is created with.

    Attributes:
        config: the labeling config; None if there is none.
        options: the learning options of the type.
        choices: the name of the group of choices that the user asks for.
        script: the user's own training, for types that can be trained by a script.
        edition: whose trainer is used (`trainers.nerdl.editions`).
        base: the model whose training is continued.
    """

    config: LabelingConfig | None
    options: Options
    choices: str | None = None
    script: Path | None = None
    edition: str = "open"
    base: BaseModel | None = None


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model that the config names on `labels` or on groups of `choices`; `line` is the first line that names it.

    A model of a run has a `path`, and covers those of its labels that the config has, or its group; `run_lang` is its
    training language.
    """

    name: str
    model_type: ModelType = field(repr=False)
    labels: tuple[Label, ...] = ()
    choices: tuple[Choices, ...] = ()
    line: int = 0
    path: Path | None = None
    run: str = ""
    run_lang: str | None = None

    @property
    def type(self) -> str:
        """The name of its type."""
        return self.model_type.name

    @property
    def shown(self) -> str:
        """The display name: prefixed with its run, if it belongs to one."""
        return f"{self.run}: {self.name}" if self.run else self.name


@dataclass(frozen=True, slots=True)
class Usage:
    """How a type is used in Python, for the model card; a line may contain `{found}`, the transformed frame.

    Attributes:
        about: sentences about the columns of the predictions.
        shows: lines that print the predictions.
        imports: for types whose input is more than a text.
    """

    shows: tuple[str, ...] = ()
    about: str = ""
    imports: tuple[str, ...] = ()


class ModelType(ABC):
    """A type of model: what it learns from, how it is trained, saved, applied, judged and described.

    Attributes:
        name: as options, runs and the store call it; it is the name of a folder and of a section of `alabtrain.yaml`.
        title, short_title: for the report and the model card.
        prefix: the first part of a model's default name.
        nouns, labels_title: what its labels are called, one and several, and above a table of them.
        annotates: what its models predict, and annotators give.
        options: its learning options.
        of_pages: its models read pages; those are trained in a run of their own.
        reads_chunks: its models judge entities, which models that `give_chunks` find or annotators gave.
        trains_without_config: without a labeling config, every label is one of its labels.
        offers: which options of a training it has besides those for learning (`script`, `edition`, `base_model`).
        label_sql, score_sql: SQL of label and confidence of an annotation `a` in the column of predictions.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    short_title: ClassVar[str]
    prefix: ClassVar[str]
    nouns: ClassVar[tuple[str, str]] = ("label", "labels")
    labels_title: ClassVar[str] = "Labels"
    annotates: ClassVar[Annotation]
    options: ClassVar[type[Options]]
    of_pages: ClassVar[bool] = False
    reads_chunks: ClassVar[bool] = False
    trains_without_config: ClassVar[bool] = False
    offers: ClassVar[frozenset[str]] = frozenset()
    label_sql: ClassVar[str] = "a.metadata['entity']"
    score_sql: ClassVar[str] = "a.metadata['confidence']"
    usage: ClassVar[Usage] = Usage()

    @property
    def gives_chunks(self) -> bool:
        """Whether its models find the entities that models of another type judge."""
        return self.annotates == SPANS

    @property
    def finds_spans(self) -> bool:
        """Whether its models find entities, in texts or on pages."""
        return self.annotates in (SPANS, BOXES)

    def checks(self) -> Checks:
        """Return the checks of a project that are about this type only, by subject (`labels`, `split`, `engine`)."""
        return {}

    # The labeling config

    def labels(self, config: LabelingConfig) -> Sequence[Label]:
        """Return the labels of a config that its models have."""
        return config.labels_of(self.annotates)

    def groups(self, config: LabelingConfig) -> Sequence[Choices]:
        """Return the groups of choices of a config, each of which has a model of its own."""
        return ()

    def is_in(self, config: LabelingConfig) -> bool:
        """Return whether a config allows to train the type."""
        return bool(self.labels(config) or self.groups(config))

    def deployed(self, name: str, labels: Sequence[str], choices: str | None) -> TrainedModel:
        """Return a model as it is written into a config."""
        from alabtrain.labeling.patch import TrainedModel

        return TrainedModel(self.annotates, name, (choices,) if choices else tuple(labels))

    # Reading

    @abstractmethod
    def count(self, reading: Reading, request: Request) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return the usable examples of a completion, and all its labels, each as (label type, label).

        The label type is the name of the type, or that of `label_type` for a group of choices.
        """

    def label_type(self, group: str) -> str:
        """Return the label type of a group of choices."""
        return f"{self.name}:{group}"

    def ask_gold(self, request: DocumentRequest, config: LabelingConfig, model: NamedModel) -> DocumentRequest:
        """Return `request` extended by what a model is judged by, in texts."""
        return request

    # Training

    def default_name(self, project: str, origin: str, choices: str | None) -> str:
        """Return a model's name if the user gives none, as Annotation Lab names it; `origin` is why it was trained."""
        return f"{self.prefix}_{project_name(project)}_annotation_{origin}"

    def in_language(self, options: Options, lang: str) -> Options:
        """Return the learning options for texts in a language (ISO 639-1)."""
        return options

    @abstractmethod
    def trainer(self, setup: Setup) -> Trainer:
        """Return a trainer. Raises `UsageError` or `NothingToTrain` if the setup does not allow one."""

    # Saved models

    @abstractmethod
    def recognize(self, stages: Sequence[Transformer]) -> tuple[str, ...] | None:
        """Return the labels of a loaded model of this type; None if the stages are none."""

    @abstractmethod
    def output(self, own: list[Transformer]) -> str:
        """Return the column of a model's predictions; `own` are its stages after the vectors, and may be extended."""

    def recipe(self, stages: Sequence[Transformer]) -> Recipe | None:
        """Return how the pages for a loaded model are prepared; None for a model of texts."""
        return None

    def from_hub(self, name: str, lang: str) -> Sequence[Transformer]:
        """Return the stages of a model of the vendor's hub."""
        from sparknlp.pretrained import PretrainedPipeline

        from alabtrain.spark.saved import flat

        return flat(PretrainedPipeline(name, lang=lang).model)

    # Predictions

    @abstractmethod
    def items(
        self,
        model: NamedModel,
        text: str,
        found: Sequence[Found],
        counts: ResultCounts,
        entities: set[tuple[int, int]],
    ) -> list[ResultItem]:
        """Return the predictions for a text as result items.

        `entities` are the offsets of those that were written so far; models that find entities add theirs.
        """

    @abstractmethod
    def judge(
        self,
        model: NamedModel,
        labels: Sequence[str],
        documents: Sequence[Document],
        found: Sequence[Sequence[Found]],
        sentences: Sequence[Sentence],
    ) -> Judged | None:
        """Compare the predictions for each document with its annotations; None if it has none of this type.

        `labels` are those that the model has; `sentences` are those of all documents, for types that find entities.
        """

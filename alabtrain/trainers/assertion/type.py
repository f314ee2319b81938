"""Assertion status of entities, as a type of model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from alabtrain.labeling.config import STATUSES, Annotation, LabelingConfig
from alabtrain.trainers.assertion.options import AssertionOptions
from alabtrain.trainers.model_type import Checks, ModelType, NamedModel, Setup, Usage

if TYPE_CHECKING:
    from pyspark.ml import Transformer

    from alabtrain.annotations.reader import Reading
    from alabtrain.annotations.request import Request
    from alabtrain.core.options import Options
    from alabtrain.documents.document import Document
    from alabtrain.documents.tagging import Sentence
    from alabtrain.documents.texts import DocumentRequest
    from alabtrain.trainers.assertion.trainer import AssertionTrainer
    from alabtrain.trainers.judging import Judged
    from alabtrain.trainers.predictions import Found, ResultCounts, ResultItem

PROJECT = "jsl"  # replaces the project in Annotation Lab's name for an assertion model, as a project has only one


class AssertionType(ModelType):
    """Assertion status: whether an entity is present, absent, or something else."""

    name: ClassVar[str] = "assertion"
    title: ClassVar[str] = "Assertion status"
    short_title: ClassVar[str] = "Assertion status"
    prefix: ClassVar[str] = "assertion"
    nouns: ClassVar[tuple[str, str]] = ("assertion label", "assertion labels")
    labels_title: ClassVar[str] = "Assertion labels"
    annotates: ClassVar[Annotation] = STATUSES
    options: ClassVar[type[Options]] = AssertionOptions
    reads_chunks: ClassVar[bool] = True
    label_sql: ClassVar[str] = "a.result"
    usage: ClassVar[Usage] = Usage(
        shows=(
            'chunks = {found}.selectExpr("explode(arrays_zip(ner_chunk, assertion)) AS c")',
            'columns = ["c.ner_chunk.result AS chunk", "c.ner_chunk.metadata.entity", "c.assertion.result AS status"]',
            "chunks.selectExpr(*columns).show()",
        ),
        about="`assertion` has a status for each chunk of `ner_chunk`, in the same order; its metadata hold the "
        "confidence.",
    )

    def checks(self) -> Checks:
        """Return what tells whether there are enough statuses."""
        from alabtrain.trainers.assertion.checks import CHECKS

        return CHECKS

    def default_name(self, project: str, origin: str, choices: str | None) -> str:
        """Return Annotation Lab's name for an assertion model, which is the same for every project."""
        return f"{self.prefix}_{PROJECT}_annotation_{origin}"

    def count(self, reading: Reading, request: Request) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return the statuses, and all assertion labels."""
        return (
            [(self.name, status.label) for status in reading.statuses.statuses],
            [(self.name, label) for label in reading.region_labels if label in request.status_labels],
        )

    def ask_gold(self, request: DocumentRequest, config: LabelingConfig, model: NamedModel) -> DocumentRequest:
        """Ask for the assertion labels of the model."""
        return replace(request, statuses={*(request.statuses or ()), *(label.name for label in model.labels)})

    def trainer(self, setup: Setup) -> AssertionTrainer:
        """Return a trainer."""
        from alabtrain.trainers.assertion.trainer import AssertionTrainer

        assert isinstance(setup.options, AssertionOptions)  # noqa: S101 - they are of this type
        return AssertionTrainer(setup.options)

    def recognize(self, stages: Sequence[Transformer]) -> tuple[str, ...] | None:
        """Return the statuses if the first tagger tags the words around chunks."""
        from alabtrain.trainers.assertion.targets import TARGET_TAG
        from alabtrain.trainers.nerdl.saved import first_tagger, tagger_labels

        tagger = first_tagger(stages)
        return tagger_labels(stages) if tagger and tagger.getOutputCol().startswith(TARGET_TAG) else None

    def output(self, own: list[Transformer]) -> str:
        """Return the column `assertion`."""
        from alabtrain.trainers.assertion.targets import ASSERTION

        return ASSERTION

    def items(
        self,
        model: NamedModel,
        text: str,
        found: Sequence[Found],
        counts: ResultCounts,
        entities: set[tuple[int, int]],
    ) -> list[ResultItem]:
        """Return a status for each entity that was written."""
        from alabtrain.trainers.predictions import status_items

        return status_items(model.name, model.labels, text, found, counts, entities)

    def judge(
        self,
        model: NamedModel,
        labels: Sequence[str],
        documents: Sequence[Document],
        found: Sequence[Sequence[Found]],
        sentences: Sequence[Sentence],
    ) -> Judged | None:
        """Compare the statuses of annotated entities."""
        from alabtrain.trainers.judging import judge_statuses

        return judge_statuses(documents, found, labels)

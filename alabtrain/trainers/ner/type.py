"""Named entities in texts, as a type of model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from alabtrain.labeling.config import SPANS, Annotation
from alabtrain.trainers.entities import EntityType
from alabtrain.trainers.model_type import Checks, NamedModel, Setup, Usage
from alabtrain.trainers.ner.options import NER, NerOptions

if TYPE_CHECKING:
    from pyspark.ml import Transformer

    from alabtrain.annotations.reader import Reading
    from alabtrain.annotations.request import Request
    from alabtrain.core.options import Options
    from alabtrain.trainers.ner.trainer import NerTrainer
    from alabtrain.trainers.predictions import Found, ResultCounts, ResultItem


class NerType(EntityType):
    """Named entities: spans of a text, found token by token."""

    name: ClassVar[str] = NER
    title: ClassVar[str] = "Named entities"
    short_title: ClassVar[str] = "NER"
    prefix: ClassVar[str] = "ner"
    labels_title: ClassVar[str] = "Spans by label"
    annotates: ClassVar[Annotation] = SPANS
    options: ClassVar[type[Options]] = NerOptions
    trains_without_config: ClassVar[bool] = True
    offers: ClassVar[frozenset[str]] = frozenset({"script", "edition", "base_model"})
    usage: ClassVar[Usage] = Usage(
        ('{found}.selectExpr("explode(ner_chunk) AS c").selectExpr("c.result", "c.metadata.entity").show()',)
    )

    def checks(self) -> Checks:
        """Return those about the limits of NerDL, and about texts without entities."""
        from alabtrain.trainers.ner.checks import CHECKS

        return CHECKS

    def count(self, reading: Reading, request: Request) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return the spans, and the labels of all regions that are no assertion labels."""
        return (
            [(self.name, span.label) for span in reading.spans.spans],
            [(self.name, label) for label in reading.region_labels if label not in request.status_labels],
        )

    def trainer(self, setup: Setup) -> NerTrainer:
        """Return a trainer with the learner that the setup asks for."""
        from alabtrain.trainers.ner.learners import Learner, NerDlLearner
        from alabtrain.trainers.ner.script import ScriptLearner, load_script
        from alabtrain.trainers.ner.trainer import NerTrainer

        assert isinstance(setup.options, NerOptions)  # noqa: S101 - they are of this type
        learner: Learner = NerDlLearner(setup.edition, setup.base)
        if setup.script is not None:
            learner = ScriptLearner(load_script(setup.script))
        return NerTrainer(setup.options, learner)

    def recognize(self, stages: Sequence[Transformer]) -> tuple[str, ...] | None:
        """Return the labels of the first tagger."""
        from alabtrain.trainers.nerdl.saved import tagger_labels

        return tagger_labels(stages)

    def from_hub(self, name: str, lang: str) -> Sequence[Transformer]:
        """Return a pipeline of the hub if the name is known as one, else a tagger."""
        from sparknlp.annotator import NerDLModel

        from alabtrain.core.languages.registry import language_of

        if name in language_of(lang).hub_pipelines:
            return super().from_hub(name, lang)
        return [NerDLModel.pretrained(name, lang)]

    def items(
        self,
        model: NamedModel,
        text: str,
        found: Sequence[Found],
        counts: ResultCounts,
        entities: set[tuple[int, int]],
    ) -> list[ResultItem]:
        """Return spans in the order of the text."""
        from alabtrain.trainers.predictions import offsets_of, span_items

        items = span_items(model.name, model.labels, text, found, counts)
        entities.update(map(offsets_of, items))
        # A status is a second region on the same words: both tools keep the order of regions on the same words.
        return sorted(items, key=offsets_of)

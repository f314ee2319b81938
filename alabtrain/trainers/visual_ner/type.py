"""Named entities on pages, as a type of model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from alabtrain.labeling.config import BOXES, Annotation
from alabtrain.trainers.entities import EntityType
from alabtrain.trainers.model_type import Checks, NamedModel, Setup, Usage
from alabtrain.trainers.visual_ner.options import VISUAL_NER, VisualNerOptions

if TYPE_CHECKING:
    from pyspark.ml import Transformer

    from alabtrain.annotations.reader import Reading
    from alabtrain.annotations.request import Request
    from alabtrain.core.options import Options
    from alabtrain.pages.options import Recipe
    from alabtrain.trainers.predictions import Found, ResultCounts, ResultItem
    from alabtrain.trainers.visual_ner.trainer import VisualNerTrainer


class VisualNerType(EntityType):
    """Named entities in scans: boxes around words."""

    name: ClassVar[str] = VISUAL_NER
    title: ClassVar[str] = "Named entities in scans"
    short_title: ClassVar[str] = "Visual NER"
    prefix: ClassVar[str] = "visualner"
    nouns: ClassVar[tuple[str, str]] = ("box label", "box labels")
    labels_title: ClassVar[str] = "Boxes by label"
    annotates: ClassVar[Annotation] = BOXES
    options: ClassVar[type[Options]] = VisualNerOptions
    of_pages: ClassVar[bool] = True
    usage: ClassVar[Usage] = Usage(
        imports=(
            "from alabtrain.pages.boxes import Box",
            "from alabtrain.pages.layout import layout_rows",
            "from alabtrain.pages.text import page_text",
            "from alabtrain.pages.words import Page, Word",
        ),
        shows=(
            'words = (Word("Date:", Box(70, 80, 110, 95)), Word("2026-02-01", Box(120, 80, 200, 95)))  # of a page, in '
            "pixels",
            "text = page_text(Page(1, None, words))  # rules=find_rules(picture, height): ruling lines, too",
            'columns = "text string, layout array<array<float>>"',
            "pages = spark.createDataFrame([[text.text, layout_rows(text)]], columns)",
            'chunks = model.transform(pages).selectExpr("explode(ner_chunk) AS c")',
            'chunks.selectExpr("c.result", "c.metadata.entity").show()',
        ),
        about="A row is a page: `text` has its words in reading order, `layout` a list of features for each word. "
        "alabtrain computes both; `alabtrain preannotate` does everything, from images to boxes.",
    )

    def checks(self) -> Checks:
        """Return those about pages, and the cost of a training."""
        from alabtrain.trainers.visual_ner.checks import CHECKS

        return CHECKS

    def count(self, reading: Reading, request: Request) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return the boxes, and all labels of boxes, usable or not."""
        lost = [incident.label for incident in reading.boxes.lost if incident.label]
        boxes = [(self.name, box.label) for box in reading.boxes.boxes]
        return boxes, [*boxes, *((self.name, label) for label in lost)]

    def in_language(self, options: Options, lang: str) -> Options:
        """Return the options with the language for OCR."""
        assert isinstance(options, VisualNerOptions)  # noqa: S101 - they are of this type
        return replace(options, ocr_lang=lang)

    def recipe(self, stages: Sequence[Transformer]) -> Recipe | None:
        """Return the recipe in the stage that adds layout features."""
        from alabtrain.trainers.visual_ner.layout_stage import recipe_of

        return next((recipe for stage in stages if (recipe := recipe_of(stage)) is not None), None)

    def trainer(self, setup: Setup) -> VisualNerTrainer:
        """Return a trainer."""
        from alabtrain.trainers.visual_ner.trainer import VisualNerTrainer

        assert isinstance(setup.options, VisualNerOptions)  # noqa: S101 - they are of this type
        return VisualNerTrainer(setup.options)

    def recognize(self, stages: Sequence[Transformer]) -> tuple[str, ...] | None:
        """Return the labels of the first tagger if a stage adds layout features."""
        from alabtrain.trainers.nerdl.saved import tagger_labels
        from alabtrain.trainers.visual_ner.layout_stage import is_layout_stage

        return tagger_labels(stages) if any(map(is_layout_stage, stages)) else None

    def items(
        self,
        model: NamedModel,
        text: str,
        found: Sequence[Found],
        counts: ResultCounts,
        entities: set[tuple[int, int]],
    ) -> list[ResultItem]:
        """Return nothing: entities on pages become boxes (`prediction.page_results`)."""
        return []

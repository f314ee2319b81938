"""The input of a visual NER model: the vector of each word, followed by its layout features.

The features come with the data, in a column with one list per word (`pages.layout`), as Spark NLP has no open annotator
that reads the layout of a page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alabtrain.embeddings.stages import EMBEDDINGS
from alabtrain.pages.options import Recipe
from alabtrain.spark.annotators import LAYOUT, TOKEN
from alabtrain.spark.columns import NO_VECTOR, sql_stage
from alabtrain.spark.templates import render
from alabtrain.spark.types import Stage
from alabtrain.trainers.nerdl.limits import dimension_beside, roomy_dimension

if TYPE_CHECKING:
    from pyspark.ml.feature import SQLTransformer

PACKAGE = "alabtrain.trainers.visual_ner"
VISUAL_VECTORS, LAYOUT_ALONE = "visual_embeddings", "layout_embeddings"
KEPT = ("isOOV", "pieceId", "isWordStart", "sentence", "token")  # keys of a vector's metadata that are kept
_RECIPE = re.compile(r"/\* alabtrain: layout (\d+), (\d+) numbers, windows of (\d+) words \*/")


def visual_dimension(numbers: int, width: int) -> int:
    """Return the dimension of vectors of `numbers` and `width` layout numbers, padded to a graph of NerDL.

    Raises `InputError` if no graph is wide enough.
    """
    return dimension_beside(numbers, width, "the layout of a page")


def layout_stage(numbers: int, recipe: Recipe) -> SQLTransformer:
    """Return the stage from `token`, `embeddings` (their first `numbers`) and `layout` to two columns of vectors.

    `visual_embeddings` have both, `layout_embeddings` the layout alone; both are padded with 0 to a graph of NerDL.
    `layout` has a list for each token of the row, which begins with the numbers; a missing list counts as zeros.
    """
    width = recipe.width
    both = visual_dimension(numbers, width) - numbers - width
    alone = roomy_dimension(width) - width

    def column(words: str, filled: int) -> tuple[str, str]:
        expression = render(
            PACKAGE,
            "layout",
            embeddings=EMBEDDINGS,
            token=TOKEN,
            layout=LAYOUT,
            recipe=recipe,
            width=width,
            words=words,
            filled=filled,
            metadata={key: f"e.metadata['{key}']" for key in KEPT},
        )
        return expression, EMBEDDINGS

    first = f"slice(e.embeddings, 1, {numbers})"
    return sql_stage({VISUAL_VECTORS: column(first, both), LAYOUT_ALONE: column(NO_VECTOR, alone)})


def recipe_of(stage: Stage) -> Recipe | None:
    """Return the recipe of the layout stage of a loaded model; None for another stage."""
    found = _RECIPE.search(stage.getStatement()) if hasattr(stage, "getStatement") else None
    return Recipe(*map(int, found.groups())) if found else None


def is_layout_stage(stage: Stage) -> bool:
    """Return whether a stage of a loaded model reads the layout of pages."""
    return recipe_of(stage) is not None

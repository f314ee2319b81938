"""What the layout of a page tells of each word, behind the word's vector: the input of a visual NER.

The numbers come with the data, in a column of one list a word (`pages.layout`): Spark NLP has no open annotator that
sees a page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from alabtrain.embeddings.stages import EMBEDDINGS
from alabtrain.engine.annotators import TOKEN
from alabtrain.nerdl.limits import dimension_beside
from alabtrain.stages.columns import annotation, sql_stage

if TYPE_CHECKING:
    from pyspark.ml.feature import SQLTransformer

LAYOUT, VISUAL_VECTORS = "layout", "visual_embeddings"
LAYOUT_TYPE = "array<array<float>>"
_RECIPE = re.compile(r"/\* alabtrain: layout (\d+), (\d+) numbers, windows of (\d+) words \*/")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How pages are made for a model: the version of the layout numbers, how many a word has, and the window."""

    version: int
    width: int
    window: int

    def __str__(self) -> str:
        """Return it as it stands in the stage's statement, as a comment."""
        return f"/* alabtrain: layout {self.version}, {self.width} numbers, windows of {self.window} words */"


def visual_dimension(numbers: int, width: int) -> int:
    """Return the width of vectors of `numbers` and `width` layout numbers, filled up to a graph of NerDL.

    Raises `InputError` where no graph is wide enough.
    """
    return dimension_beside(numbers, width, "the layout of a page")


def layout_stage(numbers: int, recipe: Recipe) -> SQLTransformer:
    """Return the stage from `token`, `embeddings` (their first `numbers`) and `layout` to `visual_embeddings`.

    `layout` has a list of numbers for each token of the row; where it lacks one, all are 0.
    """
    width = recipe.width
    kept = ("isOOV", "pieceId", "isWordStart", "sentence", "token")
    filled = visual_dimension(numbers, width) - numbers - width
    missing = f"array_repeat(float(0), {width})"

    def vectors(place: str) -> str:
        told = f"coalesce(get({LAYOUT}, {place}), {missing})" if width else "cast(array() AS array<float>)"
        made = annotation(
            "word_embeddings", begin="e.begin", end="e.end", result="e.result",
            metadata={key: f"e.metadata['{key}']" for key in kept},
            vector=f"concat(slice(e.embeddings, 1, {numbers}), {told}, array_repeat(float(0), {filled}))",
        )  # fmt: skip
        return f"transform({EMBEDDINGS}, (e, i) -> {made})"

    # An encoder leaves tokens out that it cannot read: the others are then found by where they begin.
    by_offset = vectors(f"int(array_position(transform({TOKEN}, t -> t.begin), e.begin)) - 1")
    made = f"CASE {recipe} WHEN size({EMBEDDINGS}) = size({TOKEN}) THEN {vectors('i')} ELSE {by_offset} END"
    return sql_stage({VISUAL_VECTORS: (made, EMBEDDINGS)})


def recipe_of(stage: Any) -> Recipe | None:
    """Return how pages are made for the layout stage of a loaded model; None where a stage is another one."""
    found = _RECIPE.search(stage.getStatement()) if hasattr(stage, "getStatement") else None
    return Recipe(*map(int, found.groups())) if found else None


def is_layout_stage(stage: Any) -> bool:
    """Whether a stage of a loaded model reads the layout of pages."""
    return recipe_of(stage) is not None

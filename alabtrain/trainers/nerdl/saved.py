"""Taggers in loaded pipelines: their labels, and the column of the chunks that they find."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from alabtrain.spark.annotators import CHUNK, DOCUMENT, TOKEN
from alabtrain.spark.types import Stage

if TYPE_CHECKING:
    from pyspark.ml import Transformer

CHUNKERS = ("NerConverter", "NerConverterInternalModel")


def first_tagger(stages: Sequence[Transformer]) -> Stage | None:
    """Return the first NerDLModel, or tagger of a licensed edition; None if there is none."""
    return next((stage for stage in stages if type(stage).__name__.endswith(("NerModel", "NerDLModel"))), None)


def tagger_labels(stages: Sequence[Transformer]) -> tuple[str, ...] | None:
    """Return the labels of the first tagger, in alphabetical order; None if there is none."""
    tagger = first_tagger(stages)
    if tagger is None:
        return None
    return tuple(sorted({tag[2:] for tag in tagger._java_obj.getClasses() if tag[:2] in ("B-", "I-")}))


def chunk_column(own: list[Transformer]) -> str:
    """Return the column of the chunks; a tagger alone gets a stage that converts its tags."""
    names = [type(stage).__name__ for stage in own]
    chunker: Stage = next((stage for stage, name in zip(own, names, strict=True) if name in CHUNKERS), None)
    if chunker is None:
        from sparknlp.annotator import NerConverter

        tagger: Stage = next(stage for stage, name in zip(own, names, strict=True) if "Ner" in name)
        chunker = NerConverter().setInputCols([DOCUMENT, TOKEN, tagger.getOutputCol()]).setOutputCol(CHUNK)
        own.append(chunker)
    return str(chunker.getOutputCol())

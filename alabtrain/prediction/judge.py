"""Compares the predictions of several models on the test set with the gold annotations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alabtrain.documents.tagging import Sentence
from alabtrain.prediction.gold import Gold
from alabtrain.prediction.load import LoadedModel
from alabtrain.trainers.judging import Judged
from alabtrain.trainers.predictions import Found


@dataclass(frozen=True, slots=True)
class Scored:
    """A model with its scored items."""

    model: LoadedModel
    judged: Judged


def judge(
    gold: Gold, model: LoadedModel, found: Sequence[Sequence[Found]], sentences: Sequence[Sentence]
) -> Scored | None:
    """Compare the predictions of a model for each document with the gold annotations.

    `sentences` are those of all documents, for entities. None if the completions have no annotations of its type.
    """
    judged = model.named.model_type.judge(model.named, model.labels, gold.documents, found, sentences)
    return None if judged is None else Scored(model, judged)

"""How each type of model learns: the options classes by type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alabtrain.core.modeltypes import ASSERTION, CLASSIFICATION, NER, VISUAL_NER
from alabtrain.core.options import Options
from alabtrain.trainers.assertion.options import AssertionOptions
from alabtrain.trainers.classification.options import ClassificationOptions
from alabtrain.trainers.ner.options import NerOptions
from alabtrain.trainers.visual_ner.options import VisualNerOptions

LEARNING: Mapping[str, type[Options]] = {
    NER: NerOptions,
    ASSERTION: AssertionOptions,
    CLASSIFICATION: ClassificationOptions,
    VISUAL_NER: VisualNerOptions,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningOptions(Options):
    """How each type of model learns, for what looks at a training before there is one."""

    ner: NerOptions = NerOptions()
    assertion: AssertionOptions = AssertionOptions()
    classification: ClassificationOptions = ClassificationOptions()
    visual_ner: VisualNerOptions = VisualNerOptions()

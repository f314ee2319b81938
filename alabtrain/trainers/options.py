"""The options for training, by model type: a part of the registry, as fields that the command line can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from alabtrain.core.options import Options
from alabtrain.trainers.assertion.options import AssertionOptions
from alabtrain.trainers.classification.options import ClassificationOptions
from alabtrain.trainers.ner.options import NerOptions
from alabtrain.trainers.registry import learning_options
from alabtrain.trainers.visual_ner.options import VisualNerOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningOptions(Options):
    """The options for training of all model types; `further` are those of types that others registered, by name."""

    ner: NerOptions = NerOptions()
    assertion: AssertionOptions = AssertionOptions()
    classification: ClassificationOptions = ClassificationOptions()
    visual_ner: VisualNerOptions = VisualNerOptions()
    further: Mapping[str, Options] = field(default_factory=dict)

    @property
    def learning(self) -> Mapping[str, Options]:
        """The learning options by model type."""
        own = {name: getattr(self, name, None) for name in learning_options()}
        return {name: options for name, options in own.items() if isinstance(options, Options)} | dict(self.further)

"""Read, check and patch a labeling config: the door to `alabtrain/labeling/`."""

from __future__ import annotations

from alabtrain.labeling.config import Choices, Label, LabelingConfig, Relation, parse_config
from alabtrain.labeling.patch import TrainedModel, patch
from alabtrain.labeling.rules import validate

__all__ = ["Choices", "Label", "LabelingConfig", "Relation", "TrainedModel", "parse_config", "patch", "validate"]

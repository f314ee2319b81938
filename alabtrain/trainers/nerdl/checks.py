"""Checks against the limits of NerDL's TensorFlow graphs, for every type that it trains."""

from __future__ import annotations

from alabtrain.core.findings import Finding
from alabtrain.trainers.nerdl.limits import MOST_TAGS
from alabtrain.trainers.profile import Profile


def too_many_tags(profile: Profile, model_type: str, labels_named: str) -> list[Finding]:
    """Report more labels of a type than the largest TensorFlow graph of NerDL supports."""
    labels = sum(1 for by_part in profile.examples.get(model_type, {}).values() if by_part["train"])
    tags = 2 * labels + 1
    if model_type not in profile.types or tags <= MOST_TAGS:
        return []
    message = f"{labels} {labels_named} need {tags} tags, but the largest TensorFlow graph has {MOST_TAGS}"
    hint = f"a model can have {(MOST_TAGS - 1) // 2} labels: remove some from the config, or merge some"
    return [Finding("too_many_tags", "error", message, labels, (), hint)]

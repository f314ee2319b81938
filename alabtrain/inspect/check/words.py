"""Display names of the labels of each type."""

from __future__ import annotations

from alabtrain.core.numbers import counted
from alabtrain.trainers.registry import model_types


def labels(count: int, label_type: str) -> str:
    """Return the number with the name of its labels; `label_type` is a type, or that of a group of choices."""
    name, _colon, group = label_type.partition(":")
    one, several = next((known.nouns for known in model_types() if known.name == name), ("label", "labels"))
    return counted(count, *((f"{one} of {group}", f"{several} of {group}") if group else (one, several)))

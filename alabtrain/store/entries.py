"""The store's record of a model: `model.json` next to the saved pipeline."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TypedDict

from alabtrain.core.errors import InputError, UsageError
from alabtrain.labeling.names import MODEL_SUFFIX

RECORD, CARD, MODEL = "model.json", "README.md", "model"
BROKEN = "broken"
"""The type of a model whose record cannot be read, in a list of models."""
IMPORTED = "imported"
FIELD_TYPES: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("choices", "lang", "embeddings", "source", "trained", "project"), str),
    "labels": list,
    "f1": (int, float),
    "versions": dict,
}
_NAME = re.compile(r"\w[\w.-]{0,199}")


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model of the store, as `model.json` has it; unknown values are None.

    `labels` are those that it predicts (for a classifier on the group `choices`, its classes); `source` is manual,
    active_learning, script or imported; `trained` is a time in ISO 8601, UTC; `f1` is from the scores of its training.
    """

    name: str
    type: str
    labels: tuple[str, ...] = ()
    choices: str | None = None
    lang: str | None = None
    embeddings: str | None = None
    source: str = IMPORTED
    trained: str | None = None
    project: str | None = None
    f1: float | None = None
    versions: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class LocatedModel(StoredModel):
    """A model of the store, and the URI of its pipeline, as `alabtrain models show --json` prints it."""

    location: str = ""


class ModelsJson(TypedDict):
    """The object that `alabtrain models --json` prints, and `models import` for the imported ones."""

    store: str
    models: list[StoredModel]


class RemovedJson(TypedDict):
    """The object that `alabtrain models remove --json` prints: the name of the model."""

    removed: str


class PackagedJson(TypedDict):
    """The object that `alabtrain models package --json` prints: the name of the model, and the zip."""

    model: str
    file: str


def read_entry(content: bytes, where: str) -> StoredModel:
    """Return the entry in a `model.json`. Raises `InputError` if it is invalid."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise InputError("this is not valid JSON", where=where) from None
    if not isinstance(value, dict) or not isinstance(value.get("name"), str) or not isinstance(value.get("type"), str):
        raise InputError("expected an object with name and type", where=where)
    known = {field.name: value[field.name] for field in fields(StoredModel) if field.name in value}
    for name, expected_types in FIELD_TYPES.items():
        if known.get(name) is not None and not isinstance(known[name], expected_types):
            raise InputError(f"the value at /{name} has the wrong type", where=where)
    labels = known.get("labels") or ()
    if not all(isinstance(label, str) for label in labels):
        raise InputError("expected a list of texts at /labels", where=where)
    return StoredModel(**{**known, "labels": tuple(labels), "source": known.get("source") or IMPORTED})


def is_plain(name: str) -> bool:
    """Whether a text is a valid model name, with or without the suffix of a labeling config."""
    return _NAME.fullmatch(name.removesuffix(MODEL_SUFFIX)) is not None


def plain_name(name: str) -> str:
    """Return a model's name in the store: without the suffix of a labeling config.

    Raises:
        UsageError: it is not a valid name of a model.
    """
    bare = name.removesuffix(MODEL_SUFFIX)
    if not is_plain(name):
        raise UsageError(
            f"{name!r} is not a valid model name", hint="use at most 200 letters, digits, dots, dashes and underscores"
        )
    return bare

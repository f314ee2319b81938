"""The registry of model types: the only module that names them all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from alabtrain.core.errors import InputError
from alabtrain.core.options import Options
from alabtrain.labeling.config import LabelingConfig
from alabtrain.trainers.assertion.type import AssertionType
from alabtrain.trainers.classification.type import ClassificationType
from alabtrain.trainers.model_type import ModelType
from alabtrain.trainers.ner.type import NerType
from alabtrain.trainers.visual_ner.type import VisualNerType

_TYPES: dict[str, ModelType] = {
    one.name: one for one in (NerType(), AssertionType(), ClassificationType(), VisualNerType())
}


def model_types() -> tuple[ModelType, ...]:
    """Return all types, in the order in which a run trains them, and in which their models are applied."""
    return tuple(_TYPES.values())


def model_type(name: str) -> ModelType:
    """Return a type by its name. Raises `InputError` if there is none."""
    if name not in _TYPES:
        raise InputError(f"there is no model type {name!r}", hint=f"the types: {', '.join(_TYPES)}")
    return _TYPES[name]


def find_type(name: str) -> ModelType | None:
    """Return a type by its name; None if there is none, as for a record of another version."""
    return _TYPES.get(name)


def type_names(*, of_pages: bool | None = None) -> tuple[str, ...]:
    """Return the names of all types, or only those for pages or for texts."""
    return tuple(one.name for one in model_types() if of_pages is None or one.of_pages == of_pages)


class TypeNames(Collection[str]):
    """The names that `type_names` returns, of the types that are registered when somebody looks."""

    def __init__(self, *, of_pages: bool | None = None) -> None:
        self._of_pages = of_pages

    def __iter__(self) -> Iterator[str]:
        """Yield the names, in the order of the registry."""
        return iter(type_names(of_pages=self._of_pages))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(type_names(of_pages=self._of_pages))

    def __contains__(self, name: object) -> bool:
        """Return whether a type has this name."""
        return name in type_names(of_pages=self._of_pages)


def types_in(config: LabelingConfig | None) -> tuple[str, ...]:
    """Return the names of the types that can be trained with a config, or without one."""
    if config is None:
        return tuple(one.name for one in model_types() if one.trains_without_config)
    return tuple(one.name for one in model_types() if one.is_in(config))


def learning_options() -> Mapping[str, type[Options]]:
    """Return the learning options of each type."""
    return {one.name: one.options for one in model_types()}


def title_of(name: str, *, short: bool = False) -> str:
    """Return the display name of a type; an unknown name, as in a record of another version, stays."""
    one = find_type(name)
    return name if one is None else one.short_title if short else one.title


@contextmanager
def registered(one: ModelType) -> Iterator[ModelType]:
    """Register a type for the block, after the others."""
    assert one.name not in _TYPES  # noqa: S101 - a mistake of the caller
    _TYPES[one.name] = one
    try:
        yield one
    finally:
        del _TYPES[one.name]

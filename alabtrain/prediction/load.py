"""Loads the models that a config names: from the store, from a path, or from the vendor's hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.core.errors import InputError, SetupError
from alabtrain.embeddings.stages import EMBEDDINGS, pretrained_embeddings
from alabtrain.labeling.names import MODEL_SUFFIX
from alabtrain.spark.annotators import SENTENCE, TAG, TOKEN, text_stages
from alabtrain.spark.hub import ask_hub
from alabtrain.spark.saved import flat, gives, load_saved
from alabtrain.spark.types import Stage
from alabtrain.store.importing import describe
from alabtrain.store.store import Store, is_remote, open_store
from alabtrain.trainers.model_type import NamedModel

if TYPE_CHECKING:
    from pyspark.ml import Transformer

TAGGER = "NerDLModel"


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A loaded model: `shared` are its stages up to the vectors, `own` those after them.

    `output` is the column with its predictions; `labels` are those that it can predict.
    """

    named: NamedModel
    shared: tuple[Transformer, ...]
    own: tuple[Transformer, ...]
    output: str
    labels: tuple[str, ...]
    came_from: str


def load_models(named: Sequence[NamedModel], store: Store, *, lang: str, hub: bool) -> list[LoadedModel]:
    """Load each model in the active session; the vendor's hub is only used with `hub`.

    Raises:
        SetupError: a model is not found.
        InputError: a model cannot be loaded, or its type does not fit the label or Choices that names it.
    """
    return [_load(model, store, lang, hub) for model in named]


def language_of_models(named: Sequence[NamedModel], store: str | None) -> str | None:
    """Return the first known training language of the models, from a run or a store on this machine."""
    for model in named:
        if model.run_lang is not None:
            return model.run_lang
        if model.path is None and not is_remote(store or ""):
            entry = open_store(store).find(model.name)
            if entry is not None and entry.lang is not None:
                return entry.lang
    return None


def _load(named: NamedModel, store: Store, lang: str, hub: bool) -> LoadedModel:
    stored = None if named.path else store.find(named.name)
    if named.path is not None:
        came_from, stages = str(named.path), flat(load_saved(named.path, named.name))
    elif stored is not None:
        came_from, stages = store.where, flat(load_saved(store.location(named.name), named.name))
    elif (folder := _folder_of(named.name)) is not None:
        came_from, stages = str(folder), flat(load_saved(folder, named.name))
    else:
        came_from, stages = "the vendor's hub", _pretrained(named, lang, store, hub)
    model_type, labels = describe(stages, named.name)
    if model_type.name != named.type:
        raise InputError(
            f"{named.name} is a model of type {model_type.name}, and stands where one of type {named.type} belongs"
        )
    if [type(stage).__name__ for stage in stages] == [TAGGER]:
        stages = _completed(stages[0], named, lang, hub)
    split = next((index for index, stage in enumerate(stages, 1) if gives(stage, EMBEDDINGS)), 0)
    own = list(stages[split:])
    return LoadedModel(named, tuple(stages[:split]), tuple(own), model_type.output(own), labels, came_from)


def _folder_of(name: str) -> Path | None:
    """Return the folder for a name in a config, where it may lack the suffix of a model."""
    return next((path for path in map(Path, (name, f"{name}{MODEL_SUFFIX}")) if path.is_dir()), None)


def _pretrained(named: NamedModel, lang: str, store: Store, hub: bool) -> list[Transformer]:
    """Load a model from the vendor's hub."""
    why = "and the vendor's hub is not used (--no-hub)"
    if hub:
        try:
            return list(ask_hub(lambda: named.model_type.from_hub(named.name, lang)))
        except Exception as problem:
            # Whatever failed in the vendor's downloader, the user can only provide the model in another way.
            why = f"and cannot be loaded from the vendor's hub ({type(problem).__name__})"
    raise SetupError(
        f"the model {named.name!r} is not in the store ({store.where}), is not a folder, {why}",
        hint="train it with --deploy, or import it with `alabtrain models import`",
        code="no_model",
    )


def _completed(tagger: Stage, named: NamedModel, lang: str, hub: bool) -> list[Transformer]:
    """Add the missing stages before a single tagger, as in the hub, whose embeddings are also from the hub."""
    reference = tagger.getStorageRef()
    try:
        if not hub:
            raise LookupError
        vectors = pretrained_embeddings(reference, lang).setOutputCol(EMBEDDINGS)
    except Exception as problem:
        raise SetupError(
            f"{named.name} is a tagger without its embeddings {reference!r}, and these cannot be loaded "
            f"from the vendor's hub ({type(problem).__name__})",
            hint="import the whole pipeline, with its embeddings",
            code="no_model",
        ) from None
    tagger = tagger.setInputCols([SENTENCE, TOKEN, EMBEDDINGS]).setOutputCol(TAG)
    return [*text_stages(lang, explode=False), vectors, tagger]

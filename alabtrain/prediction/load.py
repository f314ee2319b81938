"""Loads the models that a config names: from the store, from a path, or from the vendor's hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.core.errors import InputError, SetupError
from alabtrain.core.languages.registry import language_of
from alabtrain.core.modeltypes import ASSERTION, CLASSIFICATION, NER
from alabtrain.embeddings.stages import EMBEDDINGS, pretrained_embeddings
from alabtrain.labeling.names import MODEL_SUFFIX
from alabtrain.prediction.named_models import NamedModel
from alabtrain.spark.annotators import CHUNK, DOCUMENT, SENTENCE, TOKEN, text_stages
from alabtrain.spark.hub import ask_hub
from alabtrain.spark.saved import flat, load_saved
from alabtrain.spark.types import Stage
from alabtrain.store.importing import describe
from alabtrain.store.store import Store, is_remote, open_store
from alabtrain.trainers.classification.trainer import CLASS

if TYPE_CHECKING:
    from pyspark.ml import Transformer

TAGGER = "NerDLModel"
CHUNKERS = ("NerConverter", "NerConverterInternalModel")


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
    if model_type != named.type:
        raise InputError(
            f"{named.name} is a model of type {model_type}, and stands where one of type {named.type} belongs"
        )
    if [type(stage).__name__ for stage in stages] == [TAGGER]:
        stages = _completed(stages[0], named, lang, hub)
    split = next((index for index, stage in enumerate(stages, 1) if _gives(stage, EMBEDDINGS)), 0)
    own = list(stages[split:])
    return LoadedModel(named, tuple(stages[:split]), tuple(own), _output(model_type, own), labels, came_from)


def _folder_of(name: str) -> Path | None:
    """Return the folder for a name in a config, where it may lack the suffix of a model."""
    return next((path for path in map(Path, (name, f"{name}{MODEL_SUFFIX}")) if path.is_dir()), None)


def _gives(stage: Transformer, column: str) -> bool:
    """Whether a stage outputs a column: for Spark NLP stages by parameter, for SQL stages by statement."""
    if hasattr(stage, "getStatement"):
        return f" AS {column} FROM" in stage.getStatement()
    return hasattr(stage, "getOutputCol") and stage.getOutputCol() == column


def _output(model_type: str, own: list[Transformer]) -> str:
    """Return the column of a model's predictions; a tagger alone gets a stage that converts tags to chunks."""
    names = [type(stage).__name__ for stage in own]
    if model_type == ASSERTION:
        return ASSERTION
    if model_type == CLASSIFICATION and any(_gives(stage, CLASS) for stage in own):
        return CLASS
    if model_type == CLASSIFICATION:
        found: Stage = next(stage for stage, name in zip(own, names, strict=True) if "Classifier" in name)
        return str(found.getOutputCol())
    chunker: Stage = next((stage for stage, name in zip(own, names, strict=True) if name in CHUNKERS), None)
    if chunker is None:
        from sparknlp.annotator import NerConverter

        tagger: Stage = next(stage for stage, name in zip(own, names, strict=True) if "Ner" in name)
        chunker = NerConverter().setInputCols([DOCUMENT, TOKEN, tagger.getOutputCol()]).setOutputCol(CHUNK)
        own.append(chunker)
    return str(chunker.getOutputCol())


def _pretrained(named: NamedModel, lang: str, store: Store, hub: bool) -> list[Transformer]:
    """Load a model from the vendor's hub."""
    from sparknlp.annotator import NerDLModel
    from sparknlp.pretrained import PretrainedPipeline

    why = "and the vendor's hub is not used (--no-hub)"
    if hub:
        try:
            if named.type != NER or named.name in language_of(lang).hub_pipelines:
                return flat(ask_hub(lambda: PretrainedPipeline(named.name, lang=lang)).model)
            return [ask_hub(lambda: NerDLModel.pretrained(named.name, lang))]
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
    tagger = tagger.setInputCols([SENTENCE, TOKEN, EMBEDDINGS]).setOutputCol(NER)
    return [*text_stages(lang, explode=False), vectors, tagger]

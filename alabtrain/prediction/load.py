"""Load the models that a config names: from the store, from a path, or from the vendor's hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alabtrain.core.errors import InputError, SetupError
from alabtrain.core.languages.registry import language_of
from alabtrain.core.modeltypes import ASSERTION, CLASSIFICATION, NER
from alabtrain.embeddings.stages import EMBEDDINGS, pretrained_embeddings
from alabtrain.labeling.names import MODEL_SUFFIX
from alabtrain.prediction.named_models import NamedModel
from alabtrain.spark.annotators import CHUNK, DOCUMENT, SENTENCE, TOKEN, text_stages
from alabtrain.spark.hub import ask_hub
from alabtrain.spark.saved import flat, load_saved
from alabtrain.store.importing import describe
from alabtrain.store.store import Store, is_remote, open_store
from alabtrain.trainers.classification.trainer import CLASS

if TYPE_CHECKING:
    from pyspark.ml import Transformer

TAGGER = "NerDLModel"
CHUNKERS = ("NerConverter", "NerConverterInternalModel")


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model in the session: `shared` are its stages up to the vectors, `own` those behind them.

    `output` is the column that tells what it finds; `labels` are what it can say.
    """

    named: NamedModel
    shared: tuple[Transformer, ...]
    own: tuple[Transformer, ...]
    output: str
    labels: tuple[str, ...]
    came_from: str


def load_models(named: Sequence[NamedModel], store: Store, *, lang: str, hub: bool) -> list[LoadedModel]:
    """Load each model in the active session; the vendor's hub is asked only with `hub`.

    Raises `SetupError` where a model is nowhere, `InputError` where it cannot be loaded or is of another type than
    the place in the config that names it.
    """
    return [_load(model, store, lang, hub) for model in named]


def language_of_models(named: Sequence[NamedModel], store: str | None) -> str | None:
    """Return the language that a model was trained in, where one says so: a run, or a store on this machine."""
    for model in named:
        if model.run_lang is not None:
            return model.run_lang
        if model.place is None and not is_remote(store or ""):
            entry = open_store(store).find(model.name)
            if entry is not None and entry.lang is not None:
                return entry.lang
    return None


def _load(named: NamedModel, store: Store, lang: str, hub: bool) -> LoadedModel:
    stored = None if named.place else store.find(named.name)
    if named.place is not None:
        came_from, stages = str(named.place), flat(load_saved(named.place, named.name))
    elif stored is not None:
        came_from, stages = store.where, flat(load_saved(store.location(named.name), named.name))
    elif (folder := _folder_of(named.name)) is not None:
        came_from, stages = str(folder), flat(load_saved(folder, named.name))
    else:
        came_from, stages = "the vendor's hub", _pretrained(named, lang, store, hub)
    kind, labels = describe(stages, named.name)
    if kind != named.type:
        raise InputError(f"{named.name} is a model of type {kind}, and stands where one of type {named.type} belongs")
    if [type(stage).__name__ for stage in stages] == [TAGGER]:
        stages = _completed(stages[0], named, lang, hub)
    split = next((place for place, stage in enumerate(stages, 1) if _gives(stage, EMBEDDINGS)), 0)
    own = list(stages[split:])
    return LoadedModel(named, tuple(stages[:split]), tuple(own), _output(kind, own), labels, came_from)


def _folder_of(name: str) -> Path | None:
    """Return the folder that a name in a config means; there it may have the suffix of a model."""
    return next((path for path in map(Path, (name, f"{name}{MODEL_SUFFIX}")) if path.is_dir()), None)


def _gives(stage: Transformer, column: str) -> bool:
    """Whether a stage fills a column: one of Spark NLP's by its parameter, one of SQL by its statement."""
    if hasattr(stage, "getStatement"):
        return f" AS {column} FROM" in stage.getStatement()
    return hasattr(stage, "getOutputCol") and stage.getOutputCol() == column


def _output(kind: str, own: list[Transformer]) -> str:
    """Return the column of what a model finds; a tagger alone gets the stage that makes chunks of its tags."""
    names = [type(stage).__name__ for stage in own]
    if kind == ASSERTION:
        return ASSERTION
    if kind == CLASSIFICATION and any(_gives(stage, CLASS) for stage in own):
        return CLASS
    if kind == CLASSIFICATION:
        found: Any = next(stage for stage, name in zip(own, names, strict=True) if "Classifier" in name)
        return str(found.getOutputCol())
    chunker: Any = next((stage for stage, name in zip(own, names, strict=True) if name in CHUNKERS), None)
    if chunker is None:
        from sparknlp.annotator import NerConverter

        tagger: Any = next(stage for stage, name in zip(own, names, strict=True) if "Ner" in name)
        chunker = NerConverter().setInputCols([DOCUMENT, TOKEN, tagger.getOutputCol()]).setOutputCol(CHUNK)
        own.append(chunker)
    return str(chunker.getOutputCol())


def _pretrained(named: NamedModel, lang: str, store: Store, hub: bool) -> list[Transformer]:
    """Ask the vendor's hub."""
    from sparknlp.annotator import NerDLModel
    from sparknlp.pretrained import PretrainedPipeline

    why = "and the vendor's hub was not to be asked"
    if hub:
        try:
            if named.type != NER or named.name in language_of(lang).hub_pipelines:
                return flat(ask_hub(lambda: PretrainedPipeline(named.name, lang=lang)).model)
            return [ask_hub(lambda: NerDLModel.pretrained(named.name, lang))]
        except Exception as problem:
            # Whatever went wrong in the vendor's downloader, the user can only bring the model in another way.
            why = f"and could not be had from the vendor's hub ({type(problem).__name__})"
    raise SetupError(
        f"the model {named.name!r} is not in the store ({store.where}), no folder, {why}",
        hint="train it with --deploy, or bring it with `alabtrain models import`",
        code="no_model",
    )


def _completed(tagger: Any, named: NamedModel, lang: str, hub: bool) -> list[Transformer]:
    """Put the stages before a tagger that came alone, as those of the hub do: its embeddings are the hub's, too."""
    reference = tagger.getStorageRef()
    try:
        if not hub:
            raise LookupError
        vectors = pretrained_embeddings(reference, lang).setOutputCol(EMBEDDINGS)
    except Exception as problem:
        raise SetupError(
            f"{named.name} is a tagger without its embeddings {reference!r}, and these could not be had "
            f"from the vendor's hub ({type(problem).__name__})",
            hint="import the whole pipeline, with its embeddings",
            code="no_model",
        ) from None
    tagger = tagger.setInputCols([SENTENCE, TOKEN, EMBEDDINGS]).setOutputCol(NER)
    return [*text_stages(lang, explode=False), vectors, tagger]

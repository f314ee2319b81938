"""Imports models from elsewhere into the store; the engine determines their type and labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from alabtrain.core.errors import InputError, UsageError
from alabtrain.runs.record import RECORD as RUN_RECORD
from alabtrain.spark.saved import flat, load_saved
from alabtrain.store.archives import hub_facts, name_of, unpacked
from alabtrain.store.entries import CARD, IMPORTED, RECORD, StoredModel, plain_name, read_entry
from alabtrain.store.filling import store_run
from alabtrain.store.store import Store
from alabtrain.trainers.model_type import ModelType
from alabtrain.trainers.registry import model_types

if TYPE_CHECKING:
    from pyspark.ml import Transformer


def import_model(path: Path, store: Store, *, name: str | None = None, lang: str | None = None) -> list[StoredModel]:
    """Import a saved Spark NLP pipeline or stage (a zip or folder), or the models of a run, into the store.

    A pipeline or stage is loaded in the active session; a single stage is stored as a pipeline. `name` is its name in
    the store (None: the name in its record, else that of its file or folder).

    Raises:
        UsageError, InputError: there is no such model.
        SetupError: the store cannot be written.
    """
    if (path / RUN_RECORD).is_file():
        if name is not None:
            raise UsageError("--name cannot be used with a run, which may have several models", where=str(path))
        return store_run(path, store)
    with unpacked(path) as folder, TemporaryDirectory(prefix="alabtrain-") as scratch:
        model = load_saved(folder, str(path))  # a model that cannot be loaded is not imported
        known = read_entry((folder / RECORD).read_bytes(), str(path)) if (folder / RECORD).is_file() else None
        chosen = plain_name(name or (known.name if known else name_of(path)))
        model_type, labels = describe(flat(model), str(path))
        if known is None:
            hub_lang, trained = hub_facts(path)
            known = StoredModel(
                chosen, model_type.name, labels, lang=hub_lang, embeddings=_embeddings(flat(model)), trained=trained
            )
        elif known.type != model_type.name:
            problem = f"its record says {known.type}, but it is a model of type {model_type.name}"
            raise InputError(problem, where=str(path))
        entry = replace(known, name=chosen, source=IMPORTED, lang=lang or known.lang)
        card = (folder / CARD).read_bytes() if (folder / CARD).is_file() else b""
        store.add(entry, _as_pipeline(model, folder, Path(scratch)), card)
    return [entry]


def _embeddings(stages: Sequence[Transformer]) -> str | None:
    """Return the storage references of the embeddings stages; None if there are none."""
    embeddings = [stage for stage in stages if "Embeddings" in type(stage).__name__ and hasattr(stage, "getStorageRef")]
    return "+".join(str(stage.getStorageRef()) for stage in embeddings) or None


def _as_pipeline(model: Transformer, folder: Path, scratch: Path) -> Path:
    """Return the folder of a saved pipeline: the given one, or a new one around a single stage."""
    from pyspark.ml import PipelineModel

    if isinstance(model, PipelineModel):
        return folder
    target = scratch / "pipeline"
    PipelineModel([model]).save(target.as_uri())
    return target


def describe(stages: Sequence[Transformer], where: str) -> tuple[ModelType, tuple[str, ...]]:
    """Return the type of a loaded model and the labels that it knows. Raises `InputError` for other models."""
    # The last type first: the first one knows any tagger.
    for one in reversed(model_types()):
        labels = one.recognize(stages)
        if labels is not None:
            return one, labels
    names = ", ".join(type(stage).__name__ for stage in stages)
    raise InputError("this is not a model for entities, statuses or classes", where=where, hint=f"its stages: {names}")

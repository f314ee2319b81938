"""Finds the model that a training continues: in a run, a folder, the store or the vendor's hub."""

from __future__ import annotations

from pathlib import Path

from alabtrain.core.errors import UsageError
from alabtrain.embeddings.registry import PRETRAINED_PREFIX
from alabtrain.runs.record import RECORD, RunInfo, list_runs, read_run
from alabtrain.spark.saved import PIPELINE, class_of
from alabtrain.store.store import Store
from alabtrain.trainers.nerdl.base_model import TAGGER_CLASS, BaseModel
from alabtrain.trainers.registry import model_types


def find_base(choice: str, runs: Path, store: Store | None, *, new_labels: bool) -> BaseModel:
    """Return the model for `choice`: a run, a saved model, a name in the store or a run, else in the hub.

    `pretrained:NAME` always means the hub.

    Raises:
        UsageError: `choice` is a path without an NER model.
    """
    path = Path(choice)
    if choice.startswith(PRETRAINED_PREFIX):
        return BaseModel(choice.removeprefix(PRETRAINED_PREFIX), None, new_labels=new_labels)
    if (path / RECORD).is_file():
        return _of_run(read_run(path), None, new_labels)
    if path.is_dir():
        if class_of(path) not in (PIPELINE, TAGGER_CLASS):
            hint = "expected a run, a saved pipeline, or a saved NerDLModel"
            raise UsageError("this folder contains no NER model", where=choice, hint=hint)
        return BaseModel(choice, path, new_labels=new_labels)
    if path.exists() or "/" in choice or "\\" in choice:
        raise UsageError("no such run or model folder", where=choice, hint="`alabtrain runs` lists the runs")
    stored = store.find(choice) if store else None
    if store and stored and stored.type in _continued():
        return BaseModel(choice, store.location(choice), stored.embeddings, new_labels)
    for run in list_runs(runs):
        named = any(model.get("name") == choice and model.get("type") in _continued() for model in run.models)
        if named and run.state == "done":
            return _of_run(run, choice, new_labels)
    return BaseModel(choice, None, new_labels=new_labels)


def _of_run(run: RunInfo, name: str | None, new_labels: bool) -> BaseModel:
    able = [model for model in run.models if model.get("type") in _continued()]
    model = next((model for model in able if name in (None, model["name"])), None)
    if model is None or run.state != "done":
        what = f"the run is {run.state}" if run.state != "done" else "the run has no NER model"
        raise UsageError(f"{what}, so training cannot continue from it", where=str(run.path))
    embeddings = run.parameter("embeddings")
    embeddings_choice = str(embeddings) if embeddings is not None else None
    return BaseModel(str(run.path), run.path / str(model["path"]), embeddings_choice, new_labels)


def _continued() -> list[str]:
    """Return the types whose training can continue another one."""
    return [one.name for one in model_types() if "base_model" in one.offers]

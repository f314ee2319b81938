"""Copies the models of a run into a store: with `train --deploy`, or later by `alabtrain models import RUN`."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from alabtrain.core.errors import UsageError
from alabtrain.core.findings import MAX_EXAMPLES, Finding, pluralize
from alabtrain.core.json import Json
from alabtrain.runs.record import RunInfo, read_run
from alabtrain.scoring.results import headline
from alabtrain.store.entries import CARD, StoredModel, plain_name
from alabtrain.store.store import Store
from alabtrain.trainers.registry import find_type

ACTIVE_LEARNING = "active_learning"


def store_run(path: Path, store: Store) -> list[StoredModel]:
    """Copy the models of a finished run into the store, each with the run's card, and return their entries.

    Raises:
        UsageError: the run has no models or is not done.
        SetupError: the store cannot be written.
    """
    run = read_run(path)
    if run.state != "done" or not run.models:
        raise UsageError(f"the run is {run.state} and has no models to store", where=str(path))
    card = (path / CARD).read_bytes() if (path / CARD).is_file() else b""
    entries = [_entry(run, number) for number in range(len(run.models))]
    for entry, model in zip(entries, run.model_paths, strict=True):
        store.add(entry, model, card)
    return entries


def ready_to_store(store: Store, names: Collection[str], project: str) -> list[Finding]:
    """Check before a training that models of these names can be stored; report those of other projects to be replaced.

    Raises:
        UsageError: a name is not valid.
        SetupError: the store cannot be written.
    """
    known = [store.find(plain_name(name)) for name in names]
    store.require_writable()
    others = [f"{entry.name} (of {entry.project})" for entry in known if entry and entry.project not in (None, project)]
    if not others:
        return []
    message = "{count} [model|models] of other projects with the same name will be replaced in the store"
    hint = "choose another name with --model-name, or a separate store with --models DIR"
    return [
        Finding(
            "model_replaced",
            "warning",
            pluralize(message, len(others)),
            len(others),
            tuple(others[:MAX_EXAMPLES]),
            hint,
        )
    ]


def project_of(path: str | None) -> str | None:
    """Return the name of a project in the store: that of its file or folder."""
    return Path(path).name if path else None


def _entry(run: RunInfo, number: int) -> StoredModel:
    model = run.models[number]
    model_type, name = str(model["type"]), str(model["name"])
    known = find_type(model_type)
    scripted = run.parameter("script") and known is not None and "script" in known.offers
    source = "script" if scripted else "manual"
    return StoredModel(
        name=plain_name(name),
        type=model_type,
        labels=tuple(map(str, labels)) if isinstance(labels := model.get("labels"), list) else (),
        choices=_text(model.get("choices")),
        lang=_text(run.parameter("lang")),
        embeddings=_text(run.parameter("embeddings")),
        source=ACTIVE_LEARNING if run.parameter("origin") == ACTIVE_LEARNING else source,
        trained=run.finished,
        project=project_of(run.project),
        f1=headline(run.metrics.get(model_type))[1],
        versions=dict(run.versions),
    )


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None

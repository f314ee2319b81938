"""Take a model of somebody else's into the store: what it is, the engine itself has to tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.engine.saved import flat, load_saved
from alabtrain.errors import InputError
from alabtrain.store.archives import unpacked
from alabtrain.store.entries import CARD, RECORD, StoredModel, plain_name, read_entry
from alabtrain.store.place import Store

if TYPE_CHECKING:
    from pyspark.ml import Transformer

NER, ASSERTION, CLASSIFICATION = "ner", "assertion", "classification"
STATUS_TAG = "assertion_tag"  # how the outputs of the taggers begin in an assertion model of alabtrain's
CLASSIFIERS = ("ClassifierDLModel", "MultiClassifierDLModel")


def import_model(path: Path, store: Store, *, name: str | None = None, lang: str | None = None) -> StoredModel:
    """Load a saved Spark NLP pipeline or stage (a zip or folder) in the active session, and copy it into the store.

    `name` is what it is called there, else what its own record, its file or folder says. Raises `UsageError` and
    `InputError` for what is no such model, `SetupError` where the store cannot be written.
    """
    with unpacked(path) as folder:
        known = read_entry((folder / RECORD).read_bytes(), str(path)) if (folder / RECORD).is_file() else None
        chosen = plain_name(name or (known.name if known else path.stem))
        if known is not None:
            values = {**known.to_dict(), "name": chosen, "source": "imported", "lang": lang or known.lang}
            entry = StoredModel(**{**values, "labels": known.labels})
            load_saved(folder, str(path))  # what cannot be loaded does not come in
        else:
            kind, labels = describe(flat(load_saved(folder, str(path))), str(path))
            now = f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
            entry = StoredModel(chosen, kind, labels, lang=lang, trained=now)
        card = (folder / CARD).read_bytes() if (folder / CARD).is_file() else b""
        store.add(entry, folder, card)
    return entry


def describe(stages: Sequence[Transformer], where: str) -> tuple[str, tuple[str, ...]]:
    """Return the type of a loaded model and the labels that it knows. Raises `InputError` where it is of none."""
    names = [type(stage).__name__ for stage in stages]
    for stage, kind in zip(stages, names, strict=True):
        if kind in CLASSIFIERS:
            return CLASSIFICATION, tuple(sorted(stage._java_obj.getClasses()))
    for stage, kind in zip(stages, names, strict=True):
        if kind.endswith("NerModel") or kind == "NerDLModel":
            tags = stage._java_obj.getClasses()
            labels = tuple(sorted({tag[2:] for tag in tags if tag[:2] in ("B-", "I-")}))
            assertion = stage.getOutputCol().startswith(STATUS_TAG)
            return (ASSERTION if assertion else NER), labels
    raise InputError(
        "this is no model for entities, statuses or classes", where=where, hint=f"it holds {', '.join(names)}"
    )

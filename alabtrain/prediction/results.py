"""From what models found to the predictions that Annotation Lab and Label Studio import.

A prediction has the fields of both: `created_username`, `created_ago` and `id` as Annotation Lab exports them,
`model_version` and `score` as Label Studio documents them
(https://labelstud.io/guide/predictions; Annotation Lab after real exports).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from alabtrain.core.modeltypes import ASSERTION, CLASSIFICATION
from alabtrain.documents.tagging import code_points
from alabtrain.labeling.config import DataTag
from alabtrain.prediction.named_models import NamedModel
from alabtrain.project.records import Task

USERNAME = "alabtrain pre-annotation"
ID_ROOM = 1000  # Annotation Lab counts completions and predictions of task n from n * 1000 + 1


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that a model found: `begin` and `end` (inclusive) count UTF-16 units; a class has none that matter."""

    begin: int
    end: int
    label: str
    score: float | None


@dataclass(slots=True)
class Account:
    """What became of what the models found: regions written by label, and dropped ones by model and label.

    `alone` are the statuses by model that were said of no entity that was written.
    """

    written: Counter[str] = field(default_factory=Counter)
    dropped: Counter[tuple[str, str]] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)


def text_items(
    text: str, models: Sequence[NamedModel], found: Sequence[Sequence[Found]], about: DataTag, account: Account
) -> list[dict[str, Any]]:
    """Return what each of the models found in a text, `about`, as result items.

    Labels and choices that do not stand for the model in the config are left out and counted, and so are statuses of
    entities that were. `models` has those that find entities before those that say statuses of them.
    """
    result: list[dict[str, Any]] = []
    entities: set[tuple[int, int]] = set()
    for model, things in zip(models, found, strict=True):
        if model.type == CLASSIFICATION:
            result += _choices(model, text, things, account)
        elif model.type == ASSERTION:
            result += _statuses(model, text, things, account, entities)
        else:
            items = _spans(model, text, things, account)
            entities.update(_place(item) for item in items)
            # A status is a second region on the same words: both tools keep those of one place in the list's order.
            result += sorted(items, key=_place)
    for item in result:
        item.update(to_name=about.name, source=f"${about.key}")
    return result


def prediction(task: Task, models: Sequence[NamedModel], result: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the prediction for a task that has these result items; they get their ids."""
    for number, item in enumerate(result):
        item["id"] = f"p{number}"
    scores = [item["score"] for item in result if item.get("score") is not None]
    made = {
        "created_username": USERNAME,
        "created_ago": f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%S.000Z}",
        "model_version": "+".join(model.name for model in models),
        "score": round(sum(scores) / len(scores), 4) if scores else 0.0,
        "result": list(result),
    }
    own_id = prediction_id(task)
    return made if own_id is None else {"id": own_id, **made}


def predictions_of(task: Task) -> list[dict[str, Any]]:
    """Return the predictions that a task holds already; what is none is passed over."""
    rows = task.raw.get("predictions")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def others_than(made: Mapping[str, Any], task: Task) -> list[dict[str, Any]]:
    """Return the predictions that stay beside a new one: those of others, and of other models.

    Label Studio gives back the model's version, but not who made it.
    """
    return [
        row
        for row in predictions_of(task)
        if row.get("created_username") != USERNAME and row.get("model_version") != made["model_version"]
    ]


def prediction_id(task: Task) -> int | None:
    """Return a number that no completion and no prediction of the task has; None where ids are no numbers."""
    if not isinstance(task.id, int):
        return None
    taken = {str(completion.id) for completion in task.completions}
    taken.update(str(row.get("id")) for row in predictions_of(task))
    number = task.id * ID_ROOM + 1
    while str(number) in taken:
        number += 1
    return number


def _spans(model: NamedModel, text: str, things: Sequence[Found], account: Account) -> list[dict[str, Any]]:
    places = code_points(text, [thing.begin for thing in things], [thing.end for thing in things])
    labels = {label.name: label for label in model.labels}
    items = []
    for (start, end), thing in zip(places, things, strict=True):
        label = labels.get(thing.label)
        if label is None:
            account.dropped[model.name, thing.label] += 1
            continue
        account.written[thing.label] += 1
        value = {"start": start, "end": end, "text": text[start:end], "labels": [thing.label]}
        items.append(_item(label.group, "labels", value, thing.score))
    return items


def _statuses(
    model: NamedModel, text: str, things: Sequence[Found], account: Account, entities: Collection[tuple[int, int]]
) -> list[dict[str, Any]]:
    """Return one status for each entity that was written; two models may have found the same."""
    kept: dict[tuple[int, int], Found] = {}
    places = code_points(text, [thing.begin for thing in things], [thing.end for thing in things])
    for place, thing in zip(places, things, strict=True):
        if place in entities:
            kept.setdefault(place, thing)
        else:
            account.alone[model.name] += 1
    return _spans(model, text, list(kept.values()), account)


def _place(item: Mapping[str, Any]) -> tuple[int, int]:
    return item["value"]["start"], item["value"]["end"]


def _choices(model: NamedModel, text: str, things: Sequence[Found], account: Account) -> list[dict[str, Any]]:
    (group,) = model.choices
    best: dict[str, Found] = {}
    for thing in sorted(things, key=lambda thing: thing.score or 0.0, reverse=True):
        if group.dynamic or thing.label in group.choices:
            best.setdefault(thing.label, thing)
        else:
            account.dropped[model.name, thing.label] += 1
    known = list(best.values())[: 1 if group.mode == "single" else None]
    if not known:
        return []
    account.written.update(thing.label for thing in known)
    score = min((thing.score for thing in known if thing.score is not None), default=None)
    return [_item(group.name, "choices", {"choices": [thing.label for thing in known]}, score)]


def _item(from_name: str, kind: str, value: Mapping[str, Any], score: float | None) -> dict[str, Any]:
    # Annotation Lab has the confidence inside of the value, as a text; Label Studio the score beside it.
    confidence = {} if score is None else {"confidence": f"{score:.4f}"}
    told: dict[str, Any] = {} if score is None else {"score": round(score, 4)}
    return {"id": "", "from_name": from_name, "to_name": "", "type": kind, "value": {**value, **confidence}, **told}

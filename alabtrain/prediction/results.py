"""From the output of models to the predictions that Annotation Lab and Label Studio import.

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
ID_ROOM = 1000  # Annotation Lab numbers completions and predictions of task n from n * 1000 + 1


@dataclass(frozen=True, slots=True)
class Found:
    """One prediction of a model: `begin` and `end` (inclusive) in UTF-16 units, which are meaningless for a class."""

    begin: int
    end: int
    label: str
    score: float | None


@dataclass(slots=True)
class ResultCounts:
    """Counts of the predictions: `written` by label, and `dropped` by model and label.

    `alone` counts, by model, the statuses whose entity was not written.
    """

    written: Counter[str] = field(default_factory=Counter)
    dropped: Counter[tuple[str, str]] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)


def text_items(
    text: str, models: Sequence[NamedModel], found: Sequence[Sequence[Found]], about: DataTag, account: ResultCounts
) -> list[dict[str, Any]]:
    """Return the predictions of the models for a text (the tag `about`) as result items.

    Labels and choices that the config does not have for their model are left out and counted, and so are statuses of
    such entities. In `models`, NER models come before assertion models.
    """
    result: list[dict[str, Any]] = []
    entities: set[tuple[int, int]] = set()
    for model, found_items in zip(models, found, strict=True):
        if model.type == CLASSIFICATION:
            result += _choices(model, text, found_items, account)
        elif model.type == ASSERTION:
            result += _statuses(model, text, found_items, account, entities)
        else:
            items = _spans(model, text, found_items, account)
            entities.update(_offsets(item) for item in items)
            # A status is a second region on the same words: both tools keep the order of regions on the same words.
            result += sorted(items, key=_offsets)
    for item in result:
        item.update(to_name=about.name, source=f"${about.key}")
    return result


def prediction(task: Task, models: Sequence[NamedModel], result: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the prediction for a task with these result items, which get their ids."""
    for number, item in enumerate(result):
        item["id"] = f"p{number}"
    scores = [item["score"] for item in result if item.get("score") is not None]
    entry = {
        "created_username": USERNAME,
        "created_ago": f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%S.000Z}",
        "model_version": "+".join(model.name for model in models),
        "score": round(sum(scores) / len(scores), 4) if scores else 0.0,
        "result": list(result),
    }
    own_id = prediction_id(task)
    return entry if own_id is None else {"id": own_id, **entry}


def predictions_of(task: Task) -> list[dict[str, Any]]:
    """Return the existing predictions of a task; invalid ones are ignored."""
    rows = task.raw.get("predictions")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def others_than(entry: Mapping[str, Any], task: Task) -> list[dict[str, Any]]:
    """Return the predictions that stay besides a new one: those of other tools and of other models.

    Label Studio exports the model's version, but not who created it.
    """
    return [
        row
        for row in predictions_of(task)
        if row.get("created_username") != USERNAME and row.get("model_version") != entry["model_version"]
    ]


def prediction_id(task: Task) -> int | None:
    """Return an id that no completion or prediction of the task has; None if the task's id is not a number."""
    if not isinstance(task.id, int):
        return None
    taken = {str(completion.id) for completion in task.completions}
    taken.update(str(row.get("id")) for row in predictions_of(task))
    number = task.id * ID_ROOM + 1
    while str(number) in taken:
        number += 1
    return number


def _spans(model: NamedModel, text: str, found_items: Sequence[Found], account: ResultCounts) -> list[dict[str, Any]]:
    offsets = code_points(text, [one.begin for one in found_items], [one.end for one in found_items])
    labels = {label.name: label for label in model.labels}
    items = []
    for (start, end), one in zip(offsets, found_items, strict=True):
        label = labels.get(one.label)
        if label is None:
            account.dropped[model.name, one.label] += 1
            continue
        account.written[one.label] += 1
        value = {"start": start, "end": end, "text": text[start:end], "labels": [one.label]}
        items.append(_item(label.group, "labels", value, one.score))
    return items


def _statuses(
    model: NamedModel,
    text: str,
    found_items: Sequence[Found],
    account: ResultCounts,
    entities: Collection[tuple[int, int]],
) -> list[dict[str, Any]]:
    """Return one status for each entity that was written; two models may have found the same entity."""
    kept: dict[tuple[int, int], Found] = {}
    offsets = code_points(text, [one.begin for one in found_items], [one.end for one in found_items])
    for edges, one in zip(offsets, found_items, strict=True):
        if edges in entities:
            kept.setdefault(edges, one)
        else:
            account.alone[model.name] += 1
    return _spans(model, text, list(kept.values()), account)


def _offsets(item: Mapping[str, Any]) -> tuple[int, int]:
    return item["value"]["start"], item["value"]["end"]


def _choices(model: NamedModel, text: str, found_items: Sequence[Found], account: ResultCounts) -> list[dict[str, Any]]:
    (group,) = model.choices
    best: dict[str, Found] = {}
    for one in sorted(found_items, key=lambda one: one.score or 0.0, reverse=True):
        if group.dynamic or one.label in group.choices:
            best.setdefault(one.label, one)
        else:
            account.dropped[model.name, one.label] += 1
    known = list(best.values())[: 1 if group.mode == "single" else None]
    if not known:
        return []
    account.written.update(one.label for one in known)
    score = min((one.score for one in known if one.score is not None), default=None)
    return [_item(group.name, "choices", {"choices": [one.label for one in known]}, score)]


def _item(from_name: str, item_type: str, value: Mapping[str, Any], score: float | None) -> dict[str, Any]:
    # Annotation Lab has the confidence inside the value, as a text; Label Studio has the score next to it.
    confidence = {} if score is None else {"confidence": f"{score:.4f}"}
    score_field: dict[str, Any] = {} if score is None else {"score": round(score, 4)}
    return {
        "id": "",
        "from_name": from_name,
        "to_name": "",
        "type": item_type,
        "value": {**value, **confidence},
        **score_field,
    }

"""From the output of models to the predictions that Annotation Lab and Label Studio import.

A prediction has the fields of both: `created_username`, `created_ago` and `id` as Annotation Lab exports them,
`model_version` and `score` as Label Studio documents them
(https://labelstud.io/guide/predictions; Annotation Lab after real exports).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from alabtrain.labeling.config import DataTag
from alabtrain.project.records import Task
from alabtrain.trainers.model_type import NamedModel
from alabtrain.trainers.predictions import Found, ResultCounts, ResultItem

USERNAME = "alabtrain pre-annotation"
ID_ROOM = 1000  # Annotation Lab numbers completions and predictions of task n from n * 1000 + 1


def text_items(
    text: str, models: Sequence[NamedModel], found: Sequence[Sequence[Found]], about: DataTag, account: ResultCounts
) -> list[ResultItem]:
    """Return the predictions of the models for a text (the tag `about`) as result items.

    Labels and choices that the config does not have for their model are left out and counted, and so are statuses of
    such entities. In `models`, NER models come before assertion models.
    """
    result: list[ResultItem] = []
    entities: set[tuple[int, int]] = set()
    for model, found_items in zip(models, found, strict=True):
        result += model.model_type.items(model, text, found_items, account, entities)
    for item in result:
        item["to_name"], item["source"] = about.name, f"${about.key}"
    return result


def prediction(task: Task, models: Sequence[NamedModel], result: Sequence[ResultItem]) -> dict[str, Any]:
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

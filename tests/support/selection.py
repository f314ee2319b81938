"""Tasks read and decided in one call."""

from __future__ import annotations

from typing import Any

from alabtrain.project.parsing import parse_task
from alabtrain.project.records import Task
from alabtrain.selection.select import Decision, select
from tests.support import builders as b


def tasks(*raws: dict[str, Any]) -> list[Task]:
    return [parse_task(raw, where="x") for raw in raws]


def decide(*completions: dict[str, Any], **options: Any) -> Decision:
    # A second, submitted task: the project is not an imported one.
    done = b.task(2, b.completion(2001, "zoe"))
    (decision,) = [d for d in select(tasks(b.task(1, *completions), done), **options).decisions if d.task_id == 1]
    return decision

"""Tasks read and decided in one call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from alabtrain.project.parsing import parse_task
from alabtrain.project.records import Task
from alabtrain.selection.options import SelectionOptions
from alabtrain.selection.select import Decision, Selection
from alabtrain.selection.select import select as by_options
from tests.support import builders as b


def tasks(*raws: dict[str, Any]) -> list[Task]:
    return [parse_task(raw, where="x") for raw in raws]


def options(**how: Any) -> SelectionOptions:
    """Return options of the selection from keywords, lists as tuples."""
    return SelectionOptions(**{name: tuple(value) if isinstance(value, list) else value for name, value in how.items()})


def select(read: Iterable[Task], *, team_order: Sequence[str] = (), **how: Any) -> Selection:
    """Select with options as keywords."""
    return by_options(read, options(**how), team_order=team_order)


def decide(*completions: dict[str, Any], **how: Any) -> Decision:
    # A second, submitted task: the project is not an imported one.
    done = b.task(2, b.completion(2001, "zoe"))
    (decision,) = [d for d in select(tasks(b.task(1, *completions), done), **how).decisions if d.task_id == 1]
    return decision

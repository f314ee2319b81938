"""The options of the selection, for the command line and for Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from alabtrain.core.options import Options, option

Policy = Literal["priority", "latest"]


@dataclass(frozen=True, slots=True)
class SelectionOptions(Options):
    """Which tasks are used, and which completion of each counts; see `alabtrain.selection.select.select`."""

    PANEL: ClassVar[str] = "Selection"

    tags: tuple[str, ...] = option((), "Use only tasks that have at least one of these tags.")
    task_ids: tuple[str, ...] = option((), "Use only the tasks with these ids.")
    annotators: tuple[str, ...] = option((), "Use only completions of these annotators.")
    reviewed_only: bool = option(False, "Use only completions that a reviewer has accepted.")
    priority: tuple[str, ...] = option(
        (), "Annotators, the most trusted first.", default_text="the team order of the project"
    )
    policy: Policy = option(
        "priority",
        "How to choose among several submitted completions of a task.",
        among=("priority", "latest"),
    )
    include_imported: bool = option(
        False, "Use imported completions, which nobody submitted, as if they were submitted."
    )

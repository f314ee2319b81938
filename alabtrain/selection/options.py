"""Which completions count, as options that the command line and Python share."""

from __future__ import annotations

from dataclasses import dataclass

from alabtrain.selection.decisions import Policy


@dataclass(frozen=True, slots=True)
class SelectionOptions:
    """Which completions count; see `alabtrain.selection.select.select`."""

    tags: tuple[str, ...] = ()
    task_ids: tuple[str, ...] = ()
    reviewed_only: bool = False
    priority: tuple[str, ...] = ()
    policy: Policy = "priority"
    include_imported: bool = False

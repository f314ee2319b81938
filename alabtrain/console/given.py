"""What a command was given: the project with the files beside it, and the record of its options."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alabtrain.project.project import Project


def open_given(path: Path, values: Mapping[str, Any]) -> Project:
    """Open a project with the files that a command's options name beside it."""
    from alabtrain.project.project import open_project

    return open_project(path, config=values["config"], reviews=values["reviews"], task_tags=values["task_tags"])


def record_of(values: Mapping[str, Any], sources: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return each option that has a source with its value and where that came from, for a run's record."""
    return {name: {"value": _plain(values[name]), "from": source} for name, source in sources.items() if name in values}


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Path) else value

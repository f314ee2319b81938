"""What a command was given: the project with the files beside it, and where its options came from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from alabtrain.console.settings import parameter_sources

if TYPE_CHECKING:
    from alabtrain.project.options import ProjectOptions
    from alabtrain.project.project import Project

RENAMED = {"output": "runs", "models": "store", "runs": "compare"}


def open_given(path: Path, values: Mapping[str, Any]) -> Project:
    """Open a project with the files that a command's options name beside it."""
    from alabtrain.project.project import open_project

    return open_project(path, config=values["config"], reviews=values["reviews"], task_tags=values["task_tags"])


def beside(values: Mapping[str, Any]) -> ProjectOptions:
    """Return the files beside a project that a command's options name."""
    from alabtrain.project.options import ProjectOptions

    return ProjectOptions(values["config"], values["reviews"], values["task_tags"])


def provenance_of(ctx: click.Context) -> dict[str, str]:
    """Return where the value of each option came from, by the name that the library has for it."""
    return {RENAMED.get(name, name): source for name, source in parameter_sources(ctx).items()}

"""What a command was given: the project with the files beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alabtrain.project.options import ProjectOptions
    from alabtrain.project.project import Project


def open_given(path: Path, files: ProjectOptions) -> Project:
    """Open a project with the files that a command's options name beside it."""
    from alabtrain.project.project import open_project

    return open_project(path, config=files.config, reviews=files.reviews, task_tags=files.task_tags)

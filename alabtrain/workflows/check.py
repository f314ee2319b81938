"""Check a project: the work of `alabtrain check`."""

from __future__ import annotations

from pathlib import Path

from alabtrain.inspect.check import CheckReport, run_checks
from alabtrain.project.project import Project, as_project
from alabtrain.selection.options import SelectionOptions
from alabtrain.selection.select import select_project
from alabtrain.trainers.options import LearningOptions


def check(
    project: Project | Path | str,
    options: SelectionOptions = SelectionOptions(),
    *,
    learning: LearningOptions = LearningOptions(),
) -> CheckReport:
    """Return a report on a project: its contents, the model types that it can train, and the findings.

    `options` determine which completions count, `learning` how models would be trained. Raises `InputError` if the
    project cannot be read.
    """
    opened = as_project(project)
    return run_checks(opened, select_project(opened, options), learning.learning)

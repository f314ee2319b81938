"""Check a project: the work of `alabtrain check`."""

from __future__ import annotations

from pathlib import Path

from alabtrain.inspect.check import CheckReport, run_checks
from alabtrain.project.project import Project, as_project
from alabtrain.selection.options import SelectionOptions
from alabtrain.selection.select import select_project
from alabtrain.trainers.visual_ner.options import VisualNerOptions


def check(
    project: Project | Path | str,
    options: SelectionOptions = SelectionOptions(),
    *,
    pages: VisualNerOptions = VisualNerOptions(),
) -> CheckReport:
    """Return what is in a project, what can be trained on it, and what is wrong with it.

    The options say which completions count, `pages` how a visual NER model would be trained. Raises `InputError` where
    the project cannot be read.
    """
    opened = as_project(project)
    return run_checks(opened, select_project(opened, options), pages)

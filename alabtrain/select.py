"""Choose one completion per task: the door to `alabtrain/selection/`.

The module can be called as `select_project`, whose place it takes in `from alabtrain import select`: a package has one
attribute of a name, be it a module or a function.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

from alabtrain.project.project import Project
from alabtrain.selection.options import Policy, SelectionOptions
from alabtrain.selection.select import Decision, Selection, select, select_project

__all__ = ["Decision", "Policy", "Selection", "SelectionOptions", "select", "select_project"]


class _Callable(ModuleType):
    """A module that can be called."""

    def __call__(self, project: Project | Path | str, options: SelectionOptions = SelectionOptions()) -> Selection:
        """Choose one completion per task of a project: see `alabtrain.selection.select.select_project`."""
        return select_project(project, options)


sys.modules[__name__].__class__ = _Callable

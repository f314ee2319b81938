"""Choose one completion per task: the door to `alabtrain/selection/`."""

from __future__ import annotations

from alabtrain.selection.select import Decision, Policy, Selection, select, select_project

__all__ = ["Decision", "Policy", "Selection", "select", "select_project"]

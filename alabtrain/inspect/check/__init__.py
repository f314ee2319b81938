"""Checks of a project before training: its contents, the types that can be trained, and problems."""

from alabtrain.inspect.check.report import CheckReport, run_checks

__all__ = ["CheckReport", "run_checks"]

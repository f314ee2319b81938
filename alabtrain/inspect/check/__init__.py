"""What is in a project, what can be trained from it, and what is wrong with it: before any training."""

from alabtrain.inspect.check.report import CheckReport, run_checks

__all__ = ["CheckReport", "run_checks"]

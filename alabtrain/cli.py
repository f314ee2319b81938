"""The command line: the door to `alabtrain/console/`."""

from __future__ import annotations

from alabtrain.console.application import COMMANDS, app, cli
from alabtrain.console.process import main, run

__all__ = ["COMMANDS", "app", "cli", "main", "run"]

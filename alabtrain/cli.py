"""The command line: the door to `alabtrain/console/`."""

from __future__ import annotations

from alabtrain.console.application import COMMANDS, cli
from alabtrain.console.process import main, run

__all__ = ["COMMANDS", "cli", "main", "run"]

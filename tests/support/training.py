"""Trainings through the command line, in the session of the tests, on vectors that cost little."""

from __future__ import annotations

import json
from typing import Any

import pytest

from alabtrain.cli import run


def train(*arguments: str) -> dict[str, Any]:
    """Train as a user does, and return what `--json` prints."""
    lines: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("alabtrain.console.terminal.print_json", lines.append)
        assert run(["train", *arguments, "--embeddings", "word2vec", "--json"]) == 0
    answer: dict[str, Any] = json.loads(json.dumps(lines[0]))
    return answer

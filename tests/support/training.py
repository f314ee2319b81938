"""Commands through the command line, in the session of the tests; trainings on vectors that cost little."""

from __future__ import annotations

from typing import Any

import pytest

from alabtrain.cli import run
from tests.support.schemas import validated


def answer(*arguments: str) -> dict[str, Any]:
    """Run a command as a user does, and return what `--json` prints."""
    lines: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("alabtrain.console.terminal.print_json", lines.append)
        assert run([*arguments, "--json"]) == 0
    told: dict[str, Any] = validated(arguments[0], lines[0])
    return told


def train(*arguments: str, embeddings: str = "word2vec") -> dict[str, Any]:
    """Train, and return the answer of the command."""
    return answer("train", *arguments, "--embeddings", embeddings)

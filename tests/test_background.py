"""What is said when the engine fails: nothing of a document, and what to do."""

from __future__ import annotations

import pytest

from alabtrain.errors import SetupError, TrainingError
from alabtrain.trainers.background import explain


@pytest.mark.parametrize("problem", [ConnectionResetError(104, "Connection reset by peer"), EOFError()])
def test_a_dead_engine_is_called_so(problem: Exception) -> None:
    told = explain(problem)
    assert isinstance(told, TrainingError)
    assert told.message == "the engine (Java) died"
    assert "engine-" in (told.hint or "")


def test_words_of_the_engine_are_not_passed_on() -> None:
    assert "Smith" not in str(explain(ValueError("bad record: Mr Smith has a cold")))
    assert isinstance(explain(RuntimeError("java.io.IOException: No space left on device")), SetupError)

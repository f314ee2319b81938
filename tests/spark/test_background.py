"""What is said when the engine fails: nothing of a document, and what to do."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from alabtrain.core.errors import SetupError, TrainingError
from alabtrain.spark.background import engine_failure, explain


@pytest.mark.parametrize("problem", [ConnectionResetError(104, "Connection reset by peer"), EOFError()])
def test_a_dead_engine_is_called_so(problem: Exception) -> None:
    told = explain(problem)
    assert isinstance(told, TrainingError)
    assert told.message == "the engine (Java) died"
    assert "engine-" in (told.hint or "")


def test_what_fails_in_an_engine_that_has_ended_is_its_death(monkeypatch: pytest.MonkeyPatch) -> None:
    from pyspark import SparkContext

    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    monkeypatch.setattr(SparkContext, "_gateway", SimpleNamespace(proc=process))
    fault = AttributeError("'NoneType' object has no attribute 'Smith'")
    assert explain(fault) is fault
    process.communicate()
    told = explain(fault)
    assert isinstance(told, TrainingError)
    assert told.message == "the engine (Java) died"


class JavaFailure(Exception):
    """As py4j raises one."""

    def __init__(self, words: str) -> None:
        super().__init__("An error occurred")
        self.java_exception = words


class SparkFailure(Exception):
    """As pyspark raises one."""


SparkFailure.__module__ = "pyspark.errors.exceptions.base"


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (JavaFailure("java.lang.IllegalArgumentException: Smith: has a cold"), "java.lang.IllegalArgumentException"),
        (JavaFailure(""), "JavaFailure"),
        (SparkFailure("Smith has a cold"), "SparkFailure"),
    ],
)
def test_of_the_words_of_the_engine_only_the_class_is_passed_on(problem: Exception, told: str) -> None:
    error = explain(problem)
    assert isinstance(error, TrainingError)
    assert error.message == f"the engine failed ({told})"
    assert "Smith" not in str(error)


@pytest.mark.parametrize("problem", [KeyError("Smith"), ValueError("Smith is not in list"), AssertionError()])
def test_a_fault_of_ours_stays_one(problem: Exception) -> None:
    assert explain(problem) is problem
    assert engine_failure(problem) is None


def test_a_full_disk_is_told_whoever_met_it() -> None:
    assert isinstance(explain(JavaFailure("java.io.IOException: No space left on device")), SetupError)
    assert isinstance(explain(OSError(28, "No space left on device")), SetupError)

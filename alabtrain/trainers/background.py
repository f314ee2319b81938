"""Run the engine's blocking calls aside, so that this thread can follow the log and hear Ctrl-C."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from alabtrain.errors import AlabtrainError, Interrupted, SetupError, TrainingError
from alabtrain.spark import engine_log, kill_engine

Result = TypeVar("Result")
INTERVAL = 0.5  # seconds

# What the engine says, as far as it can hold no text of a document, and what it means.
KNOWN_FAILURES = (
    (
        "Could not find a suitable tensorflow graph",
        "no TensorFlow graph fits these embeddings, labels and characters",
    ),
    (
        "OutOfMemoryError",
        "the engine ran out of memory; give more with --driver-memory, or train on fewer tasks",
    ),
    ("No space left on device", "the disk is full"),
)
NO_ANSWER = ("Py4JNetworkError",)  # of py4j, which must not be imported here


def run_aside(call: Callable[[], Result], meanwhile: Callable[[], None]) -> Result:
    """Return `call()`, run in a thread of its own, calling `meanwhile` every half second until it is done.

    Ctrl-C ends the engine and raises `Interrupted`; a failure of the engine raises `TrainingError`, without its
    words: they may hold text of a document.
    """
    results: list[Result] = []
    failures: list[Exception] = []

    def work() -> None:
        try:
            results.append(call())
        except Exception as problem:
            failures.append(problem)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    try:
        while worker.is_alive():
            worker.join(INTERVAL)
            meanwhile()
    except KeyboardInterrupt:
        _end(worker)
        raise Interrupted("interrupted by the user") from None
    except SystemExit:
        _end(worker)
        raise
    if failures:
        raise explain(failures[0]) from None
    return results[0]


def _end(worker: threading.Thread) -> None:
    kill_engine()
    worker.join(10)


@contextmanager
def explained() -> Iterator[None]:
    """Turn failures of the engine in the block into errors of ours."""
    try:
        yield
    except AlabtrainError:
        raise
    except Exception as problem:
        raise explain(problem) from None


def explain(problem: Exception) -> AlabtrainError:
    """Return an engine's failure as an error of ours that holds nothing of a document."""
    if isinstance(problem, AlabtrainError):
        return problem
    java = getattr(problem, "java_exception", None)
    if java is None and (isinstance(problem, (ConnectionError, EOFError)) or type(problem).__name__ in NO_ANSWER):
        return TrainingError("the engine (Java) died", hint=f"what it said is in {engine_log()}; try again")
    try:
        words = str(java) if java is not None else str(problem)
    except Exception:
        words = "the engine is gone"
    for sign, meaning in KNOWN_FAILURES:
        if sign in words:
            kind = SetupError if "disk" in meaning or "memory" in meaning else TrainingError
            return kind(meaning)
    return TrainingError(
        f"the engine failed ({words.split(':', 1)[0].split()[0][:80] if words.strip() else type(problem).__name__})",
        hint=f"what Java said is in {engine_log()} (it may hold text of documents)",
    )

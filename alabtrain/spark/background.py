"""Run the engine's blocking calls aside, so that this thread can follow the log and hear Ctrl-C."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from alabtrain.core.errors import AlabtrainError, Interrupted, SetupError, TrainingError
from alabtrain.spark.session import engine_is_dead, engine_log, kill_engine

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
ENGINES = ("py4j", "pyspark")


def run_aside(call: Callable[[], Result], meanwhile: Callable[[], None]) -> Result:
    """Return `call()`, run in a thread of its own, calling `meanwhile` every half second until it is done.

    Ctrl-C ends the engine and raises `Interrupted`; a failure of the engine raises `TrainingError` or `SetupError`,
    without its words: they may hold text of a document.
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


def explain(problem: Exception) -> Exception:
    """Return an engine's failure as an error of ours that holds nothing of a document; a fault of ours as it is."""
    return problem if isinstance(problem, AlabtrainError) else engine_failure(problem) or problem


def engine_failure(problem: Exception) -> AlabtrainError | None:
    """Return what the engine's failure means, without its words; None where it is not the engine that failed."""
    java = getattr(problem, "java_exception", None)
    by_engine = java is not None or type(problem).__module__.partition(".")[0] in ENGINES
    lost = isinstance(problem, (ConnectionError, EOFError)) or type(problem).__name__ in NO_ANSWER
    # When it is gone, its objects fail in many ways.
    if java is None and (lost or engine_is_dead()):
        return TrainingError("the engine (Java) died", hint=f"what it said is in {engine_log()}; try again")
    try:
        words = str(java) if java is not None else str(problem)
    except Exception:
        words = ""
    for sign, meaning in KNOWN_FAILURES:
        if sign in words:
            kind = SetupError if "disk" in meaning or "memory" in meaning else TrainingError
            return kind(meaning)
    if not by_engine:
        return None
    # Of Java the class alone, which is what stands before the first colon.
    told = words.partition(":")[0].split()[:1] if java is not None else []
    return TrainingError(
        f"the engine failed ({told[0][:80] if told else type(problem).__name__})",
        hint=f"what Java said is in {engine_log()} (it may hold text of documents)",
    )

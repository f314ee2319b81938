"""Runs the engine's blocking calls in a thread, so that the main thread can follow the log and handle Ctrl-C."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from alabtrain.core.errors import AlabtrainError, Interrupted, SetupError, TrainingError
from alabtrain.spark.session import engine_is_dead, engine_log, kill_engine

Result = TypeVar("Result")
INTERVAL = 0.5  # seconds

# Messages of the engine that cannot contain text of a document, and their meaning.
KNOWN_FAILURES = (
    (
        "Could not find a suitable tensorflow graph",
        "Spark NLP has no TensorFlow graph for this embeddings dimension and these numbers of labels and characters",
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
    """Return the result of `call()`, run in a thread, while calling `meanwhile` every half second.

    Ctrl-C ends the engine.

    Raises:
        Interrupted: the user pressed Ctrl-C.
        TrainingError, SetupError: the engine failed; its message is left out, as it may contain text of a document.
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
    """Turn failures of the engine in the block into `AlabtrainError`s."""
    try:
        yield
    except AlabtrainError:
        raise
    except Exception as problem:
        raise explain(problem) from None


def explain(problem: Exception) -> Exception:
    """Return a failure of the engine as an `AlabtrainError` without text of documents, other exceptions unchanged."""
    return problem if isinstance(problem, AlabtrainError) else engine_failure(problem) or problem


def engine_failure(problem: Exception) -> AlabtrainError | None:
    """Return the error for a failure of the engine, without its message; None if the engine did not fail."""
    java = getattr(problem, "java_exception", None)
    by_engine = java is not None or type(problem).__module__.partition(".")[0] in ENGINES
    lost = isinstance(problem, (ConnectionError, EOFError)) or type(problem).__name__ in NO_ANSWER
    # When the engine is dead, its objects fail in many ways.
    if java is None and (lost or engine_is_dead()):
        return TrainingError("the engine (Java) died", hint=f"its log is {engine_log()}; try again")
    try:
        words = str(java) if java is not None else str(problem)
    except Exception:
        words = ""
    for sign, meaning in KNOWN_FAILURES:
        if sign in words:
            error_class = SetupError if "disk" in meaning or "memory" in meaning else TrainingError
            return error_class(meaning)
    if not by_engine:
        return None
    # Of a Java exception only its class, which is the text before the first colon.
    class_name = words.partition(":")[0].split()[:1] if java is not None else []
    return TrainingError(
        f"the engine failed ({class_name[0][:80] if class_name else type(problem).__name__})",
        hint=f"Java's log is {engine_log()} (it may contain text of documents)",
    )

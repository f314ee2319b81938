"""Reports the progress of a Spark job while it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

INTERVAL = 1.0  # seconds


@contextmanager
def watched(session: SparkSession, report: Callable[[int, int], None]) -> Iterator[None]:
    """Call `report(done, total)` with the tasks of the running stages about once a second, until the block ends."""
    tracker = session.sparkContext.statusTracker()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(INTERVAL):
            try:
                stages = [info for stage in tracker.getActiveStageIds() if (info := tracker.getStageInfo(stage))]
            except Exception:
                # The engine is dead: the thread that waits for its job reports why.
                return
            # The stage with the most tasks does the work; shuffles before it are short.
            widest = max(stages, key=lambda info: info.numTasks, default=None)
            if widest is not None:
                report(widest.numCompletedTasks, widest.numTasks)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()

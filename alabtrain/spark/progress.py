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
def watched(session: SparkSession, report: Callable[[float], None]) -> Iterator[None]:
    """Call `report` with the share that is done when it grows, about once a second, and with 0 and 1 at both ends.

    That is the share of the widest stage so far, which is the one that does the work: shuffles before it are short.
    """
    tracker = session.sparkContext.statusTracker()
    over = threading.Event()
    report(0.0)

    def watch() -> None:
        width, reported = 1, 0.0
        while not over.wait(INTERVAL):
            try:
                stages = [info for stage in tracker.getActiveStageIds() if (info := tracker.getStageInfo(stage))]
            except Exception:
                # The engine is dead: the thread that waits for its job reports why.
                return
            widest = max(stages, key=lambda info: info.numTasks, default=None)
            if widest is None or widest.numTasks < width:
                continue
            width, share = widest.numTasks, widest.numCompletedTasks / widest.numTasks
            if share > reported:
                reported = share
                report(share)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
    report(1.0)

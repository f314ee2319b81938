"""Texts handed to Spark: in chunks, so that they are never all here at once, and in an order that wastes little."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING

from alabtrain.engine.annotators import TEXT
from alabtrain.engine.shared import SharedFolder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PLACE = "place"
CHUNK = 5_000  # texts that are handed to Spark at once
PARTITION = 500  # texts of one partition


def hand_over(
    session: SparkSession,
    shared: SharedFolder,
    texts: Iterable[str],
    heard: Callable[[int], None] = lambda _count: None,
) -> tuple[DataFrame, int]:
    """Write texts where Spark reads them; return a frame (`place` from 0 in their order, `text`) and their number.

    `heard` is told how many there are so far. Without a text the frame cannot be read.
    """
    place = shared.path("texts")
    rows = enumerate(texts)
    count = 0
    while chunk := list(islice(rows, CHUNK)):
        count += len(chunk)
        heard(count)
        frame = session.createDataFrame(chunk, f"{PLACE} long, {TEXT} string")
        frame.coalesce(1).write.mode("append").parquet(place)
    return (
        session.read.parquet(place) if count else session.createDataFrame([], f"{PLACE} long, {TEXT} string")
    ), count


def spread(session: SparkSession, texts: DataFrame, count: int) -> DataFrame:
    """Return the texts spread over all cores, those of one length beside each other: encoders pad to the longest."""
    from pyspark.sql import functions as f

    partitions = max(2 * session.sparkContext.defaultParallelism, -(-count // PARTITION))
    return texts.repartition(partitions).sortWithinPartitions(f.length(TEXT))

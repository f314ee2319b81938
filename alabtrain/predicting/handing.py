"""Texts handed to Spark: in chunks, so that they are never all here at once, and in an order that wastes little."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from alabtrain.engine.annotators import TEXT
from alabtrain.engine.shared import SharedFolder
from alabtrain.stages.layout import LAYOUT, LAYOUT_TYPE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PLACE = "place"
CHUNK = 5_000  # texts that are handed to Spark at once
PAGES = 100  # pages, whose words have hundreds of numbers each
PARTITION = 500  # texts of one partition


def hand_over(
    session: SparkSession,
    shared: SharedFolder,
    texts: Iterable[str],
    heard: Callable[[int], None] = lambda _count: None,
) -> tuple[DataFrame, int]:
    """Write texts where Spark reads them; return a frame (`place` from 0 in their order, `text`) and their number.

    `heard` is told how many there are so far.
    """
    return _written(session, shared, ((text,) for text in texts), f"{TEXT} string", CHUNK, heard)


def hand_over_pages(
    session: SparkSession,
    shared: SharedFolder,
    pages: Iterable[tuple[str, list[list[float]]]],
    heard: Callable[[int], None] = lambda _count: None,
) -> tuple[DataFrame, int]:
    """Do the same with the texts of pages and the layout of their words; the frame has `layout`, too."""
    return _written(session, shared, pages, f"{TEXT} string, {LAYOUT} {LAYOUT_TYPE}", PAGES, heard)


def _written(
    session: SparkSession,
    shared: SharedFolder,
    items: Iterable[tuple[Any, ...]],
    columns: str,
    most: int,
    heard: Callable[[int], None],
) -> tuple[DataFrame, int]:
    place, schema = shared.path("texts"), f"{PLACE} long, {columns}"
    rows = ((number, *item) for number, item in enumerate(items))
    count = 0
    while chunk := list(islice(rows, most)):
        count += len(chunk)
        heard(count)
        frame = session.createDataFrame(chunk, schema, verifySchema=False)
        frame.coalesce(1).write.mode("append").parquet(place)
    return (session.read.parquet(place) if count else session.createDataFrame([], schema)), count


def spread(session: SparkSession, texts: DataFrame, count: int) -> DataFrame:
    """Return the texts spread over all cores, those of one length beside each other: encoders pad to the longest."""
    from pyspark.sql import functions as f

    partitions = max(2 * session.sparkContext.defaultParallelism, -(-count // PARTITION))
    return texts.repartition(partitions).sortWithinPartitions(f.length(TEXT))

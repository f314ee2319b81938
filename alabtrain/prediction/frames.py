"""Texts handed to Spark: in chunks, so that they are never all here at once, and in an order that wastes little."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from alabtrain.spark.annotators import TEXT
from alabtrain.spark.shared import SharedFolder
from alabtrain.trainers.visual_ner.layout_stage import LAYOUT, LAYOUT_TYPE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PLACE = "place"
CHUNK = 5_000  # texts that are handed to Spark at once
PAGES = 100  # pages, whose words have hundreds of numbers each
PARTITION = 500  # texts of one partition


def hand_over(
    shared: SharedFolder, texts: Iterable[str], heard: Callable[[int], None] = lambda _count: None
) -> tuple[DataFrame, int]:
    """Write texts where Spark reads them; return a frame (`place` from 0 in their order, `text`) and their number.

    `heard` is told how many there are so far.
    """
    return shared.write_rows("texts", enumerate(texts), f"{PLACE} long, {TEXT} string", most=CHUNK, heard=heard)


def hand_over_pages(shared: SharedFolder, pages: Iterable[tuple[str, list[list[float]]]]) -> tuple[DataFrame, int]:
    """Do the same with the texts of pages and the layout of their words; the frame has `layout`, too."""
    rows = ((number, *page) for number, page in enumerate(pages))
    schema = f"{PLACE} long, {TEXT} string, {LAYOUT} {LAYOUT_TYPE}"
    return shared.write_rows("texts", rows, schema, most=PAGES)


def spread(session: SparkSession, texts: DataFrame, count: int) -> DataFrame:
    """Return the texts spread over all cores, those of one length beside each other: encoders pad to the longest."""
    from pyspark.sql import functions as f

    partitions = max(2 * session.sparkContext.defaultParallelism, -(-count // PARTITION))
    return texts.repartition(partitions).sortWithinPartitions(f.length(TEXT))

"""Passes texts to Spark: in parts, so that they are never all in memory, and ordered so that padding is small."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from alabtrain.spark.annotators import LAYOUT, LAYOUT_TYPE, TEXT
from alabtrain.spark.shared import SharedFolder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TEXT_INDEX = "text_index"
TEXTS_AT_ONCE = 5_000  # texts that are passed to Spark at once
PAGES = 100  # pages that are passed at once: each word has hundreds of features
PARTITION = 500  # texts of one partition


def hand_over(
    shared: SharedFolder, texts: Iterable[str], heard: Callable[[int], None] = lambda _count: None
) -> tuple[DataFrame, int]:
    """Write texts where Spark reads them; return a frame (`text_index` from 0 in their order, `text`) and the count.

    `heard` is called with the number of texts so far.
    """
    return shared.write_rows(
        "texts", enumerate(texts), f"{TEXT_INDEX} long, {TEXT} string", most=TEXTS_AT_ONCE, heard=heard
    )


def hand_over_pages(shared: SharedFolder, pages: Iterable[tuple[str, list[list[float]]]]) -> tuple[DataFrame, int]:
    """Do the same with the texts of pages and the features of their words, in the column `layout`."""
    rows = ((number, *page) for number, page in enumerate(pages))
    schema = f"{TEXT_INDEX} long, {TEXT} string, {LAYOUT} {LAYOUT_TYPE}"
    return shared.write_rows("texts", rows, schema, most=PAGES)


def spread(session: SparkSession, texts: DataFrame, count: int) -> DataFrame:
    """Return the texts spread over all cores and sorted by length, because encoders pad to the longest."""
    from pyspark.sql import functions as f

    partitions = max(2 * session.sparkContext.defaultParallelism, -(-count // PARTITION))
    return texts.repartition(partitions).sortWithinPartitions(f.length(TEXT))

"""What a classifier reads of a text: how many vectors, and which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.trainers.classification.pooling import PoolingShape, Scale, pooled, text_annotations
from alabtrain.trainers.classification.trainer import MOST_PIECES, MOST_VECTORS, pieces_for

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LENGTHS = st.lists(st.integers(0, 5000), max_size=2000)
TOKENS = "array<struct<begin: int, end: int, result: string, metadata: map<string, string>, embeddings: array<float>>>"


def test_short_texts_keep_a_vector_for_each_token() -> None:
    assert pieces_for([12, 40, 3]) == MOST_PIECES


def test_many_long_texts_share_the_room() -> None:
    lengths = [500] * 10_000
    assert pieces_for(lengths) == MOST_VECTORS // len(lengths)
    assert pieces_for([500] * (MOST_VECTORS + 1)) == 1


@given(lengths=LENGTHS)
def test_all_texts_together_have_no_more_vectors_than_there_is_room_for(lengths: list[int]) -> None:
    pieces = pieces_for(lengths)
    assert 1 <= pieces <= MOST_PIECES
    assert pieces == 1 or sum(min(pieces, length) for length in lengths) <= MOST_VECTORS


@pytest.mark.spark
@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (PoolingShape(("mean",), 2), [[[5.5, 4.5]], [[2.0, 1.0]], []]),
        (PoolingShape(("mean", "max"), 1), [[[5.5, 10.0]], [[2.0, 3.0]], []]),
        # Ten tokens in four pieces of neighbours: 2, 3, 2 and 3 of them.
        (PoolingShape(("mean",), 1, pieces=4), [[[1.5], [4.0], [6.5], [9.0]], [[1.0], [2.0], [3.0]], []]),
        (
            PoolingShape(("mean",), 2, pieces=64),
            [[[n, 10 - n] for n in range(1, 11)], [[n, 3 - n] for n in (1, 2, 3)], []],
        ),
    ],
)
def test_every_token_of_a_text_counts_once(
    spark: SparkSession, shape: PoolingShape, expected: list[list[list[float]]]
) -> None:
    texts = [
        [(0, 1, "x", {}, [float(n), float(length - n), 99.0]) for n in range(1, length + 1)] for length in (10, 3, 0)
    ]
    frame = spark.createDataFrame(
        [(number, tokens) for number, tokens in enumerate(texts)], f"id int, embeddings {TOKENS}"
    )
    rows = frame.selectExpr("id", f"{pooled(shape)} AS raw").orderBy("id").collect()
    assert [row.raw for row in rows] == expected


@pytest.mark.spark
def test_the_annotations_are_numbered_and_on_the_scale(spark: SparkSession) -> None:
    scale = Scale((1.0, 2.0), (0.5, 2.0))
    frame = spark.createDataFrame([([[3.0, 2.0], [1.0, 3.0]],)], "raw array<array<double>>")
    (row,) = frame.selectExpr(f"{text_annotations('raw', scale)} AS made").collect()
    assert [(made.metadata["sentence"], made.embeddings) for made in row.made] == [("0", [1.0, 0.0]), ("1", [0.0, 2.0])]

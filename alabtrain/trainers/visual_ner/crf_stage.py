"""A linear-chain CRF on the words of pages as Spark SQL, so that the stage of a saved pipeline contains all of it.

Each tag of a word has a score, the sum of the weights of the word's features; each step from one tag to the next has a
score, too. The best sequence is found together with the other taggers (`visual_ner.voting`). After Lafferty et al.,
"Conditional Random Fields", 2001 (https://repository.upenn.edu/handle/20.500.14332/6188).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alabtrain.spark.annotators import LAYOUT, TOKEN
from alabtrain.spark.columns import column_stage
from alabtrain.spark.templates import render, text_literal
from alabtrain.trainers.visual_ner.layout_stage import PACKAGE

if TYPE_CHECKING:
    from pyspark.ml.feature import SQLTransformer

DIGITS = 4  # decimals of a weight
BUCKETS = 64  # number of buckets for the lookup of codes


@dataclass(frozen=True, slots=True)
class Chain:
    """A CRF: each list of weights has one weight per tag, in the order of the tags of the training.

    `bias` has the weights of every word, `numbers` those of each number of a word's features (they are multiplied by
    the number), `codes` those of each value of each code. `steps` has for each tag the scores of the following tags.
    """

    bias: Sequence[float]
    numbers: Sequence[Sequence[float]]
    codes: Sequence[Mapping[int, Sequence[float]]]
    steps: Sequence[Sequence[float]]


def chain_stage(chain: Chain, output: str) -> SQLTransformer:
    """Return the stage from `token` and `layout` to a column with one list per token, which has one number per tag.

    The number is the log probability of the tag for the word alone, without the steps to and from its neighbours.
    """
    buckets, weights = _in_buckets(chain)
    expression = render(
        PACKAGE,
        "chain",
        token=TOKEN,
        layout=LAYOUT,
        bias=[round(weight, DIGITS) for weight in chain.bias],
        count=len(chain.numbers),
        numbers=_constant("array<array<double>>", [_rounded(own) for own in chain.numbers]),
        buckets=BUCKETS,
        last_code=len(chain.codes) - 1,
        codes=_constant("array<array<array<int>>>", buckets),
        code_weights=_constant("array<array<array<array<double>>>>", weights),
    )
    return column_stage(output, expression)


def _in_buckets(chain: Chain) -> tuple[list[list[list[int]]], list[list[list[list[float]]]]]:
    """Return the known codes of each feature in buckets, and their weights in the same order; zeros are left out."""
    known = [{code: rounded for code, own in one.items() if any(rounded := _rounded(own))} for one in chain.codes]
    buckets = [[[code for code in one if code % BUCKETS == b] for b in range(BUCKETS)] for one in known]
    weights = [[[one[code] for code in b] for b in own] for one, own in zip(known, buckets, strict=True)]
    return buckets, weights


def _rounded(weights: Sequence[float]) -> list[float]:
    return [round(weight, DIGITS) or 0 for weight in weights]


def _constant(sql_type: str, value: object) -> str:
    """Return the SQL for a constant as JSON, because Spark parses a literal with so many parts slowly."""
    text = json.dumps({"v": value}, separators=(",", ":"))
    return f"from_json({text_literal(text)}, 'struct<v: {sql_type}>').v"

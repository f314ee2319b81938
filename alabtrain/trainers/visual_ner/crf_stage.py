"""A linear-chain CRF on the words of pages, as Spark SQL: what a saved pipeline needs of it stands in its stage.

Each tag of a word has a score, the sum of the weights of what is told of the word; each step from a tag to the next has
one, too. The best sequence is found together with the other taggers (`stages.voting`). After Lafferty et al.,
"Conditional Random Fields", 2001 (https://repository.upenn.edu/handle/20.500.14332/6188).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alabtrain.spark.annotators import TOKEN
from alabtrain.spark.columns import text_literal
from alabtrain.trainers.visual_ner.layout_stage import LAYOUT

if TYPE_CHECKING:
    from pyspark.ml.feature import SQLTransformer

DIGITS = 4  # of a weight, behind the point
BUCKETS = 64  # in which codes are looked for


@dataclass(frozen=True, slots=True)
class Chain:
    """A CRF: weights are lists of one a tag, in the order of the tags that it was trained with.

    `bias` holds for every word; `numbers` are those of the numbers that are told of a word, in their order, each times
    the number; `codes` are, for each of the codes behind the numbers, those of its values. `steps` has a list for each
    tag: the scores of the tags that follow.
    """

    bias: Sequence[float]
    numbers: Sequence[Sequence[float]]
    codes: Sequence[Mapping[int, Sequence[float]]]
    steps: Sequence[Sequence[float]]


def chain_stage(chain: Chain, output: str) -> SQLTransformer:
    """Return the stage from `token` and `layout` to a column of a list a token, with a number a tag.

    It is the logarithm of the probability that a word has by itself, without the steps to and from its neighbours.
    """
    from pyspark.ml.feature import SQLTransformer

    told = f"{_of_numbers(chain)}, {_of_codes(chain)}"
    made = f"transform({TOKEN}, (e, i) -> {_scores(chain, f'concat({told})', f'get({LAYOUT}, i)')})"
    return SQLTransformer(statement=f"SELECT *, {made} AS {output} FROM __THIS__")


def _scores(chain: Chain, weights: str, word: str) -> str:
    """Return the SQL of the sum of lists of weights (some are null), as logarithms of probabilities.

    `weights` is an expression of `w`, what is told of a word, which is `word`.
    """
    bias = f"array({', '.join(f'{round(weight, DIGITS)}D' for weight in chain.bias)})"
    added = "if(v IS NULL, s, zip_with(s, v, (a, b) -> a + b))"
    total = "ln(aggregate(s, 0D, (t, a) -> t + exp(a - m))) + m"
    logs = _bound("array_max(s)", "m", _bound(total, "t", "transform(s, a -> a - t)"))
    return _bound(word, "w", f"aggregate({weights}, {bias}, (s, v) -> {added}, s -> {logs})")


def _bound(value: str, name: str, within: str) -> str:
    """Return the SQL of an expression in which a name stands for a value that is worked out once: by a list of one."""
    return f"transform(array({value}), {name} -> {within})[0]"


def _of_numbers(chain: Chain) -> str:
    known = _constant("array<array<double>>", [_rounded(weights) for weights in chain.numbers])
    told = f"slice(coalesce(w, array()), 1, {len(chain.numbers)})"
    return f"zip_with({told}, {known}, (x, y) -> if(x != 0, transform(y, a -> a * double(x)), NULL))"


def _of_codes(chain: Chain) -> str:
    """Return the SQL of the weights of the codes: for each place the known codes in buckets, and beside them theirs."""
    told = [{code: rounded for code, own in place.items() if any(rounded := _rounded(own))} for place in chain.codes]
    buckets = [[[code for code in place if code % BUCKETS == b] for b in range(BUCKETS)] for place in told]
    weights = [[[place[code] for code in b] for b in own] for place, own in zip(told, buckets, strict=True)]
    bucket = f"c % {BUCKETS}"
    known = f"{_constant('array<array<array<int>>>', buckets)}[j][{bucket}]"
    theirs = f"{_constant('array<array<array<array<double>>>>', weights)}[j][{bucket}]"
    found = f"get({theirs}, int(array_position({known}, c)) - 1)"
    code = f"coalesce(int(get(w, {len(chain.numbers)} + j)), 0)"
    return f"transform(sequence(0, {len(chain.codes) - 1}), j -> {_bound(code, 'c', found)})"


def _rounded(weights: Sequence[float]) -> list[float]:
    return [round(weight, DIGITS) or 0 for weight in weights]


def _constant(kind: str, value: object) -> str:
    """Return the SQL of a value that Spark works out once: a literal of so many parts would take it long to read."""
    text = json.dumps({"v": value}, separators=(",", ":"))
    return f"from_json({text_literal(text)}, 'struct<v: {kind}>').v"

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

from alabtrain.engine.annotators import TOKEN
from alabtrain.stages.columns import text_literal
from alabtrain.stages.layout import LAYOUT

if TYPE_CHECKING:
    from pyspark.ml.feature import SQLTransformer

DIGITS = 4  # of a weight, behind the point


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
    total = "ln(aggregate(s, 0D, (t, a) -> t + exp(a - array_max(s)))) + array_max(s)"
    logs = f"transform(s, a -> a - ({total}))"
    # `w` is bound by a list of one: what is told is then taken from its column once a word.
    return f"transform(array({word}), w -> aggregate({weights}, {bias}, (s, v) -> {added}, s -> {logs}))[0]"


def _of_numbers(chain: Chain) -> str:
    known = _constant("array<array<double>>", [_rounded(weights) for weights in chain.numbers])
    told = f"slice(coalesce(w, array()), 1, {len(chain.numbers)})"
    return f"zip_with({told}, {known}, (x, y) -> if(x != 0, transform(y, a -> a * double(x)), NULL))"


def _of_codes(chain: Chain) -> str:
    """Return the SQL of the weights of the codes: for each place the known codes, and beside them their weights."""
    ordered = [sorted(weights) for weights in chain.codes]
    known = _constant("array<array<int>>", ordered)
    told = [[_rounded(weights[code]) for code in codes] for weights, codes in zip(chain.codes, ordered, strict=True)]
    found = f"int(array_position({known}[j], int(get(w, {len(chain.numbers)} + j)))) - 1"
    weight = f"get({_constant('array<array<array<double>>>', told)}[j], {found})"
    return f"transform(sequence(0, {len(chain.codes) - 1}), j -> {weight})"


def _rounded(weights: Sequence[float]) -> list[float]:
    return [round(weight, DIGITS) or 0 for weight in weights]


def _constant(kind: str, value: object) -> str:
    """Return the SQL of a value that Spark works out once: a literal of so many parts would take it long to read."""
    text = json.dumps({"v": value}, separators=(",", ":"))
    return f"from_json({text_literal(text)}, 'struct<v: {kind}>').v"

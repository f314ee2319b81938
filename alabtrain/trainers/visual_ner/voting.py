"""Several taggers as one: the sequence of tags that all of them together find the most likely.

The logarithms of what the members say of each tag are added up, with weights, and the best sequence of IOB2 tags is
found: an `I-` stands behind its `B-` or another `I-`, never at the start of a window; what a CRF says of the steps from
tag to tag counts, too. That is the algorithm of Viterbi, "Error bounds for convolutional codes", 1967
(https://doi.org/10.1109/TIT.1967.1054010). All of it is Spark SQL, so that a saved pipeline needs nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alabtrain.spark.annotators import TOKEN
from alabtrain.spark.columns import column_stage, sql_stage
from alabtrain.spark.templates import render
from alabtrain.trainers.visual_ner.crf_stage import Chain
from alabtrain.trainers.visual_ner.layout_stage import PACKAGE

if TYPE_CHECKING:
    from pyspark.ml import Transformer

PATH = "tag_path"
LEAST = 1e-4  # the taggers round to four digits: what they call 0 is not impossible
NEVER = "-1e9D"
FIRST_CODE = 48  # tags are written as characters from 0 on: of those of 38 tags none is a quote or a backslash


@dataclass(frozen=True, slots=True)
class Member:
    """A tagger and how much it counts: its `column` holds annotations, whose metadata have a probability for each tag.

    That of a `chain` holds logarithms instead, for each token a list of one a tag.
    """

    column: str
    weight: float = 1.0
    chain: Chain | None = None


def voting_stages(members: Sequence[Member], tags: Sequence[str], vectors: str, output: str) -> list[Transformer]:
    """Return the stages from the outputs of the members to their common one, `output`.

    `tags` are all that they know, with `O`; a chain was trained with the same, in the same order. Each member has
    tagged each token of the column `vectors`; one at least has annotations.
    """
    about = {"members": members, "vectors": vectors, "token": TOKEN, "least": LEAST}
    votes = render(
        PACKAGE,
        "votes",
        names=tags,
        path=PATH,
        first_code=FIRST_CODE,
        total=sum(member.weight for member in members),
        **about,
    )
    donor = next(member.column for member in members if member.chain is None)
    path = render(PACKAGE, "path", tags=_tags(members, tags), **about)
    return [column_stage(PATH, path), sql_stage({output: (votes, donor)})]


@dataclass(frozen=True, slots=True)
class _Way:
    """A step to a tag from the one at `before`, and its cost: the weighted transition scores."""

    before: int
    cost: float


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag as the template of the best path needs it: `begin` is the cost of it at the start of a window."""

    name: str
    index: int
    letter: str
    begin: str
    ways: tuple[_Way, ...]
    from_all: bool


def _tags(members: Sequence[Member], tags: Sequence[str]) -> list[_Tag]:
    steps = _steps(members, len(tags))
    return [_tag(index, tags, costs) for index, costs in enumerate(steps)]


def _tag(index: int, tags: Sequence[str], costs: Sequence[float]) -> _Tag:
    name = tags[index]
    inside = name.startswith("I-")
    before = (name, f"B-{name[2:]}")
    ways = tuple(_Way(n, cost) for n, cost in enumerate(costs) if not inside or tags[n] in before)
    # Where every step is allowed and costs nothing, the best sequences are taken as they are.
    return _Tag(name, index, chr(FIRST_CODE + index), NEVER if inside else "0D", ways, not inside and not any(costs))


def _steps(members: Sequence[Member], count: int) -> list[list[float]]:
    """Return for each of so many tags what the members give for the step from each of the tags to it."""
    chains = [(member.weight, member.chain.steps) for member in members if member.chain is not None]
    return [
        [sum(weight * steps[before][index] for weight, steps in chains) for before in range(count)]
        for index in range(count)
    ]

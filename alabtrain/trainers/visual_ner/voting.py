"""An ensemble of taggers: the sequence of tags that is the most likely according to all of them.

The weighted log probabilities of the members for each tag are added up, with a CRF's scores for the steps from tag to
tag. The best sequence of IOB2 tags is found, in which an `I-` follows its `B-` or another `I-` and never starts a
window. That is the algorithm of Viterbi, "Error bounds for convolutional codes", 1967
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
LEAST = 1e-4  # the taggers round to four digits, so a probability of 0 does not mean impossible
NEVER = "-1e9D"
FIRST_CODE = 48  # tags are encoded as characters from "0" on; for 38 tags, none is a quote or a backslash


@dataclass(frozen=True, slots=True)
class EnsembleMember:
    """A tagger with its weight; its `column` has annotations, whose metadata contain the probability of each tag.

    The column of a `chain` has log probabilities instead: a list per token, with one number per tag.
    """

    column: str
    weight: float = 1.0
    chain: Chain | None = None


def voting_stages(
    members: Sequence[EnsembleMember], tags: Sequence[str], vectors: str, output: str
) -> list[Transformer]:
    """Return the stages from the outputs of the members to the common column `output`.

    `tags` are all tags of the members, with `O`; a chain must be trained with the same, in the same order. Each member
    has tagged each token of the column `vectors`; at least one member has annotations.
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
    """A tag for the template of the best path; `begin` is its cost at the start of a window."""

    name: str
    index: int
    letter: str
    begin: str
    ways: tuple[_Way, ...]
    from_all: bool


def _tags(members: Sequence[EnsembleMember], tags: Sequence[str]) -> list[_Tag]:
    steps = _steps(members, len(tags))
    return [_tag(index, tags, costs) for index, costs in enumerate(steps)]


def _tag(index: int, tags: Sequence[str], costs: Sequence[float]) -> _Tag:
    name = tags[index]
    inside = name.startswith("I-")
    before = (name, f"B-{name[2:]}")
    ways = tuple(_Way(n, cost) for n, cost in enumerate(costs) if not inside or tags[n] in before)
    # If every step is allowed and costs nothing, the best sequences are used unchanged.
    return _Tag(name, index, chr(FIRST_CODE + index), NEVER if inside else "0D", ways, not inside and not any(costs))


def _steps(members: Sequence[EnsembleMember], count: int) -> list[list[float]]:
    """Return for each of `count` tags the weighted scores of the steps from each tag to it."""
    chains = [(member.weight, member.chain.steps) for member in members if member.chain is not None]
    return [
        [sum(weight * steps[before][index] for weight, steps in chains) for before in range(count)]
        for index in range(count)
    ]

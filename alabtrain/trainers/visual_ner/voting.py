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
from alabtrain.spark.columns import annotation, sql_stage, text_literal
from alabtrain.trainers.visual_ner.crf_stage import Chain

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
    from pyspark.ml.feature import SQLTransformer

    path = SQLTransformer(statement=f"SELECT *, {_path(members, tags, vectors)} AS {PATH} FROM __THIS__")
    names = ", ".join(map(text_literal, tags))
    place = f"ascii(substring({PATH}, i + 1, 1)) - {FIRST_CODE}"
    tag = f"get(array({names}), {place})"
    total = sum(member.weight for member in members)
    sure = f"exp(({_score(members, tag, place, vectors)}) / {total}D)"
    donor = next(member.column for member in members if member.chain is None)
    made = annotation(
        "named_entity", begin="e.begin", end="e.end", result=tag,
        metadata={"word": "e.result", "confidence": f"string(round({sure}, 4))", "sentence": "e.metadata['sentence']"},
    )  # fmt: skip
    return [path, sql_stage({output: (f"transform({vectors}, (e, i) -> {made})", donor)})]


def _score(members: Sequence[Member], tag: str, place: object, vectors: str) -> str:
    """Return the SQL of the weighted sum of logarithms for a tag, the one at `place`, of the token `e` at `i`."""
    return " + ".join(f"{member.weight}D * {_said(member, tag, place, vectors)}" for member in members)


def _said(member: Member, tag: str, place: object, vectors: str) -> str:
    """Return the SQL of the logarithm that a member gives a tag; what it does not know is `LEAST`."""
    if member.chain is None:
        # A member that has died says no number.
        said = f"nanvl(coalesce(double(get({member.column}, i).metadata[{tag}]), 0D), 0D)"
        return f"ln(greatest({LEAST}D, {said}))"
    # It has a list for a token without a vector, too: then the others are found by where they begin.
    by_offset = f"int(array_position(transform({TOKEN}, t -> t.begin), e.begin)) - 1"
    own = f"get({member.column}, CASE WHEN size({TOKEN}) = size({vectors}) THEN i ELSE {by_offset} END)"
    return f"coalesce(get({own}, {place}), ln({LEAST}D))"


def _path(members: Sequence[Member], tags: Sequence[str], vectors: str) -> str:
    """Return the SQL of the best sequence of tags of a row, a letter each."""
    scores = ", ".join(_score(members, text_literal(tag), place, vectors) for place, tag in enumerate(tags))
    begins = f"i = 0 OR e.metadata['sentence'] != get({vectors}, i - 1).metadata['sentence']"
    seen = f"transform({vectors}, (e, i) -> named_struct('begins', {begins}, 'x', array({scores})))"
    start = ", ".join("named_struct('s', 0D, 'p', '')" for _ in tags)
    steps = ", ".join(_step(place, tags, costs) for place, costs in enumerate(_steps(members, len(tags))))
    return f"aggregate({seen}, array({start}), (best, t) -> array({steps}), best -> array_max(best).p)"


def _steps(members: Sequence[Member], count: int) -> list[list[float]]:
    """Return for each of so many tags what the members say of the step from each of the tags to it."""
    told = [(member.weight, member.chain.steps) for member in members if member.chain is not None]
    return [
        [sum(weight * steps[before][place] for weight, steps in told) for before in range(count)]
        for place in range(count)
    ]


def _step(place: int, tags: Sequence[str], costs: Sequence[float]) -> str:
    """Return the SQL of the best sequence that ends with a tag: `s` its score, `p` its letters."""
    tag, letter = tags[place], chr(FIRST_CODE + place)
    inside = tag.startswith("I-")
    begin = NEVER if inside else "0D"
    ways = [
        f"named_struct('s', best[{before}].s + if(t.begins, {begin}, {cost:.4f}D), 'p', best[{before}].p)"
        for before, cost in enumerate(costs)
        if not inside or tags[before] in (tag, f"B-{tag[2:]}")
    ]
    known = f"array({', '.join(ways)})" if inside or any(costs) else "best"
    # A list of one binds the best of them, which is worked out once.
    bound = f"array(array_max({known}))"
    return f"transform({bound}, b -> named_struct('s', b.s + t.x[{place}], 'p', concat(b.p, '{letter}')))[0]"

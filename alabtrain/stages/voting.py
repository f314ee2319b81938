"""Several taggers as one: the sequence of tags that all of them together find the most likely.

The logarithms of what the members say of each tag are added up, with weights, and the best sequence of IOB2 tags is
found: an `I-` stands behind its `B-` or another `I-`, never at the start of a window. That is the algorithm of Viterbi,
"Error bounds for convolutional codes", 1967 (https://doi.org/10.1109/TIT.1967.1054010), with transitions that are
allowed or not. All of it is Spark SQL, so that a saved pipeline needs nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alabtrain.stages.columns import annotation, sql_stage, text_literal

if TYPE_CHECKING:
    from pyspark.ml import Transformer

PATH = "tag_path"
LEAST = 1e-4  # the taggers round to four digits: what they call 0 is not impossible
NEVER = "-1e9D"
FIRST_CODE = 48  # tags are written as characters from 0 on: of those of 38 tags none is a quote or a backslash


@dataclass(frozen=True, slots=True)
class Member:
    """A tagger: its output column, whose metadata hold a score for each tag, and how much it counts."""

    column: str
    weight: float = 1.0


def voting_stages(members: Sequence[Member], tags: Sequence[str], vectors: str, output: str) -> list[Transformer]:
    """Return the stages from the outputs of the members to their common one, `output`.

    `tags` are all that they know, with `O`. Each member has tagged each token of the column `vectors`.
    """
    from pyspark.ml.feature import SQLTransformer

    path = SQLTransformer(statement=f"SELECT *, {_path(members, tags, vectors)} AS {PATH} FROM __THIS__")
    names = ", ".join(map(text_literal, tags))
    tag = f"element_at(array({names}), ascii(substring({PATH}, i + 1, 1)) - {FIRST_CODE - 1})"
    total = sum(member.weight for member in members)
    sure = f"exp(({_score(members, tag, vectors)}) / {total}D)"
    made = annotation(
        "named_entity", begin="e.begin", end="e.end", result=tag,
        metadata={"word": "e.result", "confidence": f"string(round({sure}, 4))", "sentence": "e.metadata['sentence']"},
    )  # fmt: skip
    return [path, sql_stage({output: (f"transform({vectors}, (e, i) -> {made})", members[0].column)})]


def _score(members: Sequence[Member], tag: str, vectors: str) -> str:
    """Return the SQL of the weighted sum of logarithms for a tag of the token `e` at `i`."""
    return " + ".join(
        f"{member.weight}D * ln(greatest({LEAST}D, {_said(member.column, tag, vectors)}))" for member in members
    )


def _said(column: str, tag: str, vectors: str) -> str:
    """Return the SQL of what a member says of a tag; 0 where it has died (it says no number) or knows no such tag."""
    # A member that tags tokens without a vector, too, has more of them: then they are found by where they begin.
    by_offset = f"element_at(filter({column}, n -> n.begin = e.begin), 1)"
    own = f"CASE WHEN size({column}) = size({vectors}) THEN get({column}, i) ELSE {by_offset} END"
    return f"nanvl(coalesce(double(({own}).metadata[{tag}]), 0D), 0D)"


def _path(members: Sequence[Member], tags: Sequence[str], vectors: str) -> str:
    """Return the SQL of the best sequence of tags of a row, a letter each."""
    scores = ", ".join(_score(members, text_literal(tag), vectors) for tag in tags)
    begins = f"i = 0 OR e.metadata['sentence'] != get({vectors}, i - 1).metadata['sentence']"
    seen = f"transform({vectors}, (e, i) -> named_struct('begins', {begins}, 'x', array({scores})))"
    start = ", ".join("named_struct('s', 0D, 'p', '')" for _ in tags)
    steps = ", ".join(_step(place, tags) for place in range(len(tags)))
    return f"aggregate({seen}, array({start}), (best, t) -> array({steps}), best -> array_max(best).p)"


def _step(place: int, tags: Sequence[str]) -> str:
    """Return the SQL of the best sequence that ends with a tag: `s` its score, `p` its letters."""
    tag, letter = tags[place], chr(FIRST_CODE + place)
    if not tag.startswith("I-"):
        return (
            f"named_struct('s', array_max(best).s + t.x[{place}], 'p', concat(array_max(best).p, '{letter}'))"
        )  # fmt: skip
    begin = tags.index(f"B-{tag[2:]}")
    before = f"greatest(best[{begin}], best[{place}])"
    return (
        f"named_struct('s', if(t.begins, {NEVER}, {before}.s) + t.x[{place}], 'p', concat({before}.p, '{letter}'))"
    )  # fmt: skip

"""What Spark NLP's CRF reads of a page: the layout numbers of each word, and a word for its place among its neighbours.

`NerCrf` takes numbers of the word alone, but its part of speech with those of its neighbours. There are no parts of
speech on a form; what stands there instead says how the word begins or ends its segment, block and row, and what the
segment looks like.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from alabtrain.engine.annotators import SENTENCE, TEXT, TOKEN, transform, word_stages
from alabtrain.stages.columns import annotation, sql_stage
from alabtrain.stages.layout import VISUAL_VECTORS

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import SparkSession

POS, LAYOUT_VECTORS = "layout_pos", "layout_vectors"
_DONOR = "any_pos"
TELLING = (
    "first", "last", "begins_block", "ends_block", "begins_row", "ends_row", "own_ends_colon", "own_capitals",
    "own_digits",
)  # fmt: skip
"""The layout numbers that make the word for a place; each is 0 or 1."""


def crf_stages(session: SparkSession, numbers: int, names: Sequence[str]) -> list[Transformer]:
    """Return the stages from `visual_embeddings` to `layout_pos` and `layout_vectors`.

    The layout numbers, called `names`, stand behind the first `numbers` of each vector.
    """
    # The CRF wants a vector for each token, and an encoder leaves out those that it cannot read: theirs are 0.
    same = f"size({VISUAL_VECTORS}) = size({TOKEN})"
    vectors = f"CASE WHEN {same} THEN get({VISUAL_VECTORS}, i).embeddings "
    vectors += f"ELSE element_at(filter({VISUAL_VECTORS}, v -> v.begin = e.begin), 1).embeddings END"
    told = f"coalesce(slice({vectors}, {numbers} + 1, {len(names)}), array_repeat(float(0), {len(names)}))"
    place = ", ".join(
        f"string(int(coalesce(get({vectors}, {numbers + names.index(name)}), float(0))))" for name in TELLING
    )
    pos = annotation("pos", begin="e.begin", end="e.end", result=f"concat({place})", metadata={"word": "e.result"})
    vector = annotation(
        "word_embeddings", begin="e.begin", end="e.end", result="e.result", vector=told,
        metadata={"isOOV": "'false'", "pieceId": "'-1'", "isWordStart": "'true'", "token": "e.result",
                  "sentence": "e.metadata['sentence']"},
    )  # fmt: skip
    columns = {
        POS: (f"transform({TOKEN}, (e, i) -> {pos})", _DONOR),
        LAYOUT_VECTORS: (f"transform({TOKEN}, (e, i) -> {vector})", VISUAL_VECTORS),
    }
    return [_tagger_of_nothing(session), sql_stage(columns)]


def _tagger_of_nothing(session: SparkSession) -> Transformer:
    """Return a tagger of parts of speech that learned one token: only the metadata of its column are used."""
    from pyspark.sql import functions as f
    from sparknlp.annotator import PerceptronApproach

    frame = transform(word_stages(explode=False), session.createDataFrame([["a"]], f"{TEXT} string"))
    one = annotation("pos", begin="0", end="0", result="'X'", metadata={"word": "'a'"})
    frame = frame.withColumn("label", f.expr(f"array({one})").alias("label", metadata={"annotatorType": "pos"}))
    approach: Any = PerceptronApproach().setInputCols([SENTENCE, TOKEN]).setOutputCol(_DONOR).setPosColumn("label")
    tagger: Transformer = approach.setNIterations(1).fit(frame)
    return tagger

"""What is said of a chunk, as a tagging of its surroundings: a small sequence per chunk, with the chunk as its target.

Spark NLP has no open annotator that learns assertion status. NerDL can: each chunk becomes a sentence of its own, made
of the words before it, one token that stands for the chunk, and the words after it; behind each vector stand numbers
that say how far the word is from the target. The tag of the target is the status. The idea of marking the target for a
sequence model is that of Fancellu et al., "Neural Networks For Negation Scope Detection", 2016
(https://aclanthology.org/P16-1047).

The sequences of all chunks of a text lie behind one another in one column, told apart by `metadata['sentence']` and by
made-up offsets, so that no row has to be split and joined again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from alabtrain.embeddings.stages import EMBEDDINGS
from alabtrain.spark.annotators import CHUNK, SENTENCE, TOKEN
from alabtrain.spark.columns import annotation, sql_stage, text_literal
from alabtrain.trainers.nerdl.limits import dimension_beside

if TYPE_CHECKING:
    from pyspark.ml import Transformer

WINDOWS = "assertion_windows"
TARGET_SENTENCE, TARGET_TOKEN, TARGET_VECTORS = "assertion_sentence", "assertion_token", "assertion_embeddings"
TARGET_TAG, ASSERTION = "assertion_tag", "assertion"

AROUND = 30
"""Words on each side of a chunk that are looked at, within its sentence."""
NEAR = 15  # distances are told apart up to here
STRIDE = 1000  # made-up offsets: the sequence of chunk n begins at n * STRIDE
FEATURES = 2 * NEAR + 1 + 16 + 2 + 5

# One-hot distance; the target's flag, often, as one number of a thousand would drown; side; rings of 1, 2, 4 … words.
_FEATURES = (
    "transform(sequence(0, {last}), k -> float(CASE "
    "WHEN k < {hot} THEN k - {near} = greatest(-{near}, least({near}, {distance})) "
    "WHEN k < {hot} + 16 THEN {distance} = 0 "
    "WHEN k = {hot} + 16 THEN {distance} < 0 "
    "WHEN k = {hot} + 17 THEN {distance} > 0 "
    "ELSE abs({distance}) <= shiftleft(1, k - {hot} - 18) END))"
)


def target_dimension(numbers: int) -> int:
    """Return the width of the sequences' vectors: `numbers` and the features, filled up to a graph of NerDL.

    Raises `InputError` where no graph is wide enough.
    """
    return dimension_beside(numbers, FEATURES, "the place of a chunk")


def target_stages(numbers: int) -> list[Transformer]:
    """Return the stages from `sentence`, `embeddings` (their first `numbers`) and `ner_chunk` to the sequences."""
    from pyspark.ml.feature import SQLTransformer

    windows = SQLTransformer(statement=f"SELECT *, {_windows()} AS {WINDOWS} FROM __THIS__")
    vectors = sql_stage({TARGET_VECTORS: (_vectors(numbers), EMBEDDINGS)})
    token = annotation(
        "token", begin="e.begin", end="e.end", result="e.result",
        metadata={"sentence": "e.metadata['sentence']"},
    )  # fmt: skip
    begin = f"w.number * {STRIDE}"
    sentence = annotation(
        "document", begin=begin, end=f"{begin} + {STRIDE - 1}", result="''", metadata={"sentence": "string(w.number)"}
    )
    both = {
        TARGET_TOKEN: (f"transform({TARGET_VECTORS}, e -> {token})", TOKEN),
        TARGET_SENTENCE: (f"transform({WINDOWS}, w -> {sentence})", SENTENCE),
    }
    return [windows, vectors, sql_stage(both)]


def status_stage(statuses: Sequence[str], members: int) -> Transformer:
    """Return the stage from the tags of the sequences, by each of the members, to `assertion`: one per chunk.

    Its `result` is the status; its metadata hold `confidence` (the share of the scores of all statuses), the score of
    each status, `ner_label`, and the chunk's `sentence` and `chunk`.
    """
    known = ", ".join(text_literal(status) for status in statuses)
    tags = [
        f"element_at(filter({TARGET_TAG}_{number}, t -> t.begin = {_target_begin('w')}), 1)"
        for number in range(members)
    ]
    total = " + ".join(f"coalesce(double({tag}.metadata[concat('B-', s)]), 0D)" for tag in tags)
    scores = f"transform(array({known}), s -> named_struct('score', ({total}) / {members}, 'status', s))"
    judged = f"transform({WINDOWS}, w -> named_struct('chunk', w.chunk, 'scores', {scores}))"
    best = "array_max(j.scores)"
    total = "aggregate(j.scores, 0D, (sum, s) -> sum + s.score)"
    made = (
        "named_struct('annotatorType', 'assertion', 'begin', j.chunk.begin, 'end', j.chunk.end, "
        f"'result', {best}.status, 'metadata', "
        f"map_concat(map('confidence', string(coalesce({best}.score / {total}, 0D)), "
        "'ner_label', j.chunk.metadata['entity'], 'sentence', j.chunk.metadata['sentence'], "
        "'chunk', j.chunk.metadata['chunk']), map_from_entries(transform(j.scores, "
        "s -> struct(concat('score_', s.status), string(s.score))))), 'embeddings', cast(array() AS array<float>))"
    )
    return sql_stage({ASSERTION: (f"transform({judged}, j -> {made})", CHUNK)})


def _windows() -> str:
    here = f"element_at(filter({SENTENCE}, s -> s.begin <= c.begin AND s.end >= c.begin), 1)"
    before = f"filter({EMBEDDINGS}, e -> e.begin >= {here}.begin AND e.end < c.begin)"
    after = f"filter({EMBEDDINGS}, e -> e.begin > c.end AND e.end <= {here}.end)"
    return (
        f"transform({CHUNK}, (c, i) -> named_struct('number', i, 'chunk', c, "
        f"'before', reverse(slice(reverse({before}), 1, {AROUND})), "
        f"'inside', filter({EMBEDDINGS}, e -> e.begin <= c.end AND e.end >= c.begin), "
        f"'after', slice({after}, 1, {AROUND})))"
    )


def _target_begin(window: str) -> str:
    return f"{window}.number * {STRIDE} + 2 * size({window}.before)"


def _vectors(numbers: int) -> str:
    def told(vectors: str) -> str:
        return f"slice({vectors}, 1, {numbers})"

    def placed(vector: str, word: str, place: str, distance: str) -> str:
        begin = f"w.number * {STRIDE} + 2 * ({place})"
        features = _FEATURES.format(last=FEATURES - 1, hot=2 * NEAR + 1, near=NEAR, distance=f"({distance})")
        filled = f"array_repeat(float(0), {target_dimension(numbers) - numbers - FEATURES})"
        return annotation(
            "word_embeddings",
            begin=begin,
            end=f"{begin} + 1",
            result=word,
            metadata={
                "sentence": "string(w.number)", "token": word, "target": f"string({distance} = 0)", "isOOV": "'false'",
                "pieceId": "'-1'", "isWordStart": "'true'",
            },
            vector=f"concat({vector}, {features}, {filled})",
        )  # fmt: skip

    count = "size(w.before)"
    total = (
        f"aggregate(w.inside, array_repeat(0D, {numbers}), "
        f"(acc, e) -> zip_with(acc, {told('e.embeddings')}, (a, x) -> a + x))"
    )
    mean = f"transform({total}, a -> float(a / greatest(size(w.inside), 1)))"
    word = "coalesce(element_at(w.inside, 1).result, w.chunk.result)"
    sequence = (
        f"concat(transform(w.before, (e, i) -> {placed(told('e.embeddings'), 'e.result', 'i', f'i - {count}')}), "
        f"array({placed(mean, word, count, '0')}), "
        f"transform(w.after, (e, i) -> {placed(told('e.embeddings'), 'e.result', f'{count} + 1 + i', 'i + 1')}))"
    )
    return f"flatten(transform({WINDOWS}, w -> {sequence}))"

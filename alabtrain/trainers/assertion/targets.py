"""Assertion status as a tagging task: each chunk becomes a short sequence of tokens with the chunk as its target.

Spark NLP has no open annotator that learns assertion status, but NerDL can learn it. Each chunk becomes a sentence of
its own: the words before it, one token for the chunk, and the words after it. Features after each vector hold the
distance of the word from the target. The tag of the target is the status. The idea of marking the target for a sequence
model is from Fancellu et al., "Neural Networks For Negation Scope Detection", 2016
(https://aclanthology.org/P16-1047).

One column holds the sequences of all chunks of a text, one after another. `metadata['sentence']` and artificial offsets
distinguish them, so that no row has to be split and joined again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from alabtrain.embeddings.stages import EMBEDDINGS
from alabtrain.spark.annotators import CHUNK, SENTENCE, TOKEN
from alabtrain.spark.columns import column_stage, sql_stage
from alabtrain.spark.templates import render
from alabtrain.trainers.nerdl.limits import dimension_beside

if TYPE_CHECKING:
    from pyspark.ml import Transformer

WINDOWS = "assertion_windows"
TARGET_SENTENCE, TARGET_TOKEN, TARGET_VECTORS = "assertion_sentence", "assertion_token", "assertion_embeddings"
TARGET_TAG, ASSERTION = "assertion_tag", "assertion"

AROUND = 30
"""Number of words on each side of a chunk that its sequence contains, within the sentence."""
NEAR = 15  # distances are distinguished up to this number of words
STRIDE = 1000  # artificial offsets: the sequence of chunk n begins at n * STRIDE
FEATURES = 2 * NEAR + 1 + 16 + 2 + 5

PACKAGE = "alabtrain.trainers.assertion"


def target_dimension(numbers: int) -> int:
    """Return the dimension of the sequences' vectors: `numbers` and the features, padded to a graph of NerDL.

    Raises `InputError` if no graph is wide enough.
    """
    return dimension_beside(numbers, FEATURES, "the position of a chunk")


def target_stages(numbers: int) -> list[Transformer]:
    """Return the stages from `sentence`, `embeddings` (the first `numbers`) and `ner_chunk` to the sequences."""
    both = {
        TARGET_TOKEN: (render(PACKAGE, "tokens", vectors=TARGET_VECTORS), TOKEN),
        TARGET_SENTENCE: (render(PACKAGE, "sentences", windows=WINDOWS, stride=STRIDE), SENTENCE),
    }
    return [
        column_stage(WINDOWS, windows()),
        sql_stage({TARGET_VECTORS: (_vectors(numbers), EMBEDDINGS)}),
        sql_stage(both),
    ]


def status_stage(statuses: Sequence[str], members: int) -> Transformer:
    """Return the stage from the tags that each ensemble member gives the sequences to `assertion`, one per chunk.

    The `result` is the status. The metadata contain `confidence` (the status' share of all scores), the score of each
    status, `ner_label`, and the chunk's `sentence` and `chunk`.
    """
    expression = render(
        PACKAGE, "status", statuses=statuses, members=members, tags=TARGET_TAG, windows=WINDOWS, stride=STRIDE
    )
    return sql_stage({ASSERTION: (expression, CHUNK)})


def windows() -> str:
    """Return the SQL for the words around each chunk of a row."""
    return render(PACKAGE, "windows", sentence=SENTENCE, chunk=CHUNK, embeddings=EMBEDDINGS, around=AROUND)


def _vectors(numbers: int) -> str:
    return render(
        PACKAGE,
        "vectors",
        windows=WINDOWS,
        numbers=numbers,
        stride=STRIDE,
        near=NEAR,
        hot=2 * NEAR + 1,
        last=FEATURES - 1,
        filled=target_dimension(numbers) - numbers - FEATURES,
    )

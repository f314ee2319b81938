"""The TensorFlow graphs that Spark NLP ships for NerDL, so that a training that has none fails before it starts."""

from __future__ import annotations

from alabtrain.embeddings.registry import GRAPH_DIMENSIONS
from alabtrain.errors import InputError

# (tags, characters) that the graphs of each dimension take (Spark NLP 5.5.3, /ner-dl/blstm_* in its jar).
GRAPH_SIZES = ((10, 120), (38, 120), (38, 200))


def require_graph(*, dimension: int, tags: int, characters: int) -> None:
    """Raise `InputError` when no shipped graph takes these embeddings, IOB2 tags and distinct characters."""
    if dimension not in GRAPH_DIMENSIONS:
        fits = ", ".join(map(str, GRAPH_DIMENSIONS))
        raise InputError(
            f"no TensorFlow graph takes embeddings of {dimension} numbers",
            hint=f"choose embeddings of one of these dimensions: {fits}; `alabtrain embeddings` lists what there is",
            code="no_graph",
        )
    most_tags = max(size[0] for size in GRAPH_SIZES)
    most_characters = max(size[1] for size in GRAPH_SIZES)
    if tags > most_tags:
        raise InputError(
            f"no TensorFlow graph takes {tags} tags (at most {most_tags}: {(most_tags - 1) // 2} labels)",
            hint="leave labels out of the labeling config, or merge some",
            code="no_graph",
        )
    if characters > most_characters:
        raise InputError(
            f"no TensorFlow graph takes {characters} distinct characters (at most {most_characters})",
            hint="texts in several scripts? train on one language with --tags; `alabtrain check` counts the characters",
            code="no_graph",
        )

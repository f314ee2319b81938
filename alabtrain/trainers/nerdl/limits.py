"""The TensorFlow graphs that Spark NLP ships for NerDL, so that a training that has none fails before it starts."""

from __future__ import annotations

from alabtrain.core.errors import InputError
from alabtrain.embeddings.registry import GRAPH_DIMENSIONS, filled_dimension

MOST_TAGS = 38
MOST_CHARACTERS = 200
# The graphs with 38 tags of these dimensions take fewer characters (Spark NLP 5.5.3, ner-dl/ in its jar).
FEWER_CHARACTERS = {128: 120, 256: 120}


def graph_names(dimension: int) -> tuple[str, str]:
    """Return the file names of the graphs for vectors of `dimension` numbers: for few tags, and for many."""
    most = FEWER_CHARACTERS.get(dimension, MOST_CHARACTERS)
    return f"blstm_10_{dimension}_128_120.pb", f"blstm_{MOST_TAGS}_{dimension}_128_{most}.pb"


def roomy_dimension(numbers: int) -> int:
    """Return the dimension of the smallest graph that takes `numbers` and as many characters as there are in any."""
    return next(
        dimension for dimension in GRAPH_DIMENSIONS if dimension >= numbers and dimension not in FEWER_CHARACTERS
    )


def dimension_beside(numbers: int, further: int, what: str) -> int:
    """Return the dimension of the graph that takes embeddings of `numbers` and `further` numbers that tell `what`.

    Raises `InputError` where no graph is wide enough.
    """
    dimension = filled_dimension(numbers + further)
    if dimension not in GRAPH_DIMENSIONS:
        raise InputError(
            f"no TensorFlow graph is wide enough for embeddings of {numbers} numbers and {what}",
            hint="choose narrower --embeddings; `alabtrain embeddings` lists what there is",
            code="no_graph",
        )
    return dimension


def utf16_units(text: str) -> set[int]:
    """Return the distinct characters of `text` as Java counts them: one outside the basic plane is two."""
    data = text.encode("utf-16-le", "surrogatepass")
    return {data[i] | data[i + 1] << 8 for i in range(0, len(data), 2)}


def require_graph(*, dimension: int, tags: int, characters: int) -> None:
    """Raise `InputError` when no shipped graph takes these embeddings, IOB2 tags and distinct characters."""
    if dimension not in GRAPH_DIMENSIONS:
        fits = ", ".join(map(str, GRAPH_DIMENSIONS))
        raise InputError(
            f"no TensorFlow graph takes embeddings of {dimension} numbers",
            hint=f"choose embeddings of one of these dimensions: {fits}; `alabtrain embeddings` lists what there is",
            code="no_graph",
        )
    if tags > MOST_TAGS:
        raise InputError(
            f"no TensorFlow graph takes {tags} tags (at most {MOST_TAGS}: {(MOST_TAGS - 1) // 2} labels)",
            hint="leave labels out of the labeling config, or merge some",
            code="no_graph",
        )
    most = FEWER_CHARACTERS.get(dimension, MOST_CHARACTERS)
    # NerDL keeps one place for characters that it has not seen.
    if characters + 1 > most:
        raise InputError(
            f"no TensorFlow graph takes {characters} distinct characters (at most {most - 1})",
            hint="texts in several scripts? train on one language with --tags; `alabtrain check` counts the characters",
            code="no_graph",
        )

"""The limits of the TensorFlow graphs that Spark NLP ships for NerDL, checked before a training starts."""

from __future__ import annotations

from alabtrain.core.errors import InputError
from alabtrain.embeddings.registry import GRAPH_DIMENSIONS, filled_dimension

MOST_TAGS = 38
MOST_CHARACTERS = 200
# The graphs for 38 tags of these dimensions accept fewer characters (Spark NLP 5.5.3, ner-dl/ in its jar).
FEWER_CHARACTERS = {128: 120, 256: 120}


def graph_names(dimension: int) -> tuple[str, str]:
    """Return the file names of the graphs for vectors of `dimension` numbers: for few tags, and for many."""
    most = FEWER_CHARACTERS.get(dimension, MOST_CHARACTERS)
    return f"blstm_10_{dimension}_128_120.pb", f"blstm_{MOST_TAGS}_{dimension}_128_{most}.pb"


def roomy_dimension(numbers: int) -> int:
    """Return the dimension of the smallest graph for `numbers` that accepts the maximal number of characters."""
    return next(
        dimension for dimension in GRAPH_DIMENSIONS if dimension >= numbers and dimension not in FEWER_CHARACTERS
    )


def dimension_beside(numbers: int, further: int, features: str) -> int:
    """Return the dimension of the graph for embeddings of `numbers` and `further` numbers of `features`.

    Raises `InputError` if no graph is wide enough.
    """
    dimension = filled_dimension(numbers + further)
    if dimension not in GRAPH_DIMENSIONS:
        raise InputError(
            f"no TensorFlow graph is wide enough for embeddings of dimension {numbers} and {features}",
            hint="choose --embeddings of a smaller dimension; `alabtrain embeddings` lists them",
            code="no_graph",
        )
    return dimension


def utf16_units(text: str) -> set[int]:
    """Return the distinct UTF-16 units of `text`; a character outside the basic plane has two."""
    data = text.encode("utf-16-le", "surrogatepass")
    return {data[i] | data[i + 1] << 8 for i in range(0, len(data), 2)}


def require_graph(*, dimension: int, tags: int, characters: int) -> None:
    """Raise `InputError` if no shipped graph accepts these numbers of dimensions, IOB2 tags and characters."""
    if dimension not in GRAPH_DIMENSIONS:
        fits = ", ".join(map(str, GRAPH_DIMENSIONS))
        raise InputError(
            f"no TensorFlow graph accepts embeddings of dimension {dimension}",
            hint=f"choose embeddings of one of these dimensions: {fits}; `alabtrain embeddings` lists them",
            code="no_graph",
        )
    if tags > MOST_TAGS:
        raise InputError(
            f"no TensorFlow graph accepts {tags} tags (at most {MOST_TAGS}, for {(MOST_TAGS - 1) // 2} labels)",
            hint="remove labels from the labeling config, or merge some",
            code="no_graph",
        )
    most = FEWER_CHARACTERS.get(dimension, MOST_CHARACTERS)
    # NerDL reserves one number for unknown characters.
    if characters + 1 > most:
        raise InputError(
            f"no TensorFlow graph accepts {characters} distinct characters (at most {most - 1})",
            hint="if the texts have several scripts, train on one language with --tags; `alabtrain check` counts the "
            "characters",
            code="no_graph",
        )

"""Counts the distinct characters of a training, for which the engine's graphs have a limit."""

from __future__ import annotations

from collections.abc import Iterable

from alabtrain.documents.tagging import Sentence
from alabtrain.trainers.corpus import Corpus
from alabtrain.trainers.nerdl.limits import utf16_units


def count_characters(corpus: Corpus, sentences: Iterable[Sentence]) -> int:
    """Return the number of distinct UTF-16 units in the tokens of the sentences."""
    found: set[int] = set()
    for sentence in sentences:
        text = corpus.documents[sentence.document].text
        for start, end in sentence.tokens:
            found.update(utf16_units(text[start:end]))
    return len(found)

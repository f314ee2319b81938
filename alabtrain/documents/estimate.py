"""Fast estimates of tokens and sentences, without Spark NLP."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from alabtrain.annotations.spans import Span

LONGEST = 512  # word pieces of a sentence that the encoders read
PIECES_PER_TOKEN = 1.4  # of MiniLM and BERT on English news and clinical text
_TOKEN = re.compile(r"\w+|[^\w\s]")
_SENTENCE_END = re.compile(r"[.!?]+[\"')\]]*\s+|\n\s*\n\s*")


@dataclass(slots=True)
class Estimate:
    """Sums over texts; sentences are guessed from punctuation, not found by Spark NLP."""

    tokens: int = 0
    sentences: int = 0
    without_spans: int = 0
    characters: set[str] = field(default_factory=set)

    def add(self, text: str, spans: Sequence[Span]) -> int:
        """Add a text with its spans (in text order); return how many of its sentences are too long."""
        self.tokens += len(_TOKEN.findall(text))
        self.characters.update(text)
        starts = [span.start for span in spans]
        too_long = 0
        for start, end in sentences(text):
            self.sentences += 1
            index = bisect_left(starts, start)
            self.without_spans += index == len(starts) or starts[index] >= end
            # A piece has at least one character.
            if end - start > LONGEST:
                too_long += len(_TOKEN.findall(text, start, end)) * PIECES_PER_TOKEN > LONGEST
        return too_long


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the estimated offsets of the sentences of a text; together they cover it."""
    borders = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    pairs = pairwise(borders)
    return [(start, end) for start, end in pairs if text[start:end].strip()]

"""Texts that are there twice, and cheap estimates of what the engine will make of a text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from alabtrain.examples.spans import Span
from alabtrain.findings import MAX_EXAMPLES, natural
from alabtrain.records import Identifier

LONGEST = 512  # word pieces of a sentence that the encoders read
PIECES_PER_TOKEN = 1.4  # of MiniLM and BERT on English news and clinical text
_TOKEN = re.compile(r"\w+|[^\w\s]")
_SENTENCE_END = re.compile(r"[.!?]+[\"')\]]*\s+|\n\s*\n\s*")


@dataclass(slots=True)
class TextIndex:
    """Which texts occur again, by hash: nothing of a text is kept."""

    first: dict[str, dict[int, Identifier]] = field(default_factory=lambda: {"train": {}, "test": {}})
    again: dict[str, Counter[int]] = field(default_factory=lambda: {"train": Counter(), "test": Counter()})

    def add(self, text: str, part: str, task_id: Identifier) -> None:
        """Note the text of a task."""
        key = hash(text.strip())
        if self.first[part].setdefault(key, task_id) != task_id:
            self.again[part][key] += 1

    def duplicates(self) -> tuple[int, tuple[str, ...]]:
        """Return how many texts repeat another one of their part, with the tasks that have it first."""
        places = [f"task {self.first[part][key]}" for part, found in self.again.items() for key in found]
        return sum(found.total() for found in self.again.values()), tuple(sorted(places, key=natural)[:MAX_EXAMPLES])

    def shared(self) -> tuple[int, tuple[str, ...]]:
        """Return how many test texts are training texts as well, with examples of both tasks."""
        train, test = self.first["train"], self.first["test"]
        keys = [key for key in test if key in train]
        count = sum(1 + self.again["test"][key] for key in keys)
        places = sorted((f"tasks {train[key]} and {test[key]}" for key in keys), key=natural)
        return count, tuple(places[:MAX_EXAMPLES])


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
    """Return where the sentences of a text probably begin and end; together they cover it."""
    borders = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    pairs = pairwise(borders)
    return [(start, end) for start, end in pairs if text[start:end].strip()]

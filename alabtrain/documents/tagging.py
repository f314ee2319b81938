"""From spans and tokens to IOB2 tags; every span that tags cannot represent is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from alabtrain.annotations.spans import Incident, Span

WIDENED = "widened"
LOSSES = {
    "no_token": "[span|spans] that [touches|touch] no token",
    "crosses_sentence": "[span|spans] across the end of a sentence",
    "token_taken": "[span|spans] in the token of an earlier span",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a document: its number and the offsets of its tokens in code points, `end` exclusive."""

    document: int
    number: int
    tokens: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Tagging:
    """IOB2 tags per sentence of one document: `entered == kept + len(lost)`; `widened` spans were kept."""

    tags: list[list[str]]
    kept: int = 0
    widened: list[Incident] = field(default_factory=list)
    lost: list[Incident] = field(default_factory=list)


def tag_document(spans: Sequence[Span], sentences: Sequence[Sentence]) -> Tagging:
    """Tag the tokens of a document's sentences with its spans, which must be in text order and not overlap.

    A span inside a token is widened to the token. If two spans share a token, the first one keeps it.
    """
    tagging = Tagging(tags=[["O"] * len(sentence.tokens) for sentence in sentences])
    for span in spans:
        touched = touched_tokens(span.start, span.end, sentences)
        loss = _why_lost(touched, tagging.tags)
        if loss:
            tagging.lost.append(Incident(loss, span.region_id, span.label))
            continue
        row, first = touched[0]
        last = touched[-1][1]
        tokens = sentences[row].tokens
        if (tokens[first][0], tokens[last][1]) != (span.start, span.end):
            tagging.widened.append(Incident(WIDENED, span.region_id, span.label))
        tags = tagging.tags[row]
        tags[first : last + 1] = [f"B-{span.label}"] + [f"I-{span.label}"] * (last - first)
        tagging.kept += 1
    return tagging


def touched_tokens(start: int, end: int, sentences: Sequence[Sentence]) -> list[tuple[int, int]]:
    """Return the tokens that overlap a span of the text, as (index in `sentences`, index in the sentence)."""
    return [
        (row, column)
        for row, sentence in enumerate(sentences)
        if sentence.tokens and sentence.tokens[0][0] < end and sentence.tokens[-1][1] > start
        for column, (first, last) in enumerate(sentence.tokens)
        if first < end and last > start
    ]


def _why_lost(touched: list[tuple[int, int]], tags: list[list[str]]) -> str:
    if not touched:
        return "no_token"
    if touched[0][0] != touched[-1][0]:
        return "crosses_sentence"
    if any(tags[row][column] != "O" for row, column in touched):
        return "token_taken"
    return ""


def utf16_units(text: str, offset: int) -> int:
    """Convert an offset in code points to UTF-16 units, as Java counts."""
    return len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2


def code_points(text: str, begins: Sequence[int], ends: Sequence[int]) -> list[tuple[int, int]]:
    """Convert Java's token offsets (UTF-16 units, `end` inclusive) to code points, `end` exclusive."""
    if all(ord(char) <= 0xFFFF for char in text):
        return [(begin, end + 1) for begin, end in zip(begins, ends, strict=True)]
    offset: list[int] = []
    for index, char in enumerate(text):
        offset.extend([index] * (2 if ord(char) > 0xFFFF else 1))
    offset.append(len(text))
    return [(offset[begin], offset[min(end + 1, len(offset) - 1)]) for begin, end in zip(begins, ends, strict=True)]

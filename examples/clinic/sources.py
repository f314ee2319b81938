"""Read the sources of the clinic project: notes/*.txt (inline markup) and team.yaml."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

NER_LABELS = ("Problem", "Treatment", "Test", "Anatomy")
STATUSES = ("Present", "Absent", "Past", "Possible")
URGENCIES = ("Routine", "Soon", "Emergency")
TOPICS = ("Cardiac", "Respiratory", "Surgical", "Medication", "Other")
SPLITS = ("Train", "Test", "-")
RELATIONS = ("treats", "shows")
MARKUP = re.compile(r"\[(?P<text>[^\[\]]*)\]\((?P<label>[^()\n]*)\)")


class SourceError(Exception):
    """Something in the sources cannot be used; the message names file and line."""


@dataclass(frozen=True)
class Span:
    """A labelled stretch of text."""

    start: int
    end: int
    label: str
    status: str = ""

    def overlaps(self, others: Iterable[Span]) -> bool:
        """Tell whether a character is shared with any of `others`."""
        return any(self.start < other.end and other.start < self.end for other in others)


@dataclass(frozen=True)
class Note:
    """One note with its gold annotation."""

    id: str
    title: str
    tag: str
    urgency: str
    topics: tuple[str, ...]
    text: str
    spans: tuple[Span, ...]
    relations: tuple[tuple[str, Span, Span], ...]


@dataclass(frozen=True)
class Style:
    """How a piece of work differs from the gold annotation."""

    miss: float = 0
    wide: float = 0
    narrow: float = 0
    blank: float = 0
    noise: float = 0
    wrong_choice: float = 0
    relabel: dict[str, tuple[str, float]] = field(default_factory=dict)
    restate: dict[str, tuple[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One completion of a story."""

    by: str
    style: str
    state: str = "submitted"
    star: bool = False
    review: str = ""
    copy: int | str = 0


@dataclass(frozen=True)
class Story:
    """What happens to a task, and how many tasks it happens to."""

    steps: tuple[Step, ...]
    train: int = 0
    test: int = 0


@dataclass(frozen=True)
class Team:
    """All of team.yaml."""

    project: str
    owner: str
    reviewer: str
    order: tuple[str, ...]
    utc_offset: dict[str, int]
    styles: dict[str, Style]
    stories: dict[str, Story]
    predictions: float
    pinned: dict[str, str]


def read_notes(folder: Path) -> list[Note]:
    """Read every notes file."""
    notes = [note for path in sorted(folder.glob("*.txt")) for note in read_file(path)]
    twice = [id_ for id_, count in Counter(note.id for note in notes).items() if count > 1]
    if twice:
        raise SourceError(f"{folder.name}: note ids used twice: {', '.join(twice)}")
    return notes


def read_file(path: Path) -> list[Note]:
    """Split a file at its headers."""
    lines = path.read_bytes().decode("utf-8").replace("\r\n", "\n").split("\n")
    heads = [number for number, line in enumerate(lines) if line.startswith("===")]
    if not heads or any(lines[: heads[0]]):
        raise SourceError(f"{path.name}:1: the file must begin with a header '=== id | tag | urgency | topics | title'")
    ends = [*heads[1:], len(lines)]
    return [read_note(path.name, lines[head:end], head + 1) for head, end in zip(heads, ends, strict=True)]


def read_note(name: str, lines: Sequence[str], first: int) -> Note:
    """Read one note: header line, then text with inline markup."""
    where = f"{name}:{first}"
    cells = [cell.strip() for cell in lines[0].removeprefix("===").split("|")]
    if len(cells) < 5 or not cells[0]:
        raise SourceError(f"{where}: a header is '=== id | tag | urgency | topics | title', got {lines[0]!r}")
    id_, tag, urgency, topics, title, *extras = cells
    eol, wanted = read_extras(where, extras)
    text, spans = read_body("\n".join(lines[1:]).rstrip(), name, first + 1, eol)
    chosen = () if topics == "-" else tuple(topic.strip() for topic in topics.split(","))
    check_values(where, [tag], SPLITS)
    check_values(where, [urgency], (*URGENCIES, "-"))
    check_values(where, chosen, TOPICS)
    relations = tuple(
        (kind, find_span(where, text, spans, source), find_span(where, text, spans, target))
        for kind, source, target in wanted
    )
    return Note(id_, title, tag, urgency.strip("-"), chosen, text, tuple(spans), relations)


def read_extras(where: str, extras: Sequence[str]) -> tuple[str, list[tuple[str, str, str]]]:
    """Read what may follow the title: line ends and relations."""
    eol, relations = "\n", []
    for extra in extras:
        key, _, value = extra.partition("=")
        source, arrow, target = value.partition(" > ")
        if extra == "eol=crlf":
            eol = "\r\n"
        elif key in RELATIONS and arrow:
            relations.append((key, source.strip(), target.strip()))
        else:
            raise SourceError(f"{where}: unknown header field {extra!r} (eol=crlf, treats=a > b, shows=a > b)")
    return eol, relations


def check_values(where: str, values: Iterable[str], allowed: Sequence[str]) -> None:
    """Refuse a value that is not allowed."""
    for value in values:
        if value not in allowed:
            raise SourceError(f"{where}: {value!r} is not one of {', '.join(allowed)}")


def find_span(where: str, text: str, spans: Sequence[Span], wanted: str) -> Span:
    """Return the first span with this text."""
    for span in spans:
        if text[span.start : span.end] == wanted:
            return span
    raise SourceError(f"{where}: a relation names {wanted!r}, which is not a span of this note")


def read_body(body: str, name: str, first: int, eol: str) -> tuple[str, list[Span]]:
    """Return the text without markup, and its spans."""
    text, spans, done = "", [], 0
    for match in MARKUP.finditer(body):
        where = f"{name}:{first + body.count(chr(10), 0, match.start())}"
        text += plain(body, done, match.start(), name, first).replace("\n", eol)
        words = match["text"].replace("\n", eol)
        if not words or words != words.strip():
            raise SourceError(f"{where}: a span must not be empty or begin or end with a blank: {match[0]!r}")
        label, _, status = match["label"].partition(":")
        check_values(where, [label], NER_LABELS)
        check_values(where, [status], STATUSES if label == "Problem" else ("",))
        spans.append(Span(len(text), len(text) + len(words), label, status))
        text, done = text + words, match.end()
    return text + plain(body, done, len(body), name, first).replace("\n", eol), spans


def plain(body: str, start: int, end: int, name: str, first: int) -> str:
    """Return text between two spans; brackets in it are an error."""
    bracket = re.search(r"[\[\]]", body[start:end])
    if bracket:
        line = first + body.count("\n", 0, start + bracket.start())
        raise SourceError(f"{name}:{line}: unclosed, overlapping or nested markup at {bracket[0]!r}")
    return body[start:end]


def read_team(path: Path) -> Team:
    """Read team.yaml."""
    yaml: Any = import_module("yaml")
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        raw["styles"] = {name: Style(**style) for name, style in raw["styles"].items()}
        for name, story in raw["stories"].items():
            story["steps"] = tuple(Step(**step) for step in story["steps"])
            raw["stories"][name] = Story(**story)
        check_values(path.name, raw["pinned"].values(), tuple(raw["stories"]))
        return Team(**{**raw, "order": tuple(raw["order"])})
    except (KeyError, TypeError) as error:
        raise SourceError(f"{path.name}: {error}") from error

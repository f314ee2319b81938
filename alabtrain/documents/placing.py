"""Statuses on the tokens of sentences; every status that has no place there is counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from alabtrain.annotations.statuses import Status
from alabtrain.core.findings import Finding, Tally
from alabtrain.core.funnel import Stage
from alabtrain.documents import tagging as tag_rules
from alabtrain.documents.document import Document
from alabtrain.documents.tagging import Sentence, touched_tokens


@dataclass(frozen=True, slots=True)
class PlacedStatus:
    """A status on the tokens `first` to `last` (inclusive) of a sentence."""

    sentence: Sentence
    first: int
    last: int
    status: Status


@dataclass(frozen=True, slots=True)
class Placing:
    """The placed statuses of all documents, and the account of those that have no place."""

    placed: list[PlacedStatus]
    stage: Stage
    findings: list[Finding]


def place_statuses(documents: Sequence[Document], sentences: Sequence[Sentence]) -> Placing:
    """Put statuses on the tokens that their regions touch; those that touch none, or two sentences, are counted."""
    by_document: dict[int, list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        by_document[sentence.document].append(sentence)
    tally = Tally()
    placed: list[PlacedStatus] = []
    for number, document in enumerate(documents):
        for status in document.statuses:
            touched = touched_tokens(status.start, status.end, by_document[number])
            loss = "no_token" if not touched else "crosses_sentence" if touched[0][0] != touched[-1][0] else ""
            if loss:
                tally.add(loss, f"task {document.task_id}, region {status.region_id} ({status.label})")
                continue
            row, first = touched[0]
            placed.append(PlacedStatus(by_document[number][row], first, touched[-1][1], status))
    lost = {code: tally.counts[code] for code in tag_rules.LOSSES if tally.counts.get(code)}
    stage = Stage("place statuses", "statuses", len(placed) + sum(lost.values()), lost)
    texts = {code: text.replace("[span|spans]", "[status|statuses]") for code, text in tag_rules.LOSSES.items()}
    found = [tally.finding(code, "warning", f"left out: {{count}} {text}") for code, text in texts.items()]
    return Placing(placed, stage, [finding for finding in found if finding is not None])

"""Aligns statuses with the tokens of sentences; every status that cannot be aligned is counted."""

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
class AlignedStatus:
    """A status on the tokens `first` to `last` (inclusive) of a sentence."""

    sentence: Sentence
    first: int
    last: int
    status: Status


@dataclass(frozen=True, slots=True)
class StatusAlignment:
    """The aligned statuses of all documents, and the counts of those that cannot be aligned."""

    aligned: list[AlignedStatus]
    stage: Stage
    findings: list[Finding]


def align_statuses(documents: Sequence[Document], sentences: Sequence[Sentence]) -> StatusAlignment:
    """Align statuses with the tokens that their regions touch; those that touch none, or two sentences, are lost."""
    by_document: dict[int, list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        by_document[sentence.document].append(sentence)
    tally = Tally()
    aligned: list[AlignedStatus] = []
    for number, document in enumerate(documents):
        for status in document.statuses:
            touched = touched_tokens(status.start, status.end, by_document[number])
            loss = "no_token" if not touched else "crosses_sentence" if touched[0][0] != touched[-1][0] else ""
            if loss:
                tally.add(loss, f"task {document.task_id}, region {status.region_id} ({status.label})")
                continue
            row, first = touched[0]
            aligned.append(AlignedStatus(by_document[number][row], first, touched[-1][1], status))
    lost = {code: tally.counts[code] for code in tag_rules.LOSSES if tally.counts.get(code)}
    stage = Stage("place statuses", "statuses", len(aligned) + sum(lost.values()), lost)
    texts = {code: text.replace("[span|spans]", "[status|statuses]") for code, text in tag_rules.LOSSES.items()}
    found = [tally.finding(code, "warning", f"left out: {{count}} {text}") for code, text in texts.items()]
    return StatusAlignment(aligned, stage, [finding for finding in found if finding is not None])

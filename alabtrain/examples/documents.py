"""Chosen completions to documents with spans: the texts that a tagger trains on, and what was lost on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from alabtrain.accounting import Funnel, Stage
from alabtrain.errors import InputError
from alabtrain.examples import spans as span_rules
from alabtrain.examples.spans import Incident, Span, read_spans
from alabtrain.examples.split import Part, Split
from alabtrain.findings import Finding, Tally
from alabtrain.reading.parsing import regions
from alabtrain.records import Completion, Identifier, Task
from alabtrain.select import Decision

HINTS = {
    "misaligned": "correct these regions in the tool; `alabtrain why PROJECT TASK` names them",
    "unknown_label": "add the label to the labeling config, or rename it in the tool",
    "overlap": "a token can have one label only; shorten or remove one of the regions",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its spans (in text order, not overlapping), from one chosen completion."""

    task_id: Identifier
    completion_id: Identifier
    text: str
    spans: tuple[Span, ...]
    part: Part


@dataclass(slots=True)
class Documents:
    """All documents of a project, with the account of what did not become one."""

    documents: list[Document] = field(default_factory=list)
    funnel: Funnel = field(default_factory=Funnel)
    findings: list[Finding] = field(default_factory=list)

    def part(self, part: Part) -> list[Document]:
        """Return the documents of one part of the split."""
        return [document for document in self.documents if document.part == part]


def read_documents(
    tasks: Iterable[Task],
    decisions: Iterable[Decision],
    *,
    text_key: str,
    labels: Collection[str] | None,
    ignored: Collection[str],
    split: Split,
    strict: bool,
) -> Documents:
    """Read the chosen completion of each task into a document.

    `labels` are the NER labels of the labeling config (None: there is no config, take all), `ignored` its
    assertion labels. With `strict`, any repair or loss of a region raises `InputError`.
    """
    taken = {d.task_id: d for d in decisions if d.completion_id is not None}
    out = Documents()
    texts_lost: Counter[str] = Counter()
    tally = Tally()
    entered = kept = 0
    for task in tasks:
        decision = taken.get(task.id)
        if decision is None:
            continue
        text = task.data.get(text_key)
        if not isinstance(text, str) or not text.strip():
            reason = "empty_text" if isinstance(text, str) else "no_text"
            texts_lost[reason] += 1
            tally.add(reason, f"task {task.id}")
            continue
        completion = _completion(task, decision)
        reading = read_spans(text, regions(completion, tally=tally, task_id=task.id), labels, ignored)
        entered += reading.entered
        kept += len(reading.spans)
        for incident in [*reading.repaired, *reading.lost]:
            _account(incident, task, tally, strict)
        part = split.part(task.id, decision.tags)
        out.documents.append(Document(task.id, completion.id, text, tuple(reading.spans), part))
    # The order of tasks in the file must not matter to anything that follows.
    out.documents.sort(key=lambda document: (str(type(document.task_id)), document.task_id))
    losses = {code: tally.counts[code] for code in span_rules.LOSSES if tally.counts.get(code)}
    out.funnel = Funnel(
        (
            Stage("read text", "tasks", len(out.documents) + texts_lost.total(), dict(texts_lost)),
            Stage("place in text", "spans", entered, losses),
        )
    )
    out.findings = _findings(tally)
    return out


def _completion(task: Task, decision: Decision) -> Completion:
    return next(c for c in task.completions if c.id == decision.completion_id)


def _account(incident: Incident, task: Task, tally: Tally, strict: bool) -> None:
    place = f"task {task.id}, region {incident.region_id} ({incident.label})"
    if strict:
        text = {**span_rules.LOSSES, **span_rules.REPAIRS}[incident.code]
        raise InputError(f"--strict: {text}", where=place, code=incident.code)
    tally.add(incident.code, place)


def _findings(tally: Tally) -> list[Finding]:
    found = [
        tally.finding("no_text", "warning", "{count} chosen tasks have no text under the key that the config names"),
        tally.finding("empty_text", "warning", "{count} chosen tasks have an empty text"),
        tally.finding("region_without_value", "warning", "{count} regions have no value and were passed over"),
        tally.finding("region_without_label", "warning", "{count} regions have no label and were passed over"),
        tally.finding("unsupported_region", "warning", "{count} regions are of a kind that cannot be trained on"),
    ]
    for code, text in span_rules.LOSSES.items():
        found.append(tally.finding(code, "warning", f"{{count}} {text} were left out", HINTS.get(code, "")))
    for code, text in span_rules.REPAIRS.items():
        found.append(tally.finding(code, "info", f"{{count}} {text}"))
    return [finding for finding in found if finding is not None]

"""Chosen completions to documents with spans: the texts that a tagger trains on, and what was lost on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from alabtrain.accounting import Funnel, Stage
from alabtrain.errors import InputError
from alabtrain.examples import spans as span_rules
from alabtrain.examples.copies import TextIndex
from alabtrain.examples.spans import Incident, Span, read_spans
from alabtrain.examples.split import Part, Split, keep_together
from alabtrain.findings import Finding, Tally
from alabtrain.reading.parsing import regions
from alabtrain.records import Completion, Identifier, Region, Task
from alabtrain.select import Decision

BROKEN = {
    "region_without_value": "[region|regions] without a value",
    "region_without_label": "[region|regions] without a label",
    "unsupported_region": "[region|regions] of a kind that cannot be trained on",
}
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


@dataclass(frozen=True, slots=True)
class TextOptions:
    """What of a completion makes a document.

    `key` is the key of the text in a task's data; `name` the name of its tag in the labeling config, where the
    config has several texts (else ""). `labels` are the NER labels (None: there is no config, take all), `ignored`
    its assertion labels. With `strict`, any repair or loss of a region raises `InputError`.
    """

    key: str = "text"
    name: str = ""
    labels: Collection[str] | None = None
    ignored: Collection[str] = ()
    strict: bool = False


def read_documents(
    tasks: Iterable[Task], decisions: Iterable[Decision], *, options: TextOptions, split: Split
) -> Documents:
    """Read the chosen completion of each task into a document; the order of the tasks does not matter."""
    taken = {d.task_id: d for d in decisions if d.completion_id is not None}
    reader = _Reader(options)
    for task in tasks:
        decision = taken.get(task.id)
        if decision is not None:
            reader.read(task, decision, split)
    reader.documents.sort(key=lambda document: (str(type(document.task_id)), document.task_id))
    together = keep_together((document.text, document.part) for document in reader.documents)
    documents = [replace(document, part=part) for document, part in zip(reader.documents, together, strict=True)]
    return Documents(documents, reader.funnel(), [*_leaks(documents), *_findings(reader.tally)])


@dataclass(slots=True)
class _Reader:
    options: TextOptions
    documents: list[Document] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    texts_lost: Counter[str] = field(default_factory=Counter)
    entered: int = 0

    def read(self, task: Task, decision: Decision, split: Split) -> None:
        completion = _completion(task, decision)
        broken = Tally()
        found = regions(completion, tally=broken, task_id=task.id)
        self._add_broken(broken, task)
        text = task.data.get(self.options.key)
        if not isinstance(text, str) or not text.strip():
            self._lose_text(task, found, "empty_text" if isinstance(text, str) else "no_text")
            return
        options = self.options
        reading = read_spans(text, found, options.labels, options.ignored, options.name)
        self.entered += reading.entered
        for incident in [*reading.repaired, *reading.lost]:
            _account(incident, task, self.tally, options.strict)
        part = split.part(task.id, decision.tags)
        self.documents.append(Document(task.id, completion.id, text, tuple(reading.spans), part))

    def funnel(self) -> Funnel:
        losses = {
            code: self.tally.counts[code] for code in (*BROKEN, *span_rules.LOSSES) if self.tally.counts.get(code)
        }
        texts = len(self.documents) + self.texts_lost.total()
        return Funnel(
            (
                Stage("read text", "tasks", texts, dict(self.texts_lost)),
                Stage("place in text", "spans", self.entered, losses),
            )
        )

    def _add_broken(self, broken: Tally, task: Task) -> None:
        for code, count in broken.counts.items():
            if self.options.strict:
                raise InputError(f"--strict: {BROKEN[code]}", where=broken.examples[code][0], code=code)
            self.entered += count
            self.tally.add(code, f"task {task.id}", count)

    def _lose_text(self, task: Task, found: Sequence[Region], code: str) -> None:
        self.texts_lost[code] += 1
        self.tally.add(code, f"task {task.id}")
        spans = sum(label not in self.options.ignored for region in found for label in region.labels)
        if spans:
            self.entered += spans
            self.tally.add("text_missing", f"task {task.id}", spans)


def _completion(task: Task, decision: Decision) -> Completion:
    return next(c for c in task.completions if c.id == decision.completion_id)


def _account(incident: Incident, task: Task, tally: Tally, strict: bool) -> None:
    place = f"task {task.id}, region {incident.region_id} ({incident.label})"
    if strict:
        text = {**span_rules.LOSSES, **span_rules.REPAIRS}[incident.code]
        raise InputError(f"--strict: {text}", where=place, code=incident.code)
    tally.add(incident.code, place)


def _leaks(documents: Iterable[Document]) -> list[Finding]:
    texts = TextIndex()
    for document in documents:
        # What validates is a share of the training texts, as in the checks.
        texts.add(document.text, "test" if document.part == "test" else "train", document.task_id)
    return texts.leaked()


def _findings(tally: Tally) -> list[Finding]:
    found = [
        tally.finding(
            "no_text", "warning", "{count} chosen [task has|tasks have] no text under the key that the config names"
        ),
        tally.finding("empty_text", "warning", "{count} chosen [task has|tasks have] an empty text"),
    ]
    for code, text in {**BROKEN, **span_rules.LOSSES}.items():
        found.append(tally.finding(code, "warning", f"left out: {{count}} {text}", HINTS.get(code, "")))
    for code, text in span_rules.REPAIRS.items():
        found.append(tally.finding(code, "info", f"repaired: {{count}} {text}"))
    return [finding for finding in found if finding is not None]

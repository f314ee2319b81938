"""From chosen completions to documents: texts with spans, statuses and classes, and the losses on the way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alabtrain.annotations import classes as class_rules
from alabtrain.annotations import spans as span_rules
from alabtrain.annotations import statuses as status_rules
from alabtrain.annotations.classes import ClassReading, read_classes
from alabtrain.annotations.ledger import Ledger
from alabtrain.annotations.spans import Span, read_spans
from alabtrain.annotations.statuses import Status, read_statuses
from alabtrain.core.findings import Finding, Tally
from alabtrain.core.funnel import Funnel, Stage
from alabtrain.documents.document import BEYOND_SHARE, Document, Documents, chosen_completion, leaks
from alabtrain.documents.split import Split, keep_together
from alabtrain.labeling.config import Choices
from alabtrain.project.parsing import regions
from alabtrain.project.records import Completion, Region, Task
from alabtrain.selection.select import Decision

if TYPE_CHECKING:
    from alabtrain.pages.options import PageOptions

BROKEN = {
    "region_without_value": "[region|regions] without a value",
    "region_without_label": "[region|regions] without a label",
    "unsupported_region": "[region|regions] of a type that cannot be trained on",
}
HINTS = {
    "misaligned": "correct these regions in the tool; `alabtrain why PROJECT TASK` names them",
    "unknown_label": "add the label to the labeling config, or rename it in the tool",
    "overlap": "a token can have only one label: shorten or remove one of the regions",
}


NO_TEXT = {
    "no_text": "{count} chosen [task has|tasks have] no text under the key that the labeling config names",
    "empty_text": "{count} chosen [task has|tasks have] an empty text",
}
NO_CHOICE = "{count} chosen [task has|tasks have] no usable choice, so [it is|they are] not used for classification"


@dataclass(frozen=True, slots=True)
class TextOptions:
    """Which annotations of a completion become part of a document.

    `key` is the key of the text in a task's data; `name` the name of its tag in the labeling config if the
    config has several texts (else ""). `labels` are the NER labels (None: without a config, use all), `ignored`
    its assertion labels. With `strict`, any repair or loss of a region raises `InputError`.

    `choices` is the group to read (None: classes are not read); `only_choices` means that it is the only group, so
    that results without a group name belong to it. `statuses` are the assertion labels to read (None: statuses are
    not read), `unlabeled_status` is the status of NER regions without one. Without `spans`, NER regions are read only
    if statuses need them. With `pages`, documents are pages and not texts (`documents.pages`).
    """

    key: str = "text"
    name: str = ""
    labels: Collection[str] | None = None
    ignored: Collection[str] = ()
    strict: bool = False
    choices: Choices | None = None
    statuses: Collection[str] | None = None
    unlabeled_status: str | None = None
    only_choices: bool = False
    spans: bool = True
    pages: PageOptions | None = None


def read_documents(
    tasks: Iterable[Task], decisions: Iterable[Decision], *, options: TextOptions, split: Split
) -> Documents:
    """Return a document for each chosen completion; the order of the tasks does not matter."""
    taken = {d.task_id: d for d in decisions if d.completion_id is not None}
    reader = _Reader(options)
    for task in tasks:
        decision = taken.get(task.id)
        if decision is not None and split.keeps(task.id, decision.tags):
            reader.read(task, decision, split)
        elif decision is not None:
            reader.leave_out(task)
    reader.documents.sort(key=lambda document: (str(type(document.task_id)), document.task_id))
    together = keep_together((document.text, document.part) for document in reader.documents)
    documents = [replace(document, part=part) for document, part in zip(reader.documents, together, strict=True)]
    return Documents(documents, reader.funnel(), [*leaks(documents), *reader.findings()])


class _Reader:
    """Reads one chosen completion after the other, with a ledger for each requested type of annotation."""

    def __init__(self, options: TextOptions) -> None:
        self.options = options
        self.documents: list[Document] = []
        self._without_text = Tally()
        # A label that is both counts as NER label: as a status it would apply to itself.
        self._status_labels = set(options.statuses or ()) - set(options.labels or ())
        self._ignored = self._status_labels.union(options.ignored)
        self._spans = _span_ledger(options) if options.spans or options.statuses is not None else None
        self._choices = _choice_ledger(options) if options.choices is not None else None
        self._statuses = _status_ledger(options) if options.statuses is not None else None

    def read(self, task: Task, decision: Decision, split: Split) -> None:
        completion = chosen_completion(task, decision)
        found = self._regions(completion, task)
        text = task.data.get(self.options.key)
        if not isinstance(text, str) or not text.strip():
            self._lose_text(task, completion, found, "empty_text" if isinstance(text, str) else "no_text")
            return
        spans, statuses = self._read_regions(text, found, task)
        choices = self._read_choices(completion, task)
        part = split.part(task.id, decision.tags)
        self.documents.append(Document(task.id, completion.id, text, spans, part, choices, statuses))

    def leave_out(self, task: Task) -> None:
        """Count a task outside the share that is used."""
        self._without_text.add(BEYOND_SHARE, f"task {task.id}")

    def funnel(self) -> Funnel:
        losses = dict(self._without_text.counts)
        texts = len(self.documents) + sum(losses.values())
        return Funnel((Stage("read text", "tasks", texts, losses), *(ledger.to_stage() for ledger in self._ledgers())))

    def findings(self) -> list[Finding]:
        tasks = [self._without_text.finding(code, "warning", message) for code, message in NO_TEXT.items()]
        found = [finding for finding in tasks if finding is not None]
        return found + [finding for ledger in self._ledgers() for finding in ledger.findings()]

    def _ledgers(self) -> list[Ledger]:
        return [ledger for ledger in (self._spans, self._choices, self._statuses) if ledger is not None]

    def _regions(self, completion: Completion, task: Task) -> list[Region]:
        broken = Tally()
        found = regions(completion, tally=broken, task_id=task.id)
        if self._spans is not None:
            for code, count in broken.counts.items():
                self._spans.require_lenient(code, broken.examples[code][0])
                self._spans.lose(code, task.id, count)
        return found

    def _read_regions(
        self, text: str, found: Sequence[Region], task: Task
    ) -> tuple[tuple[Span, ...], tuple[Status, ...]]:
        options = self.options
        if self._spans is None:
            return (), ()
        reading = read_spans(text, found, options.labels, self._ignored, options.name)
        self._spans.take(reading.entered, [*reading.repaired, *reading.lost], task.id)
        if self._statuses is None:
            return tuple(reading.spans), ()
        paired = read_statuses(
            text, found, reading.aligned, self._status_labels, options.unlabeled_status, options.name
        )
        self._statuses.take(paired.entered, [*paired.repaired, *paired.lost, *paired.noted], task.id)
        return tuple(reading.spans), tuple(paired.statuses)

    def _read_choices(self, completion: Completion, task: Task) -> tuple[str, ...] | None:
        if self._choices is None:
            return None
        reading = self._chosen(completion)
        self._choices.take(reading.entered, reading.lost, task.id)
        if not reading.values:
            self._choices.tally.add("no_choice", f"task {task.id}")
        return reading.values or None

    def _chosen(self, completion: Completion) -> ClassReading:
        options = self.options
        if options.choices is None:
            return ClassReading()
        return read_classes(completion.result, options.choices, only_group=options.only_choices, text_name=options.name)

    def _lose_text(self, task: Task, completion: Completion, found: Sequence[Region], code: str) -> None:
        self._without_text.add(code, f"task {task.id}")
        labels = [label for region in found for label in region.labels]
        if self._spans is not None:
            self._spans.lose("text_missing", task.id, sum(label not in self._ignored for label in labels))
        if self._choices is not None:
            self._choices.lose("text_missing", task.id, self._chosen(completion).entered)
        if self._statuses is not None:
            self._statuses.lose("text_missing", task.id, sum(label in self._status_labels for label in labels))


def _span_ledger(options: TextOptions) -> Ledger:
    losses = {**BROKEN, **span_rules.LOSSES}
    return Ledger("place in text", "spans", losses, span_rules.REPAIRS, hints=HINTS, strict=options.strict)


def _choice_ledger(options: TextOptions) -> Ledger:
    notes = {"no_choice": NO_CHOICE}
    return Ledger(
        "read choices",
        "choices",
        class_rules.LOSSES,
        notes=notes,
        hints=class_rules.HINTS,
        strict=options.strict,
    )


def _status_ledger(options: TextOptions) -> Ledger:
    return Ledger(
        "pair statuses",
        "statuses",
        status_rules.LOSSES,
        status_rules.REPAIRS,
        status_rules.NOTES,
        status_rules.HINTS,
        options.strict,
    )

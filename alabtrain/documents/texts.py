"""From chosen completions to documents: texts with spans, statuses and classes, and the losses on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alabtrain.annotations import classes as class_rules
from alabtrain.annotations import spans as span_rules
from alabtrain.annotations import statuses as status_rules
from alabtrain.annotations.account import ItemAccount
from alabtrain.annotations.ledger import Ledger
from alabtrain.annotations.reader import AnnotationReader, Reading
from alabtrain.annotations.request import Request
from alabtrain.core.findings import Finding, Tally
from alabtrain.core.funnel import Funnel, Stage
from alabtrain.documents.document import BEYOND_SHARE, Document, Documents, chosen_completion, leaks
from alabtrain.documents.split import Split, keep_together
from alabtrain.project.records import Task
from alabtrain.selection.select import Decision

if TYPE_CHECKING:
    from alabtrain.pages.options import PageOptions

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
class DocumentRequest(Request):
    """What to read of the chosen completions, and how.

    Attributes:
        strict: any repair or loss of an annotation raises `InputError`.
        pages: documents are pages and not texts (`documents.pages`), read with these options.
        name_groups: the account names the groups of choices, as where several may be read.
    """

    strict: bool = False
    pages: PageOptions | None = None
    name_groups: bool = False


def read_documents(
    tasks: Iterable[Task], decisions: Iterable[Decision], *, request: DocumentRequest, split: Split
) -> Documents:
    """Return a document for each chosen completion; the order of the tasks does not matter."""
    taken = {d.task_id: d for d in decisions if d.completion_id is not None}
    reader = _Reader(request)
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
    """Reads one chosen completion after the other; there is a ledger for each type of example that was asked for."""

    def __init__(self, request: DocumentRequest) -> None:
        self.documents: list[Document] = []
        self.items = ItemAccount()
        self._request = request
        self._reader = AnnotationReader(request)
        self._without_text = Tally()
        self._spans = _span_ledger(request) if request.reads_spans else None
        self._choices = {group.name: _choice_ledger(request, group.name) for group in request.groups or ()}
        self._statuses = _status_ledger(request) if request.statuses is not None else None

    def read(self, task: Task, decision: Decision, split: Split) -> None:
        completion = chosen_completion(task, decision)
        reading = self._reader.read(task, completion)
        self.items.take(reading.items)
        self._count(task, reading)
        if reading.text is None:
            self._without_text.add(reading.no_text, f"task {task.id}")
            return
        spans = tuple(reading.spans.spans) if self._spans is not None else ()
        part = split.part(task.id, decision.tags)
        choices = {group: classes.values for group, classes in reading.choices.items() if classes.values}
        statuses = tuple(reading.statuses.statuses)
        self.documents.append(Document(task.id, completion.id, reading.text, spans, part, choices, statuses))

    def leave_out(self, task: Task) -> None:
        """Count a task that is beyond the share that is used."""
        self._without_text.add(BEYOND_SHARE, f"task {task.id}")

    def funnel(self) -> Funnel:
        losses = dict(self._without_text.counts)
        texts = len(self.documents) + sum(losses.values())
        ledgers = (ledger.to_stage() for ledger in self._ledgers())
        return Funnel((Stage("read text", "tasks", texts, losses), *ledgers, self.items.to_stage()))

    def findings(self) -> list[Finding]:
        tasks = [self._without_text.finding(code, "warning", message) for code, message in NO_TEXT.items()]
        found = [finding for finding in tasks if finding is not None]
        return [*found, *(f for ledger in self._ledgers() for f in ledger.findings()), *self.items.findings()]

    def _ledgers(self) -> list[Ledger]:
        return [ledger for ledger in (self._spans, *self._choices.values(), self._statuses) if ledger is not None]

    def _count(self, task: Task, reading: Reading) -> None:
        spans, statuses = reading.spans, reading.statuses
        if self._spans is not None:
            self._spans.take(spans.entered, [*spans.repaired, *spans.lost], task.id)
        if self._statuses is not None:
            self._statuses.take(statuses.entered, [*statuses.repaired, *statuses.lost, *statuses.noted], task.id)
        for group, classes in reading.choices.items():
            ledger = self._choices[group]
            ledger.take(classes.entered, classes.lost, task.id)
            if reading.text is not None and not classes.values:
                ledger.tally.add("no_choice", f"task {task.id}")


def _span_ledger(request: DocumentRequest) -> Ledger:
    return Ledger("place in text", "spans", span_rules.LOSSES, span_rules.REPAIRS, hints=HINTS, strict=request.strict)


def _choice_ledger(request: DocumentRequest, group: str) -> Ledger:
    notes = {"no_choice": NO_CHOICE}
    return Ledger(
        "read choices",
        f"choices of {group}" if request.name_groups else "choices",
        class_rules.LOSSES,
        notes=notes,
        hints=class_rules.HINTS,
        strict=request.strict,
    )


def _status_ledger(request: DocumentRequest) -> Ledger:
    return Ledger(
        "pair statuses",
        "statuses",
        status_rules.LOSSES,
        status_rules.REPAIRS,
        status_rules.NOTES,
        status_rules.HINTS,
        request.strict,
    )

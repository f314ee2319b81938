"""Documents: the examples that the chosen completions become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from alabtrain.annotations.boxes import LabelledBox
from alabtrain.annotations.spans import Span
from alabtrain.annotations.statuses import Status
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Funnel
from alabtrain.documents.copies import TextIndex
from alabtrain.documents.split import Part
from alabtrain.pages.text import PageText
from alabtrain.project.records import Completion, Identifier, Task
from alabtrain.selection.select import Decision

BEYOND_SHARE = "beyond_share"


@dataclass(frozen=True, slots=True)
class PageExample:
    """The page of a document's text, and its annotated boxes."""

    text: PageText
    boxes: tuple[LabelledBox, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its spans (in text order, not overlapping), from one chosen completion.

    `choices` has its classes by the name of their group, in the order of the config; a group without a class is not in
    it. `statuses` are the assertion statuses of its NER regions, in text order. Both are only there if they were
    requested. `page` is set if the text is that of a page (`documents.pages`).
    """

    task_id: Identifier
    completion_id: Identifier
    text: str
    spans: tuple[Span, ...]
    part: Part
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    statuses: tuple[Status, ...] = ()
    page: PageExample | None = None


@dataclass(slots=True)
class Documents:
    """All documents of a project, with the losses on the way."""

    documents: list[Document] = field(default_factory=list)
    funnel: Funnel = field(default_factory=Funnel)
    findings: list[Finding] = field(default_factory=list)

    def part(self, part: Part) -> list[Document]:
        """Return the documents of one part of the split."""
        return [document for document in self.documents if document.part == part]


def chosen_completion(task: Task, decision: Decision) -> Completion:
    """Return the selected completion of a task."""
    return next(c for c in task.completions if c.id == decision.completion_id)


def leaks(documents: Iterable[Document]) -> list[Finding]:
    """Report texts that are in both the training set and the test set."""
    texts = TextIndex()
    for document in documents:
        # The validation set is a share of the training texts, as in the checks.
        texts.add(document.text, "test" if document.part == "test" else "train", document.task_id)
    return texts.leaked()

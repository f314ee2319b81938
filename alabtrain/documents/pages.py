"""From chosen completions to page documents: one document per page, its boxes as spans of the page's text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from alabtrain.annotations.boxes import HINTS as BOX_HINTS
from alabtrain.annotations.boxes import LOSSES, NOTES, LabelledBox, read_boxes
from alabtrain.annotations.ledger import Ledger
from alabtrain.annotations.spans import Incident, Span
from alabtrain.core.findings import Finding, Tally
from alabtrain.core.funnel import Funnel, Stage
from alabtrain.documents.document import BEYOND_SHARE, Document, Documents, PageExample, chosen_completion, leaks
from alabtrain.documents.split import Split, keep_together
from alabtrain.pages.findings import word_findings
from alabtrain.pages.options import PageOptions
from alabtrain.pages.text import PageText, page_text
from alabtrain.pages.words import Page, read_pages
from alabtrain.project.records import Identifier, Task
from alabtrain.selection.select import Decision

TORN = "torn_box"
NO_PAGE, NO_WORD = "no_page_in_task", "no_word_on_page"
LOSSES_OF_PAGES = {
    NO_PAGE: "neither an image nor words under the keys of the labeling config",
    NO_WORD: "no word on the page",
}
EMPTY = {
    NO_PAGE: f"{{count}} chosen [task has|tasks have] no page: {LOSSES_OF_PAGES[NO_PAGE]}",
    NO_WORD: "{count} [page has|pages have] no words and cannot be used for training",
}
OCR_HINT = "run OCR in the tool, or let alabtrain do it (pip install 'alabtrain[ocr]')"


def read_page_documents(
    tasks: Iterable[Task], decisions: Iterable[Decision], *, options: PageOptions, split: Split
) -> Documents:
    """Return one document per page of the chosen completions; the order of the tasks does not matter."""
    taken = {d.task_id: d for d in decisions if d.completion_id is not None}
    reader = _Reader(options)
    paged = reader.paged(tasks, taken, split)
    for task, pages in paged if options.source is None else options.source.fill(paged):
        reader.read(task, pages, taken[task.id], split)
    reader.documents.sort(key=lambda d: (str(type(d.task_id)), d.task_id, d.page.text.number if d.page else 0))
    together = keep_together((document.text, document.part) for document in reader.documents)
    documents = [replace(document, part=part) for document, part in zip(reader.documents, together, strict=True)]
    return Documents(documents, reader.funnel(), [*leaks(documents), *reader.findings()])


@dataclass(slots=True)
class _Reader:
    options: PageOptions
    documents: list[Document] = field(default_factory=list)
    tasks: Tally = field(default_factory=Tally)
    words: Tally = field(default_factory=Tally)
    read_tasks: int = 0
    boxes: Ledger = field(init=False)

    def __post_init__(self) -> None:
        notes = {code: f"{{count}} {text}" for code, text in NOTES.items()}
        notes[TORN] = "{count} [box is|boxes are] split by the reading order; each part is a separate entity"
        self.boxes = Ledger(
            "place on words", "boxes", LOSSES, notes=notes, hints=BOX_HINTS, strict=self.options.strict
        )  # fmt: skip

    def paged(
        self, tasks: Iterable[Task], taken: Mapping[Identifier, Decision], split: Split
    ) -> Iterator[tuple[Task, list[Page]]]:
        """Yield the tasks with a selected completion, with their pages."""
        for task in tasks:
            if task.id not in taken:
                continue
            pages = read_pages(task, self.options.image_key, tally=self.words)
            if not split.keeps(task.id, taken[task.id].tags):
                self.tasks.add(BEYOND_SHARE, f"task {task.id}")
            elif not pages:
                self._lose(task, taken[task.id])
            else:
                self.read_tasks += 1
                yield task, pages

    def _lose(self, task: Task, decision: Decision) -> None:
        """Count a task without pages, and its boxes as lost."""
        self.tasks.add(NO_PAGE, f"task {task.id}")
        reading = read_boxes(chosen_completion(task, decision).result, (), self.options.labels)
        self.boxes.take(reading.entered, reading.lost, task.id)

    def read(self, task: Task, pages: Sequence[Page], decision: Decision, split: Split) -> None:
        """Create the documents of a task's pages, which may have been completed by OCR."""
        completion = chosen_completion(task, decision)
        reading = read_boxes(completion.result, pages, self.options.labels)
        noted = list(reading.noted)
        part = split.part(task.id, decision.tags)
        for page in reading.pages:
            text = page_text(page, self.options.window)
            if text is None:
                self.words.add(NO_WORD, f"task {task.id}, page {page.number}")
                continue
            boxes = tuple(box for box in reading.boxes if box.page == page.number)
            spans, torn = spans_of(text, boxes)
            noted += torn
            example = PageExample(text, boxes)
            self.documents.append(Document(task.id, completion.id, text.text, spans, part, page=example))
        self.boxes.take(reading.entered, [*reading.lost, *noted], task.id)

    def funnel(self) -> Funnel:
        tasks = self.read_tasks + sum(self.tasks.counts.values())
        empty = self.words.counts.get(NO_WORD, 0)
        pages = Stage("read words", "pages", len(self.documents) + empty, {NO_WORD: empty} if empty else {})
        return Funnel((Stage("read pages", "tasks", tasks, dict(self.tasks.counts)), pages, self.boxes.to_stage()))

    def findings(self) -> list[Finding]:
        read = self.options.source.findings() if self.options.source is not None else []
        empty = [
            self.tasks.finding(NO_PAGE, "warning", EMPTY[NO_PAGE]),
            self.words.finding(NO_WORD, "warning", EMPTY[NO_WORD], OCR_HINT),
        ]
        return [
            *read,
            *(found for found in empty if found is not None),
            *word_findings(self.words),
            *self.boxes.findings(),
        ]


def spans_of(text: PageText, boxes: Iterable[LabelledBox]) -> tuple[tuple[Span, ...], list[Incident]]:
    """Return boxes as spans of a page's text, in text order, and those that the reading order splits.

    Each part of a split box becomes a span: consecutive words in one window.
    """
    read_at = {index: number for number, index in enumerate(text.order)}
    spans: list[Span] = []
    torn: list[Incident] = []
    for box in boxes:
        pieces = _pieces(text, sorted(read_at[index] for index in box.words))
        spans += [Span(text.spans[a][0], text.spans[b][1], box.label, box.region_id) for a, b in pieces]
        if len(pieces) > 1:
            torn.append(Incident(TORN, box.region_id, box.label))
    return tuple(sorted(spans)), torn


def _pieces(text: PageText, numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Return the first and last of consecutive words that have no end of a window between them."""
    pieces: list[tuple[int, int]] = []
    for number in numbers:
        begin = text.spans[number][0]
        if pieces and pieces[-1][1] == number - 1 and text.text[begin - 1] != "\n":
            pieces[-1] = (pieces[-1][0], number)
        else:
            pieces.append((number, number))
    return pieces

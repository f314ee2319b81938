"""Reads a completion as a training would: spans, statuses and choices to compare."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from alabtrain.annotations import classes as class_rules
from alabtrain.annotations import spans as span_rules
from alabtrain.annotations import statuses as status_rules
from alabtrain.annotations.ledger import Ledger
from alabtrain.annotations.reader import AnnotationReader, Reading
from alabtrain.annotations.request import Request, request_everything
from alabtrain.annotations.spans import Span
from alabtrain.annotations.statuses import Edges
from alabtrain.core.findings import Finding, Tally
from alabtrain.documents.texts import HINTS
from alabtrain.labeling.config import CHOICES, SPANS, STATUSES, Annotation, Choices, LabelingConfig
from alabtrain.project.records import Completion, Task

# Several spans on the same words are valid annotations, even if a tagger cannot learn all of them.
_KEPT = ("duplicate_span", "overlap")
_NO_TEXT = (
    "{count} [task with several annotators has|tasks with several annotators have] no text under the key that the "
    "labeling config names; spans are not compared there"
)


@dataclass(frozen=True, slots=True)
class Content:
    """The content of one completion: its spans, the statuses by start and end, and the choices by group.

    `spans` are None if there is no text. A group without choices has an empty set.
    """

    spans: frozenset[Span] | None = None
    statuses: Mapping[Edges, str] = field(default_factory=dict)
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict)


class ContentReader:
    """Reads completions one by one and counts losses by the codes of a training.

    `annotations` are those to read of spans, statuses and choices. Without a labeling config, all labels are spans, and
    every group of choices allows several.
    """

    def __init__(self, config: LabelingConfig | None, annotations: Collection[Annotation]) -> None:
        self._reads: dict[Annotation, bool] = {one: one in annotations for one in (SPANS, STATUSES, CHOICES)}
        self._reader = AnnotationReader(_request(config, self._reads))
        losses = {code: text for code, text in span_rules.LOSSES.items() if code not in _KEPT}
        self._spans = Ledger("compare spans", "spans", losses, span_rules.REPAIRS, hints=HINTS)
        self._statuses = Ledger(
            "compare statuses", "statuses", status_rules.LOSSES, status_rules.REPAIRS, hints=status_rules.HINTS
        )
        self._choices = Ledger("compare choices", "choices", class_rules.LOSSES, hints=class_rules.HINTS)
        self._without_text = Tally()

    def read(self, task: Task, completions: Mapping[str, Completion]) -> dict[str, Content]:
        """Return the content of each of these completions of a task, by the same keys."""
        readings = {name: self._reader.read(task, completion) for name, completion in completions.items()}
        if self._reads_regions and any(reading.text is None for reading in readings.values()):
            self._without_text.add("no_text", f"task {task.id}")
        return {name: self._content(task, reading) for name, reading in readings.items()}

    def findings(self) -> list[Finding]:
        """Return findings about losses and repairs."""
        missing = self._without_text.finding("no_text", "warning", _NO_TEXT)
        ledgers: dict[Annotation, Ledger] = {SPANS: self._spans, STATUSES: self._statuses, CHOICES: self._choices}
        found = [
            finding
            for annotation, ledger in ledgers.items()
            if self._reads[annotation]
            for finding in ledger.findings()
        ]
        return [missing, *found] if missing else found

    @property
    def _reads_regions(self) -> bool:
        return self._reads[SPANS] or self._reads[STATUSES]

    def _content(self, task: Task, reading: Reading) -> Content:
        for classes in reading.choices.values():
            self._choices.take(classes.entered, classes.lost, task.id)
        choices = {group: frozenset(classes.values) for group, classes in reading.choices.items()}
        if reading.text is None or not self._reads_regions:
            return Content(choices=choices)
        lost = [incident for incident in reading.spans.lost if incident.code not in _KEPT]
        self._spans.take(len(reading.spans.aligned) + len(lost), [*reading.spans.repaired, *lost], task.id)
        paired = reading.statuses
        self._statuses.take(paired.entered, [*paired.repaired, *paired.lost], task.id)
        statuses = {(status.start, status.end): status.label for status in paired.statuses}
        return Content(frozenset(reading.spans.aligned), statuses, choices)


def _request(config: LabelingConfig | None, reads: Mapping[Annotation, bool]) -> Request:
    """Return the request for the annotations to compare; assertion labels are no spans, compared or not."""
    everything = request_everything(config)
    return replace(
        everything,
        spans=reads[SPANS] or reads[STATUSES],
        ignored=everything.status_labels,
        statuses=everything.statuses if reads[STATUSES] else None,
        groups=_first_of_each_name(everything.groups) if reads[CHOICES] else (),
        choices_without_text=True,
        boxes=False,
    )


def _first_of_each_name(groups: tuple[Choices, ...] | None) -> tuple[Choices, ...] | None:
    if groups is None:
        return None
    return tuple({group.name: group for group in reversed(groups)}.values())

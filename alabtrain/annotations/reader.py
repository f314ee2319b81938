"""The one reader of annotations: what a completion says.

check, train, evaluate, agreement, explain and rank all ask it, so that an annotation is read, repaired, lost and
counted in one way. It returns the spans, statuses, choices, boxes and relations that were asked for, and the fate
of every result item.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from alabtrain.annotations.boxes import TRANSCRIPT, BoxReading, read_boxes
from alabtrain.annotations.classes import ClassReading, read_classes
from alabtrain.annotations.items import Region, control_of, read_regions
from alabtrain.annotations.relations import RelationReading, read_relations
from alabtrain.annotations.request import Request
from alabtrain.annotations.spans import Incident, SpanReading, read_spans
from alabtrain.annotations.statuses import StatusReading, read_statuses
from alabtrain.core.json import JsonObject
from alabtrain.labeling.config import Choices
from alabtrain.pages.words import Page
from alabtrain.project.records import Completion, Task

USED: Final = "used"
NOT_TRAINED: Final = "not_trained_on"
NO_TEXT, EMPTY_TEXT, TEXT_MISSING = "no_text", "empty_text", "text_missing"


@dataclass(frozen=True, slots=True)
class ItemFate:
    """What became of one result item: `used`, `not_trained_on`, or the reason code of its loss.

    `control` names the control of the config that made it, with the type of the item.
    """

    control: str
    fate: str


@dataclass(slots=True)
class Reading:
    """What one completion says.

    Attributes:
        text: the text of the task; None if it has none that is usable, and `no_text` then is the code of the reason.
        regions: the labelled spans as stored, before they are aligned.
        spans, statuses, boxes, relations: what was asked for, with what was repaired and lost.
        choices: by the name of the group.
        items: the fate of each result item, in their order.
    """

    text: str | None = None
    no_text: str = ""
    regions: Sequence[Region] = ()
    spans: SpanReading = field(default_factory=SpanReading)
    statuses: StatusReading = field(default_factory=StatusReading)
    choices: dict[str, ClassReading] = field(default_factory=dict)
    boxes: BoxReading = field(default_factory=BoxReading)
    relations: RelationReading = field(default_factory=RelationReading)
    items: tuple[ItemFate, ...] = ()

    @property
    def region_labels(self) -> list[str]:
        """The labels of all regions; none without a text, as there is nothing that they could be about."""
        return [label for region in self.regions for label in region.labels] if self.text is not None else []


class AnnotationReader:
    """Reads completions for one request; it keeps nothing of them."""

    def __init__(self, request: Request) -> None:
        self.request = request

    def read(self, task: Task, completion: Completion, pages: Sequence[Page] = (), *, unread: bool = False) -> Reading:
        """Return what a completion says of its task.

        `pages` are those of the task where boxes are asked for; with `unread`, pages without words are assumed to be
        read later (see `read_boxes`).
        """
        request = self.request
        reading = Reading()
        text = task.data.get(request.text_key)
        if isinstance(text, str) and text.strip():
            reading.text = text
        else:
            reading.no_text = EMPTY_TEXT if isinstance(text, str) else NO_TEXT
        if request.reads_spans:
            self._read_spans(completion, reading)
        if request.statuses is not None:
            self._read_statuses(reading)
        for group in self._groups(completion):
            reading.choices[group.name] = self._read_group(completion, group, reading)
        if request.boxes:
            reading.boxes = read_boxes(completion.result, pages, request.box_labels, unread=unread)
        if request.relations is not None:
            reading.relations = read_relations(
                completion.result, reading.spans.aligned, request.relations, has_text=reading.text is not None
            )
        reading.items = tuple(_fates(completion.result, reading))
        return reading

    def _read_spans(self, completion: Completion, reading: Reading) -> None:
        request, spans = self.request, reading.spans
        regions, broken = read_regions(completion.result)
        reading.regions = regions
        if reading.text is None:
            lost = [(region, label) for region in regions for label in region.labels]
            spans.lost = [_missing(region, label) for region, label in lost if label not in request.other_labels]
            spans.entered = len(spans.lost)
        else:
            reading.spans = spans = read_spans(
                reading.text, regions, request.labels, request.other_labels, request.text_name
            )
        spans.lost += [Incident(code, f"#{item}", "", item) for code, item in broken]
        spans.entered += len(broken)

    def _read_statuses(self, reading: Reading) -> None:
        request = self.request
        if reading.text is None:
            statuses = reading.statuses
            labels = [(region, label) for region in reading.regions for label in region.labels]
            statuses.lost = [_missing(region, label) for region, label in labels if label in request.status_labels]
            statuses.entered = len(statuses.lost)
            return
        reading.statuses = read_statuses(
            reading.text,
            reading.regions,
            reading.spans.aligned,
            request.status_labels,
            request.unlabeled_status,
            request.text_name,
        )

    def _read_group(self, completion: Completion, group: Choices, reading: Reading) -> ClassReading:
        request = self.request
        classes = read_classes(completion.result, group, only_group=request.only_group, text_name=request.text_name)
        if reading.text is None and not request.choices_without_text:
            items = [*classes.items, *(incident.item for incident in classes.lost)]
            lost = [Incident(TEXT_MISSING, "", "", item) for item in items]
            return ClassReading(entered=classes.entered, lost=lost)
        return classes

    def _groups(self, completion: Completion) -> Iterable[Choices]:
        if self.request.groups is not None:
            return self.request.groups
        return groups_of(completion)


def groups_of(completion: Completion) -> list[Choices]:
    """Return the groups of choices that a completion has, each once; without a config each may allow several."""
    names = (item.get("from_name") for item in completion.result if item.get("type") == "choices")
    unique = dict.fromkeys(name for name in names if isinstance(name, str) and name)
    return [Choices(name, mode="multiple") for name in unique]


def _missing(region: Region, label: str) -> Incident:
    return Incident(TEXT_MISSING, region.id, label, region.item)


def _fates(result: Sequence[JsonObject], reading: Reading) -> Iterable[ItemFate]:
    """Yield the fate of each result item: used where one of its labels or values is, else its first loss."""
    used = {
        *(span.item for span in reading.spans.spans),
        *(status.item for status in reading.statuses.statuses),
        *(item for classes in reading.choices.values() for item in classes.items),
        *(box.item for box in reading.boxes.boxes),
        *(relation.item for relation in reading.relations.relations),
    }
    lost: dict[int, str] = {}
    choices = [incident for classes in reading.choices.values() for incident in classes.lost]
    others = [*reading.boxes.lost, *reading.relations.lost]
    for incident in [*reading.spans.lost, *reading.statuses.lost, *choices, *others]:
        lost.setdefault(incident.item, incident.code)
    boxes = {result[box.item].get("id") for box in reading.boxes.boxes}
    for index, item in enumerate(result):
        is_transcript = item.get("type") == TRANSCRIPT and item.get("id") is not None and item.get("id") in boxes
        fate = USED if index in used or is_transcript else lost.get(index, NOT_TRAINED)
        yield ItemFate(control_of(item), fate)

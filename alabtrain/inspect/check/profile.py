"""The input of the checks: counts from one pass over the chosen completions."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import Literal

from alabtrain.annotations.account import ItemAccount
from alabtrain.annotations.boxes import BOXES, BoxReading
from alabtrain.annotations.classes import ClassReading
from alabtrain.annotations.reader import AnnotationReader, Reading, groups_of
from alabtrain.annotations.request import request_everything
from alabtrain.annotations.spans import Incident
from alabtrain.annotations.statuses import StatusReading
from alabtrain.core.findings import Tally
from alabtrain.documents.copies import TextIndex
from alabtrain.inspect.check.texts import Estimate
from alabtrain.labeling.choices import default_groups
from alabtrain.labeling.config import Choices, LabelingConfig
from alabtrain.pages.findings import picture_code
from alabtrain.pages.images import ImageProblem, probe
from alabtrain.pages.words import Page, read_pages
from alabtrain.project.project import Project
from alabtrain.project.records import Completion, Task
from alabtrain.project.source import Source
from alabtrain.selection.select import Decision, Selection
from alabtrain.trainers.visual_ner.options import VisualNerOptions

Part = Literal["train", "test"]
Types = tuple[str, ...]
CLASSES = "classification:"
Counts = dict[str, Counter[str]]
"""By label: how many usable examples each part has."""


@dataclass(slots=True)
class PageCounts:
    """The pages of the training part: `all` of them, those with boxes, those without words, words and windows."""

    all: int = 0
    boxed: int = 0
    wordless: int = 0
    words: int = 0
    windows: int = 0


@dataclass(slots=True)
class Profile:
    """Counts of the chosen completions of a project.

    `examples` are by type and label; `used` counts every label in the results, usable or not;
    `tally` counts incidents by code, `status_tally`, `class_tally`, `page_tally` and `picture_tally` those of assertion
    labels, choices, boxes and images of pages; `asserted` are the NER labels with at least one assertion label,
    `unasserted` counts entities without one by NER label; `unticked` counts tasks without a choice by group; `visual`
    are the training options for pages. The tag `Test` decides the part; without it, all tasks are for training.
    """

    config: LabelingConfig | None
    types: Types = ()
    selected: int = 0
    parts: Counter[str] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Counts] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Counter)))
    used: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    tally: Tally = field(default_factory=Tally)
    status_tally: Tally = field(default_factory=Tally)
    class_tally: Tally = field(default_factory=Tally)
    page_tally: Tally = field(default_factory=Tally)
    picture_tally: Tally = field(default_factory=Tally)
    pages: PageCounts = field(default_factory=PageCounts)
    asserted: set[str] = field(default_factory=set)
    unasserted: Tally = field(default_factory=Tally)
    unticked: Tally = field(default_factory=Tally)
    texts: TextIndex = field(default_factory=TextIndex)
    training: Estimate = field(default_factory=Estimate)
    visual: VisualNerOptions = field(default_factory=VisualNerOptions)
    items: ItemAccount = field(default_factory=ItemAccount)

    def count(self, label_type: str, label: str, part: str) -> None:
        """Count an example of a label."""
        self.examples[label_type][label][part] += 1

    def group(self, label_type: str) -> Choices | None:
        """Return the group of the config for a label type `classification:<group>`."""
        groups = self.config.choices if self.config else ()
        return next((group for group in groups if class_type(group.name) == label_type), None)

    def is_dynamic(self, label_type: str) -> bool:
        """Whether the choices come from the tasks: they may be text of a document and must not be shown."""
        group = self.group(label_type)
        return group is not None and group.dynamic

    def is_left(self, label_type: str) -> bool:
        """Whether a label type is a group of choices that is not trained by default."""
        if self.config is None or not label_type.startswith(CLASSES):
            return False
        return all(class_type(group.name) != label_type for group in default_groups(self.config))


def read_profile(project: Project, selection: Selection, visual: VisualNerOptions | None = None) -> Profile:
    """Read the chosen completion of each task; memory does not grow with the texts."""
    taken = {d.task_id: d for d in selection.decisions if d.completion_id is not None}
    profile = Profile(project.config, visual=visual or VisualNerOptions())
    reader = _Reader(profile, project.source)
    for task in project.tasks():
        decision = taken.get(task.id)
        if decision is not None:
            reader.read(task, decision)
    profile.selected = sum(profile.parts.values())
    profile.types = profile.config.types if profile.config else _guessed(profile)
    return profile


class _Reader:
    """Adds one chosen completion after the other to a profile."""

    def __init__(self, profile: Profile, source: Source) -> None:
        self.profile = profile
        self.source = source
        self.members = source.members()
        config = profile.config
        self.needs_text = config is not None and bool(config.texts)
        self.image_key = config.image_key if config else "image"
        self.request = replace(request_everything(config), choices_without_text=True)
        self.usable = {group.name for group in config.usable_choices} if config else set()
        self.regional = {group.name for group in config.choices if group.per_region} if config else set()

    def read(self, task: Task, decision: Decision) -> None:
        profile = self.profile
        location = f"task {task.id}"
        part = self._part(decision, location)
        profile.parts[part] += 1
        profile.tags.update(decision.tags)
        completion = next(c for c in task.completions if c.id == decision.completion_id)
        if not completion.result:
            profile.tally.add("empty_result", location)
        pages = self._pages(task, completion)
        request = replace(self.request, groups=tuple(self._groups_of(completion)), boxes=pages is not None)
        reading = AnnotationReader(request).read(task, completion, pages or (), unread=True)
        profile.items.take(reading.items)
        if reading.text is not None:
            self._count_text(reading.text, reading, task, part)
        elif self.needs_text or reading.regions:
            profile.tally.add(reading.no_text, location)
        self._count_choices(reading, task, part)
        if pages is not None:
            self._count_boxes(reading.boxes, pages, task, part)

    def _part(self, decision: Decision, location: str) -> Part:
        tags = {tag.casefold() for tag in decision.tags}
        if "test" not in tags:
            return "train"
        if "train" in tags:
            self.profile.tally.add("both_tags", location)
        return "test"

    def _count_text(self, text: str, reading: Reading, task: Task, part: Part) -> None:
        profile, tally = self.profile, self.profile.tally
        profile.texts.add(text, part, task.id)
        for incident in [*reading.spans.repaired, *reading.spans.lost]:
            tally.add(incident.code, _location(task, incident))
        for span in reading.spans.spans:
            profile.count("ner", span.label, part)
        for region in reading.regions:
            for label in region.labels:
                profile.used["assertion" if label in self.request.status_labels else "ner"][label] += 1
        self._count_statuses(reading.statuses, task, part)
        if part == "train":
            too_long = profile.training.add(text, reading.spans.spans)
            if too_long:
                tally.add("long_sentence", f"task {task.id}", too_long)

    def _count_statuses(self, reading: StatusReading, task: Task, part: Part) -> None:
        profile = self.profile
        for incident in [*reading.repaired, *reading.lost]:
            profile.status_tally.add(incident.code, _location(task, incident))
        for status in reading.statuses:
            profile.count("assertion", status.label, part)
            profile.asserted.add(status.span_label)
        for incident in reading.noted:
            profile.unasserted.add(incident.label, f"task {task.id}")

    def _count_choices(self, reading: Reading, task: Task, part: Part) -> None:
        """Count every group that a classifier could be trained on; without a text there are no examples."""
        profile = self.profile
        for name, classes in reading.choices.items():
            label_type = class_type(name)
            profile.used[label_type].update(_named(classes))
            if profile.config is not None and name not in self.usable:
                continue
            location = f"task {task.id} ({name})"
            for code, count in Counter(incident.code for incident in classes.lost).items():
                profile.class_tally.add(code, location, count)
            if not classes.entered:
                profile.unticked.add(name, f"task {task.id}")
            for value in classes.values if reading.text is not None else ():
                profile.count(label_type, value, part)

    def _groups_of(self, completion: Completion) -> list[Choices]:
        """Return the groups of the config, and other groups of the completion."""
        own = {group.name: group for group in reversed(self.request.groups or ())}
        others = [group for group in groups_of(completion) if group.name not in own and group.name not in self.regional]
        return [*own.values(), *others]

    def _pages(self, task: Task, completion: Completion) -> list[Page] | None:
        """Return the pages of a task if there is or could be a box on them."""
        if not self.request.box_labels and not any(item.get("type") == BOXES for item in completion.result):
            return None
        return read_pages(task, self.image_key, tally=self.profile.page_tally)

    def _count_boxes(self, reading: BoxReading, pages: list[Page], task: Task, part: Part) -> None:
        profile = self.profile
        for page in pages:
            self._look_at(page, f"task {task.id}, page {page.number}")
        if part == "train":
            profile.pages.all += len(reading.pages)
            profile.pages.boxed += len({box.page for box in reading.boxes})
            profile.pages.wordless += sum(not page.words for page in pages)
            profile.pages.words += sum(len(page.words) for page in pages)
            profile.pages.windows += sum(-(-len(page.words) // profile.visual.window) for page in pages)
        for incident in [*reading.lost, *reading.noted]:
            profile.page_tally.add(incident.code, _location(task, incident))
        for box in reading.boxes:
            profile.count("visual_ner", box.label, part)
        for label in [*(box.label for box in reading.boxes), *(i.label for i in reading.lost if i.label)]:
            profile.used["visual_ner"][label] += 1

    def _look_at(self, page: Page, location: str) -> None:
        try:
            probe(self.source, self.members, page.image)
        except ImageProblem as problem:
            self.profile.picture_tally.add(picture_code(problem, has_words=bool(page.words)), location)


def _location(task: Task, incident: Incident) -> str:
    label = f" ({incident.label})" if incident.label else ""
    return f"task {task.id}, region {incident.region_id}{label}"


def class_type(group: str) -> str:
    """Return the label type of a group of choices."""
    return f"{CLASSES}{group}"


def _named(reading: ClassReading) -> list[str]:
    """Return the choices of a reading for the whole text, usable or not."""
    lost = ("unknown_choice", "several_choices", "duplicate_choice")
    return [*reading.values, *(incident.label for incident in reading.lost if incident.code in lost and incident.label)]


def _guessed(profile: Profile) -> Types:
    """Return the types that occur in the results, used if there is no labeling config."""
    types = {label_type.partition(":")[0] for label_type in profile.used}
    return tuple(label_type for label_type in ("ner", "classification", "visual_ner") if label_type in types)

"""The input of the checks: counts from one pass over the chosen completions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from alabtrain.annotations.boxes import BOXES, BoxReading
from alabtrain.annotations.reader import AnnotationReader, Reading, groups_of
from alabtrain.annotations.request import Request, request_everything
from alabtrain.annotations.spans import Incident
from alabtrain.annotations.statuses import StatusReading
from alabtrain.core.options import Options
from alabtrain.labeling.config import CHOICES, Choices
from alabtrain.pages.findings import picture_code
from alabtrain.pages.images import ImageProblem, probe
from alabtrain.pages.words import Page, read_pages
from alabtrain.project.project import Project
from alabtrain.project.records import Completion, Task
from alabtrain.project.source import Source
from alabtrain.selection.select import Decision, Selection
from alabtrain.trainers.profile import Part, Profile
from alabtrain.trainers.registry import model_types, type_names, types_in


def read_profile(project: Project, selection: Selection, learning: Mapping[str, Options]) -> Profile:
    """Read the chosen completion of each task; memory does not grow with the texts.

    `learning` are the options of a training by type.
    """
    taken = {d.task_id: d for d in selection.decisions if d.completion_id is not None}
    profile = Profile(project.config, learning=learning)
    reader = _Reader(profile, project.source)
    for task in project.tasks():
        decision = taken.get(task.id)
        if decision is not None:
            reader.read(task, decision)
    profile.selected = sum(profile.parts.values())
    profile.types = types_in(profile.config) if profile.config else _guessed(profile)
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
        self._count_choices(reading, task)
        self._count_types(reading, request, part)
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
        self._count_statuses(reading.statuses, task)
        if part == "train":
            too_long = profile.training.add(text, reading.spans.spans)
            if too_long:
                tally.add("long_sentence", f"task {task.id}", too_long)

    def _count_statuses(self, reading: StatusReading, task: Task) -> None:
        profile = self.profile
        for incident in [*reading.repaired, *reading.lost]:
            profile.status_tally.add(incident.code, _location(task, incident))
        for status in reading.statuses:
            profile.asserted.add(status.span_label)
        for incident in reading.noted:
            profile.unasserted.add(incident.label, f"task {task.id}")

    def _count_types(self, reading: Reading, request: Request, part: Part) -> None:
        """Count examples and labels of each type; of choices, only groups that a classifier could be trained on."""
        profile = self.profile
        for one in model_types():
            groups = {one.label_type(name): name for name in reading.choices} if one.annotates == CHOICES else {}
            examples, used = one.count(reading, request)
            for label_type, label in examples:
                if profile.config is None or groups.get(label_type) in {None, *self.usable}:
                    profile.count(label_type, label, part)
            # A group was met, even if it has no choice that can be named.
            for label_type in dict.fromkeys([*groups, *(label_type for label_type, _label in used)]):
                profile.used[label_type].update(label for of, label in used if of == label_type)

    def _count_choices(self, reading: Reading, task: Task) -> None:
        """Count the losses of every group that a classifier could be trained on."""
        profile = self.profile
        for name, classes in reading.choices.items():
            if profile.config is not None and name not in self.usable:
                continue
            location = f"task {task.id} ({name})"
            for code, count in Counter(incident.code for incident in classes.lost).items():
                profile.class_tally.add(code, location, count)
            if not classes.entered:
                profile.unticked.add(name, f"task {task.id}")

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
            profile.pages.sizes.update(len(page.words) for page in pages)
        for incident in [*reading.lost, *reading.noted]:
            profile.page_tally.add(incident.code, _location(task, incident))

    def _look_at(self, page: Page, location: str) -> None:
        try:
            probe(self.source, self.members, page.image)
        except ImageProblem as problem:
            self.profile.picture_tally.add(picture_code(problem, has_words=bool(page.words)), location)


def _location(task: Task, incident: Incident) -> str:
    label = f" ({incident.label})" if incident.label else ""
    return f"task {task.id}, region {incident.region_id}{label}"


def _guessed(profile: Profile) -> tuple[str, ...]:
    """Return the types that occur in the results, used if there is no labeling config."""
    types = {label_type.partition(":")[0] for label_type in profile.used}
    return tuple(name for name in type_names() if name in types)

"""One pass over the chosen completions that keeps only counts: what the checks look at."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from alabtrain.checks.texts import Estimate
from alabtrain.config import LabelingConfig
from alabtrain.examples.copies import TextIndex
from alabtrain.examples.offsets import OffsetReader
from alabtrain.examples.spans import read_spans
from alabtrain.findings import Tally
from alabtrain.project import Project
from alabtrain.reading.parsing import choices, regions
from alabtrain.records import Completion, Region, Task
from alabtrain.select import Decision, Selection

Part = Literal["train", "test"]
Types = tuple[str, ...]
Counts = dict[str, Counter[str]]
"""By label: how many usable examples each part has."""


@dataclass(slots=True)
class Profile:
    """What the chosen completions of a project hold, in numbers.

    `examples` are by type and label; `used` counts every label as it stands in the results, usable or not;
    `tally` counts incidents by code; `asserted` are the NER labels that an assertion label ever stands on,
    `unasserted` counts entities without one by NER label. Parts go by the tag `Test`; without one all is training.
    """

    config: LabelingConfig | None
    types: Types = ()
    selected: int = 0
    parts: Counter[str] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Counts] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Counter)))
    used: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    tally: Tally = field(default_factory=Tally)
    asserted: set[str] = field(default_factory=set)
    unasserted: Tally = field(default_factory=Tally)
    texts: TextIndex = field(default_factory=TextIndex)
    training: Estimate = field(default_factory=Estimate)

    def count(self, kind: str, label: str, part: str) -> None:
        """Count an example of a label."""
        self.examples[kind][label][part] += 1


def read_profile(project: Project, selection: Selection) -> Profile:
    """Read the chosen completion of each task; memory does not grow with the texts."""
    taken = {d.task_id: d for d in selection.decisions if d.completion_id is not None}
    profile = Profile(project.config)
    reader = _Reader(profile)
    for task in project.tasks():
        decision = taken.get(task.id)
        if decision is not None:
            reader.read(task, decision)
    profile.selected = sum(profile.parts.values())
    profile.types = profile.config.types if profile.config else _guessed(profile)
    return profile


class _Reader:
    """Adds one chosen completion after the other to a profile."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        config = profile.config
        self.text_key = config.text_key if config else "text"
        self.needs_text = config is not None and bool(config.texts)
        self.ner = {label.name for label in config.ner_labels} if config else None
        self.statuses = {label.name for label in config.assertion_labels} if config else set()
        self.boxes = {label.name for label in config.rectangle_labels} if config else None
        self.groups = {group.name: group for group in config.choices} if config else {}

    def read(self, task: Task, decision: Decision) -> None:
        profile = self.profile
        place = f"task {task.id}"
        part = self._part(decision, place)
        profile.parts[part] += 1
        profile.tags.update(decision.tags)
        completion = next(c for c in task.completions if c.id == decision.completion_id)
        if not completion.result:
            profile.tally.add("empty_result", place)
        text = task.data.get(self.text_key)
        if isinstance(text, str) and text.strip():
            self._read_text(text, task, completion, part)
        elif self.needs_text or regions(completion):
            profile.tally.add("empty_text" if isinstance(text, str) else "no_text", place)
        self._read_choices(task, completion, part)
        self._read_boxes(completion, part, place)

    def _part(self, decision: Decision, place: str) -> Part:
        tags = {tag.casefold() for tag in decision.tags}
        if "test" not in tags:
            return "train"
        if "train" in tags:
            self.profile.tally.add("both_tags", place)
        return "test"

    def _read_text(self, text: str, task: Task, completion: Completion, part: Part) -> None:
        profile, tally = self.profile, self.profile.tally
        found = regions(completion, tally=tally, task_id=task.id)
        profile.texts.add(text, part, task.id)
        reading = read_spans(text, found, self.ner, self.statuses)
        for incident in [*reading.repaired, *reading.lost]:
            tally.add(incident.code, f"task {task.id}, region {incident.region_id} ({incident.label})")
        for span in reading.spans:
            profile.count("ner", span.label, part)
        for region in found:
            for label in region.labels:
                profile.used["assertion" if label in self.statuses else "ner"][label] += 1
        if self.statuses:
            self._read_statuses(OffsetReader(text), found, task, part)
        if part == "train":
            too_long = profile.training.add(text, reading.spans)
            if too_long:
                tally.add("long_sentence", f"task {task.id}", too_long)

    def _read_statuses(self, reader: OffsetReader, found: list[Region], task: Task, part: Part) -> None:
        """Match assertion labels with the entities that they stand on, by place."""
        entities: dict[tuple[int, int], set[str]] = defaultdict(set)
        statuses: dict[tuple[int, int], dict[str, str]] = defaultdict(dict)
        for region in found:
            where = reader.locate(region.start, region.end, region.text)
            for label in region.labels:
                if label in self.statuses and where is None:
                    place = f"task {task.id}, region {region.id} ({label})"
                    self.profile.tally.add("misaligned_status", place)
                elif label in self.statuses and where is not None:
                    statuses[where[:2]][label] = region.id
                elif where is not None and (self.ner is None or label in self.ner):
                    entities[where[:2]].add(label)
        for span, labels in statuses.items():
            place = f"task {task.id}, region {next(iter(labels.values()))} ({', '.join(labels)})"
            if span not in entities:
                self.profile.tally.add("status_without_entity", place)
            elif len(labels) > 1:
                self.profile.tally.add("several_statuses", place)
            else:
                self.profile.count("assertion", next(iter(labels)), part)
        for span, names in entities.items():
            if span in statuses:
                self.profile.asserted |= names
            else:
                for name in names:
                    self.profile.unasserted.add(name, f"task {task.id}")

    def _read_choices(self, task: Task, completion: Completion, part: Part) -> None:
        profile, tally = self.profile, self.profile.tally
        ticked: dict[str, list[str]] = defaultdict(list)
        for choice in choices(completion, tally=tally, task_id=task.id):
            if choice.start is None:
                ticked[choice.from_name] += choice.choices
        for name, values in ticked.items():
            group = self.groups.get(name)
            for value in values:
                profile.used[_group(name)][value] += 1
            if group is not None and group.mode == "single" and len(set(values)) > 1:
                tally.add("several_choices", f"task {task.id} ({name})")
                continue
            for value in dict.fromkeys(values):
                profile.count(_group(name), value, part)
        for name, group in self.groups.items():
            if name not in ticked and not group.per_region:
                tally.add(f"unticked:{name}", f"task {task.id}")

    def _read_boxes(self, completion: Completion, part: Part, place: str) -> None:
        for item in completion.result:
            if item.get("type") != "rectanglelabels":
                continue
            labels = _box_labels(item)
            if not labels:
                self.profile.tally.add("region_without_label", place)
            for label in labels:
                self.profile.used["visual_ner"][label] += 1
                if self.boxes is None or label in self.boxes:
                    self.profile.count("visual_ner", label, part)
                else:
                    self.profile.tally.add("unknown_box_label", f"{place} ({label})")


def _group(name: str) -> str:
    return f"classification:{name}"


def _box_labels(item: Mapping[str, Any]) -> list[str]:
    value = item.get("value")
    names = value.get("rectanglelabels") if isinstance(value, dict) else None
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _guessed(profile: Profile) -> Types:
    """Return the types that the results speak of, where no labeling config tells."""
    kinds = {kind.partition(":")[0] for kind in profile.used}
    return tuple(kind for kind in ("ner", "classification", "visual_ner") if kind in kinds)

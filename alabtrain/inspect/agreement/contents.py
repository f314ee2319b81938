"""Reads a completion as a training would: spans, statuses and choices to compare."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from alabtrain.annotations import classes as class_rules
from alabtrain.annotations import spans as span_rules
from alabtrain.annotations import statuses as status_rules
from alabtrain.annotations.classes import read_classes
from alabtrain.annotations.ledger import Ledger
from alabtrain.annotations.spans import Span, read_spans
from alabtrain.annotations.statuses import Edges, read_statuses
from alabtrain.core.findings import Finding, Tally
from alabtrain.documents.texts import BROKEN, HINTS
from alabtrain.labeling.config import Choices, LabelingConfig
from alabtrain.project.parsing import regions
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

    `types` are those to read of ner, assertion and classification. Without a labeling config, all labels are spans,
    and every group of choices allows several.
    """

    def __init__(self, config: LabelingConfig | None, types: Collection[str]) -> None:
        self._config = config
        self._key = config.text_key if config else "text"
        self._name = config.text_name if config and len(config.texts) > 1 else ""
        self._labels = {label.name for label in config.ner_labels} if config else None
        # A label that is both counts as NER label: as a status it would apply to itself.
        self._status_labels = (
            {label.name for label in config.assertion_labels} - (self._labels or set()) if config else set()
        )
        self._reads = {model_type: model_type in types for model_type in ("ner", "assertion", "classification")}
        # Of two groups of one name the first counts.
        self._groups = {group.name: group for group in reversed(config.usable_choices)} if config else {}
        self._only_group = config is not None and len(config.choices) == 1
        losses = {code: text for code, text in span_rules.LOSSES.items() if code not in _KEPT}
        self._spans = Ledger("compare spans", "spans", {**BROKEN, **losses}, span_rules.REPAIRS, hints=HINTS)
        self._statuses = Ledger(
            "compare statuses", "statuses", status_rules.LOSSES, status_rules.REPAIRS, hints=status_rules.HINTS
        )
        self._choices = Ledger("compare choices", "choices", class_rules.LOSSES, hints=class_rules.HINTS)
        self._without_text = Tally()

    def read(self, task: Task, completions: Mapping[str, Completion]) -> dict[str, Content]:
        """Return the content of each of these completions of a task, by the same keys."""
        text = task.data.get(self._key)
        usable = text if isinstance(text, str) and text.strip() else None
        if usable is None and (self._reads["ner"] or self._reads["assertion"]):
            self._without_text.add("no_text", f"task {task.id}")
        return {name: self._read_one(task, one, usable) for name, one in completions.items()}

    def findings(self) -> list[Finding]:
        """Return findings about losses and repairs."""
        missing = self._without_text.finding("no_text", "warning", _NO_TEXT)
        ledgers = {"ner": self._spans, "assertion": self._statuses, "classification": self._choices}
        found = [
            finding
            for model_type, ledger in ledgers.items()
            if self._reads[model_type]
            for finding in ledger.findings()
        ]
        return [missing, *found] if missing else found

    def _read_one(self, task: Task, completion: Completion, text: str | None) -> Content:
        choices = self._read_choices(task, completion) if self._reads["classification"] else {}
        if text is None or not (self._reads["ner"] or self._reads["assertion"]):
            return Content(choices=choices)
        broken = Tally()
        found = regions(completion, tally=broken, task_id=task.id)
        for code, count in broken.counts.items():
            self._spans.lose(code, task.id, count)
        reading = read_spans(text, found, self._labels, self._status_labels, self._name)
        lost = [incident for incident in reading.lost if incident.code not in _KEPT]
        self._spans.take(len(reading.aligned) + len(lost), [*reading.repaired, *lost], task.id)
        statuses: dict[Edges, str] = {}
        if self._reads["assertion"]:
            paired = read_statuses(text, found, reading.aligned, self._status_labels, text_name=self._name)
            self._statuses.take(paired.entered, [*paired.repaired, *paired.lost], task.id)
            statuses = {(status.start, status.end): status.label for status in paired.statuses}
        return Content(frozenset(reading.aligned), statuses, choices)

    def _read_choices(self, task: Task, completion: Completion) -> dict[str, frozenset[str]]:
        chosen: dict[str, frozenset[str]] = {}
        for group in self._groups.values() if self._config else _met(completion):
            reading = read_classes(completion.result, group, only_group=self._only_group, text_name=self._name)
            self._choices.take(reading.entered, reading.lost, task.id)
            chosen[group.name] = frozenset(reading.values)
        return chosen


def _met(completion: Completion) -> list[Choices]:
    """Return the groups of choices that a completion has, each once; nobody knows how many each allows."""
    met = (item.get("from_name") for item in completion.result if item.get("type") == "choices")
    names = dict.fromkeys(name for name in met if isinstance(name, str) and name)
    return [Choices(name, mode="multiple") for name in names]

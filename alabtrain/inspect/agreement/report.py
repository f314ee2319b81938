"""The agreement of a project's annotators: one pass to learn the order, one to compare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alabtrain.annotations.statuses import Edges
from alabtrain.core.errors import UsageError
from alabtrain.core.findings import MAX_EXAMPLES, Finding, pluralize, worst_first
from alabtrain.core.funnel import Stage
from alabtrain.inspect.agreement.classes import ClassAgreement, ClassCounter, Mode, class_counter
from alabtrain.inspect.agreement.contents import Content, ContentReader
from alabtrain.inspect.agreement.counting import UNNAMED, Counting
from alabtrain.inspect.agreement.priority import PriorityCounter, PriorityReport
from alabtrain.inspect.agreement.spans import SpanAgreement, SpanCounter
from alabtrain.labeling.config import Choices, LabelingConfig
from alabtrain.labeling.names import shortened
from alabtrain.project.project import Project
from alabtrain.selection.options import SelectionOptions
from alabtrain.selection.select import select_project

TYPES = ("ner", "assertion", "classification")
"""The types that annotators are compared on."""


@dataclass(frozen=True, slots=True)
class AgreementReport:
    """How far annotators agree: `annotators` (by name) have a completion that counts, `tasks` are all of the project.

    `shared` tasks were annotated by several of them. `completions` is the account of what was compared and what not.
    `types` are what was compared: `ner` and `assertion` are None where it is not among them, `classification` has an
    agreement by group of choices.
    """

    annotators: tuple[str, ...]
    tasks: int
    shared: int
    completions: Stage
    types: tuple[str, ...]
    ner: SpanAgreement | None
    assertion: ClassAgreement | None
    classification: Mapping[str, ClassAgreement]
    priority: PriorityReport
    findings: tuple[Finding, ...]

    @property
    def why(self) -> str:
        """Why there is nothing to compare; empty where there is."""
        if not self.annotators:
            return "no completion counts: nothing to compare"
        if len(self.annotators) == 1:
            return f"completions of one annotator only ({self.annotators[0]}): agreement needs two"
        return "" if self.shared else "no task was annotated by two of them: nothing to compare"

    def to_dict(self) -> dict[str, object]:
        """Return the object that `alabtrain agreement --json` prints."""
        return {
            "annotators": list(self.annotators),
            "tasks": self.tasks,
            "shared": self.shared,
            "why": self.why,
            "completions": self.completions.to_dict(),
            "types": list(self.types),
            "ner": self.ner and self.ner.to_dict(),
            "assertion": self.assertion and self.assertion.to_dict(),
            "classification": {name: group.to_dict() for name, group in self.classification.items()},
            "priority": self.priority.to_dict(),
            "findings": [finding.to_dict() for finding in self.findings],
        }


def agreement(
    project: Project, options: SelectionOptions = SelectionOptions(), *, types: Sequence[str] = ()
) -> AgreementReport:
    """Compare the annotators of a project on each type, and tell the effect of their priority on what is selected.

    `types` narrow what is compared; the options say which completions
    count: of one annotator in one task the one that the selection would take of theirs alone. Reads the tasks twice
    and keeps numbers only. Raises `UsageError` for a type that the labeling config has nothing for.
    """
    compared = _types(project.config, types)
    selection = select_project(project, options)
    counting = Counting(selection, options)
    reader = ContentReader(project.config, compared)
    comparison = _Comparison(project.config, compared)
    effect = PriorityCounter(counting, selection, compares=bool(compared))
    shared = 0
    for task in project.tasks():
        judged = counting.judge(task)
        if len(judged.own) < 2:
            effect.add(judged, {})
            continue
        contents = reader.read(task, judged.own)
        effect.add(judged, contents)
        named = {name: content for name, content in contents.items() if name}
        shared += len(named) > 1
        comparison.add(named)
    annotators = tuple(sorted(counting.annotators))
    notes = (*_unnamed(counting), *_not_compared(project.config, types))
    return AgreementReport(
        annotators,
        len(selection.decisions),
        shared,
        counting.to_stage(),
        compared,
        comparison.ner(annotators),
        comparison.assertion(annotators),
        comparison.classification(annotators),
        effect.result(),
        tuple(worst_first([*selection.findings, *reader.findings(), *notes])),
    )


class _Comparison:
    """Adds up agreement of all types, task by task."""

    def __init__(self, config: LabelingConfig | None, types: Sequence[str]) -> None:
        self._spans = SpanCounter() if "ner" in types else None
        self._statuses = class_counter("single", "spans") if "assertion" in types else None
        self._groups: dict[str, ClassCounter] = {}
        self._knows_groups = config is not None
        if config is not None and "classification" in types:
            self._groups = {group.name: class_counter(_mode(group)) for group in config.usable_choices}

    def add(self, contents: Mapping[str, Content]) -> None:
        """Take one task: by annotator what they said."""
        spans = {name: content.spans for name, content in contents.items() if content.spans is not None}
        if self._spans is not None:
            self._spans.add(spans)
        if self._statuses is not None:
            self._add_statuses(self._statuses, contents)
        for group in dict.fromkeys(group for content in contents.values() for group in content.choices):
            if group not in self._groups:
                self._groups[group] = class_counter("multiple")
            said = {name: content.choices.get(group, frozenset()) for name, content in contents.items()}
            self._groups[group].add(said)

    def ner(self, annotators: Sequence[str]) -> SpanAgreement | None:
        """Return the agreement on spans, where it was asked for."""
        return None if self._spans is None else self._spans.result(annotators)

    def assertion(self, annotators: Sequence[str]) -> ClassAgreement | None:
        """Return the agreement on the status of spans, where it was asked for."""
        return None if self._statuses is None else self._statuses.result(annotators)

    def classification(self, annotators: Sequence[str]) -> dict[str, ClassAgreement]:
        """Return the agreement on each group of choices, in the order of the config, else by name."""
        names = list(self._groups) if self._knows_groups else sorted(self._groups)
        return {name: self._groups[name].result(annotators) for name in names}

    @staticmethod
    def _add_statuses(counter: ClassCounter, contents: Mapping[str, Content]) -> None:
        """Compare the statuses of the words that several marked with the same edges, whatever the labels there."""
        marked: dict[Edges, dict[str, frozenset[str]]] = defaultdict(dict)
        for name, content in contents.items():
            for span in content.spans or ():
                edges = (span.start, span.end)
                status = content.statuses.get(edges)
                marked[edges][name] = frozenset() if status is None else frozenset({status})
        for said in marked.values():
            if len(said) > 1:
                counter.add(said)


def _types(config: LabelingConfig | None, asked: Sequence[str]) -> tuple[str, ...]:
    """Return the types to compare. Raises `UsageError` where one that was asked for is not there."""
    allowed = [kind for kind in TYPES if kind in config.types] if config else ["ner", "classification"]
    for kind in asked:
        if kind not in allowed:
            raise UsageError(
                f"--type {kind}: the labeling config has nothing for it"
                if config
                else f"--type {kind}: without a labeling config nobody knows which labels are meant",
                where=config.where if config else None,
                hint=f"annotators can be compared on: {', '.join(allowed) or 'nothing'}",
            )
    return tuple(kind for kind in allowed if kind in asked or not asked)


def _mode(group: Choices) -> Mode:
    return "dynamic" if group.dynamic else group.mode


def _unnamed(counting: Counting) -> list[Finding]:
    count = counting.lost[UNNAMED]
    if not count:
        return []
    told = "{count} [completion that counts does|completions that count do] not say who made [it|them]: not compared"
    return [Finding(UNNAMED, "warning", pluralize(told, count), count)]


def _not_compared(config: LabelingConfig | None, asked: Sequence[str]) -> list[Finding]:
    if config is None:
        told = "there is no labeling config: every label counts as a span, assertion labels too"
        return [Finding("no_config", "info", told, hint="--config FILE names one")]
    regional = [f"choices per region ({shortened(group.name)})" for group in config.choices if group.per_region]
    kinds = [*["boxes"][: len(config.rectangle_labels)], *["relations"][: len(config.relations)], *regional]
    if not kinds or asked:
        return []
    told = pluralize("{count} [kind|kinds] of annotation in the labeling config [is|are] not compared", len(kinds))
    return [Finding("not_compared", "info", told, len(kinds), tuple(kinds[:MAX_EXAMPLES]))]

"""The agreement of a project's annotators: one pass for the selection, one to compare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict, get_type_hints

from alabtrain.annotations.statuses import Edges
from alabtrain.core.errors import UsageError
from alabtrain.core.findings import MAX_EXAMPLES, Finding, pluralize, worst_first
from alabtrain.core.funnel import Stage, StageJson
from alabtrain.inspect.agreement.classes import ClassAgreement, ClassCounter, ClassesJson, Mode, class_counter
from alabtrain.inspect.agreement.contents import Content, ContentReader
from alabtrain.inspect.agreement.counting import UNNAMED, Counting
from alabtrain.inspect.agreement.priority import PriorityCounter, PriorityJson, PriorityReport
from alabtrain.inspect.agreement.spans import SpanAgreement, SpanCounter, SpansJson
from alabtrain.labeling.config import CHOICES, SPANS, STATUSES, Annotation, Choices, LabelingConfig
from alabtrain.labeling.names import shortened
from alabtrain.project.project import Project
from alabtrain.selection.options import SelectionOptions
from alabtrain.selection.select import select_project
from alabtrain.trainers.registry import model_types


class _Counted(TypedDict):
    """What comes before the types."""

    annotators: tuple[str, ...]
    tasks: int
    shared: int
    why: str
    completions: StageJson
    types: tuple[str, ...]


class _Rest(TypedDict):
    """What comes after the types."""

    priority: PriorityJson
    findings: tuple[Finding, ...]


_JSON: Mapping[Annotation, object] = {
    SPANS: SpansJson | None,
    STATUSES: ClassesJson | None,
    CHOICES: dict[str, ClassesJson],
}


def agreement_json() -> object:
    """Return the type of the whole object: with what the annotations of each type agree in, by the type's name."""
    types = {one.name: _JSON[one.annotates] for one in model_types() if one.annotates in _JSON}
    return TypedDict("AgreementJson", {**get_type_hints(_Counted), **types, **get_type_hints(_Rest)})  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class AgreementReport:
    """The agreement of `annotators` (sorted by name), who have a completion that counts; `tasks` counts all tasks.

    `shared` tasks were annotated by several of them. `completions` is the funnel stage of the compared completions.
    `types` are the compared types: `spans` and `statuses` are None if no compared type has such annotations, `choices`
    has the agreement by group of choices.
    """

    annotators: tuple[str, ...]
    tasks: int
    shared: int
    completions: Stage
    types: tuple[str, ...]
    spans: SpanAgreement | None
    statuses: ClassAgreement | None
    choices: Mapping[str, ClassAgreement]
    priority: PriorityReport
    findings: tuple[Finding, ...]

    @property
    def why(self) -> str:
        """Why there is nothing to compare; empty if there is."""
        if not self.annotators:
            return "no completion counts, so there is nothing to compare"
        if len(self.annotators) == 1:
            return f"there is only one annotator ({self.annotators[0]}), but agreement needs two"
        return "" if self.shared else "no task has two annotators, so there is nothing to compare"

    def to_dict(self) -> Mapping[str, object]:
        """Return the object that `alabtrain agreement --json` prints: each type has what its annotations agree in."""
        by_annotation: dict[Annotation, object] = {
            SPANS: self.spans.to_dict() if self.spans else None,
            STATUSES: self.statuses.to_dict() if self.statuses else None,
            CHOICES: {name: group.to_dict() for name, group in self.choices.items()},
        }
        counted: _Counted = {
            "annotators": self.annotators,
            "tasks": self.tasks,
            "shared": self.shared,
            "why": self.why,
            "completions": self.completions.to_dict(),
            "types": self.types,
        }
        rest: _Rest = {"priority": self.priority.to_dict(), "findings": self.findings}
        types = {one.name: by_annotation[one.annotates] for one in model_types() if one.annotates in by_annotation}
        return {**counted, **types, **rest}


def agreement(
    project: Project, options: SelectionOptions = SelectionOptions(), *, types: Sequence[str] = ()
) -> AgreementReport:
    """Compare the annotators of a project on each type, and report the effect of their priority on the selection.

    `types` are the types to compare (default: all); the options decide which completions count: for each task, one of
    each annotator. Reads the tasks twice and keeps only numbers.

    Raises:
        UsageError: the labeling config has no labels or choices for a type.
    """
    compared = _types(project.config, types)
    selection = select_project(project, options)
    counting = Counting(selection, options)
    annotations = {one.annotates for one in model_types() if one.name in compared}
    reader = ContentReader(project.config, annotations)
    comparison = _Comparison(project.config, annotations)
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
        comparison.spans(annotators),
        comparison.statuses(annotators),
        comparison.choices(annotators),
        effect.result(),
        tuple(worst_first([*selection.findings, *reader.findings(), *notes])),
    )


class _Comparison:
    """Adds up agreement on all annotations, task by task."""

    def __init__(self, config: LabelingConfig | None, annotations: Collection[Annotation]) -> None:
        self._spans = SpanCounter() if SPANS in annotations else None
        self._statuses = class_counter("single", "spans") if STATUSES in annotations else None
        self._groups: dict[str, ClassCounter] = {}
        self._knows_groups = config is not None
        if config is not None and CHOICES in annotations:
            self._groups = {group.name: class_counter(_mode(group)) for group in config.usable_choices}

    def add(self, contents: Mapping[str, Content]) -> None:
        """Add one task: the content of each annotator's completion."""
        spans = {name: content.spans for name, content in contents.items() if content.spans is not None}
        if self._spans is not None:
            self._spans.add(spans)
        if self._statuses is not None:
            self._add_statuses(self._statuses, contents)
        for group in dict.fromkeys(group for content in contents.values() for group in content.choices):
            if group not in self._groups:
                self._groups[group] = class_counter("multiple")
            judgements = {name: content.choices.get(group, frozenset()) for name, content in contents.items()}
            self._groups[group].add(judgements)

    def spans(self, annotators: Sequence[str]) -> SpanAgreement | None:
        """Return the agreement on spans, if it was requested."""
        return None if self._spans is None else self._spans.result(annotators)

    def statuses(self, annotators: Sequence[str]) -> ClassAgreement | None:
        """Return the agreement on the status of spans, if it was requested."""
        return None if self._statuses is None else self._statuses.result(annotators)

    def choices(self, annotators: Sequence[str]) -> dict[str, ClassAgreement]:
        """Return the agreement on each group of choices, in the order of the config, else by name."""
        names = list(self._groups) if self._knows_groups else sorted(self._groups)
        return {name: self._groups[name].result(annotators) for name in names}

    @staticmethod
    def _add_statuses(counter: ClassCounter, contents: Mapping[str, Content]) -> None:
        """Compare the statuses of words that several annotators marked with the same start and end."""
        marked: dict[Edges, dict[str, frozenset[str]]] = defaultdict(dict)
        for name, content in contents.items():
            for span in content.spans or ():
                edges = (span.start, span.end)
                status = content.statuses.get(edges)
                marked[edges][name] = frozenset() if status is None else frozenset({status})
        for judgements in marked.values():
            if len(judgements) > 1:
                counter.add(judgements)


def _types(config: LabelingConfig | None, asked: Sequence[str]) -> tuple[str, ...]:
    """Return the types to compare. Raises `UsageError` if a requested type cannot be compared."""
    able = [one for one in model_types() if not one.of_pages]
    # Without a config, assertion labels cannot be told from others, and each choice may be one of several.
    allowed = [one.name for one in able if (one.is_in(config) if config else not one.reads_chunks)]
    for model_type in asked:
        if model_type not in allowed:
            raise UsageError(
                f"--type {model_type}: the labeling config has no labels or choices for it"
                if config
                else f"--type {model_type}: without a labeling config its labels are not known",
                where=config.where if config else None,
                hint=f"annotators can be compared on: {', '.join(allowed) or 'nothing'}",
            )
    return tuple(model_type for model_type in allowed if model_type in asked or not asked)


def _mode(group: Choices) -> Mode:
    return "dynamic" if group.dynamic else group.mode


def _unnamed(counting: Counting) -> list[Finding]:
    count = counting.lost[UNNAMED]
    if not count:
        return []
    message = "{count} [completion has|completions have] no annotator's name and [is|are] not compared"
    return [Finding(UNNAMED, "warning", pluralize(message, count), count)]


def _not_compared(config: LabelingConfig | None, asked: Sequence[str]) -> list[Finding]:
    if config is None:
        message = "there is no labeling config: every label counts as an NER label, including assertion labels"
        return [Finding("no_config", "info", message, hint="add the labeling config with --config FILE")]
    regional = [f"choices per region ({shortened(group.name)})" for group in config.choices if group.per_region]
    not_compared = [*["boxes"][: len(config.rectangle_labels)], *["relations"][: len(config.relations)], *regional]
    if not not_compared or asked:
        return []
    message = pluralize(
        "{count} [kind|kinds] of annotation in the labeling config [is|are] not compared", len(not_compared)
    )
    return [Finding("not_compared", "info", message, len(not_compared), tuple(not_compared[:MAX_EXAMPLES]))]

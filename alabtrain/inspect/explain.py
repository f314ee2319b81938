"""Explains the selection for one task: every completion, the decision on it, and the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from alabtrain.annotations.spans import read_spans
from alabtrain.core.errors import UsageError
from alabtrain.core.findings import Tally
from alabtrain.project.parsing import choices, regions
from alabtrain.project.project import Project
from alabtrain.project.records import Completion, Identifier, Region, Task
from alabtrain.selection.decisions import REASONS, RULES, Decision, Policy, Selection
from alabtrain.selection.select import select


@dataclass(frozen=True, slots=True)
class CompletionStory:
    """One completion: its annotator, the review, the verdict (`taken` or a reason code) and the reason.

    `spans` counts the usable spans by label, `repaired` and `lost` the others by code (as in `annotations.spans`);
    `choices` are the selected choices by group. Spans are None if the task has no text.
    """

    id: Identifier
    annotator: str
    submitted: bool
    starred: bool
    review: str | None
    time: str | float | None
    verdict: str
    why: str
    items: int
    spans: dict[str, int] | None
    repaired: dict[str, int]
    lost: dict[str, int]
    choices: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Story:
    """One task: its tags, the selected completion and its rule, and the explanation of each completion, by id."""

    task_id: Identifier
    tags: tuple[str, ...]
    policy: Policy
    order_used: tuple[str, ...]
    order_from: str
    imported: bool
    completion_id: Identifier | None
    rule: str | None
    outcome: str
    completions: tuple[CompletionStory, ...]

    def to_dict(self) -> dict[str, object]:
        """Return the object that `alabtrain why --json` prints."""
        return asdict(self)


def explain_task(
    project: Project,
    task_id: str,
    *,
    tags: Sequence[str] = (),
    task_ids: Sequence[str] = (),
    reviewed_only: bool = False,
    priority: Sequence[str] = (),
    policy: Policy = "priority",
    include_imported: bool = False,
) -> Story:
    """Explain the selection for the task with the id `task_id`, under the given options.

    The whole export is read, because whether it was imported depends on every task.

    Raises:
        UsageError: there is no such task.
    """
    task, selection = decide_task(
        project,
        task_id,
        tags=tags,
        task_ids=task_ids,
        reviewed_only=reviewed_only,
        priority=priority,
        policy=policy,
        include_imported=include_imported,
    )
    decision = next(d for d in selection.decisions if d.task_id == task.id)
    reader = _Reader(project, task)
    stories = tuple(
        _explain_completion(completion, task, decision, reader)
        for completion in sorted(task.completions, key=lambda c: (isinstance(c.id, str), c.id))
    )
    return Story(
        task.id,
        task.tags,
        selection.policy,
        selection.order_used,
        selection.order_from,
        selection.imported,
        decision.completion_id,
        decision.rule,
        _outcome(decision),
        stories,
    )


def decide_task(project: Project, task_id: str, **options: Any) -> tuple[Task, Selection]:
    """Return the task with the id `task_id`, with the selection from the whole export.

    `options` are those of `select`, except the team order. Raises `UsageError` if there is no such task.
    """
    found: list[Task] = []
    selection = select(_watched(project.tasks(), task_id, found), team_order=project.team_order, **options)
    if not found:
        raise UsageError(f"there is no task {task_id}", where=str(project.path), hint=_range(selection))
    return found[0], selection


def _watched(tasks: Iterable[Task], task_id: str, found: list[Task]) -> Iterator[Task]:
    """Yield all tasks, and add the one with the id `task_id` to `found`."""
    for task in tasks:
        if str(task.id) == task_id:
            found.append(task)
        yield task


def _outcome(decision: Decision) -> str:
    if decision.rule is not None:
        who = f"completion {decision.completion_id} by {decision.annotator or '?'}"
        return f"{who} is used: {RULES[decision.rule]}"
    reason = decision.task_reason
    return f"no completion is used: {REASONS[reason]}" if reason else "no completion is used"


class _Reader:
    """Reads the spans of a task's completions as a training would: assertion labels separate from the others."""

    def __init__(self, project: Project, task: Task) -> None:
        config = project.config
        text = task.data.get((config and config.text_key) or "text")
        self._text = text if isinstance(text, str) else None
        self._statuses = {label.name for label in config.labels if label.assertion} if config else set()
        # Without a labeling config it is not known which labels are statuses, whose regions lie on other spans.
        self._knows_statuses = config is not None

    def read(self, found: list[Region], fates: Tally, repaired: Counter[str]) -> dict[str, int] | None:
        """Return the usable spans by label; count the repaired and lost ones."""
        if self._text is None:
            return None
        spans: Counter[str] = Counter()
        names = {label for region in found for label in region.labels}
        groups = [names - self._statuses, names & self._statuses] if self._knows_statuses else [{n} for n in names]
        for group in groups:
            reading = read_spans(self._text, found, None, ignored=names - group)
            spans.update(span.label for span in reading.spans)
            repaired.update(incident.code for incident in reading.repaired)
            for incident in reading.lost:
                fates.add(incident.code)
        return dict(sorted(spans.items()))


def _explain_completion(completion: Completion, task: Task, decision: Decision, reader: _Reader) -> CompletionStory:
    if completion.id == decision.completion_id and decision.rule is not None:
        verdict, why = "taken", RULES[decision.rule]
    else:
        reason = dict(decision.lost)[completion.id]
        verdict, why = reason, REASONS[reason]
    lost = Tally()
    found = regions(completion, tally=lost, task_id=task.id)
    ticked = {choice.from_name: list(choice.choices) for choice in choices(completion, tally=lost, task_id=task.id)}
    repaired: Counter[str] = Counter()
    spans = reader.read(found, lost, repaired)
    return CompletionStory(
        completion.id,
        completion.annotator,
        completion.submitted,
        completion.starred,
        completion.review,
        completion.stamp,
        verdict,
        why,
        len(completion.result),
        spans,
        dict(repaired),
        dict(lost.counts),
        ticked,
    )


def _range(selection: Selection) -> str:
    ids = [decision.task_id for decision in selection.decisions]
    return f"the ids of its {len(ids)} tasks range from {ids[0]} to {ids[-1]}" if ids else "it has no tasks"

"""Explains the selection for one task: every completion, the decision on it, and the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from alabtrain.annotations.reader import TEXT_MISSING, AnnotationReader
from alabtrain.annotations.request import request_everything
from alabtrain.core.errors import UsageError
from alabtrain.project.project import Project
from alabtrain.project.records import Completion, Identifier, Task
from alabtrain.selection.decisions import REASONS, RULES, Decision, Selection
from alabtrain.selection.options import Policy, SelectionOptions
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
    """One task: its tags, the selected completion and its rule, and the explanation of each completion, by id.

    `alabtrain why --json` prints it.
    """

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


def explain_task(project: Project, task_id: str, options: SelectionOptions = SelectionOptions()) -> Story:
    """Explain the selection for the task with the id `task_id`, under the given options.

    The whole export is read, because whether it was imported depends on every task.

    Raises:
        UsageError: there is no such task.
    """
    task, selection = decide_task(project, task_id, options)
    decision = next(d for d in selection.decisions if d.task_id == task.id)
    reader = AnnotationReader(replace(request_everything(project.config), choices_without_text=True))
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


def decide_task(project: Project, task_id: str, options: SelectionOptions) -> tuple[Task, Selection]:
    """Return the task with the id `task_id`, with the selection from the whole export.

    Raises `UsageError` if there is no such task.
    """
    found: list[Task] = []
    selection = select(_watched(project.tasks(), task_id, found), options, team_order=project.team_order)
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


def _explain_completion(
    completion: Completion, task: Task, decision: Decision, reader: AnnotationReader
) -> CompletionStory:
    if completion.id == decision.completion_id and decision.rule is not None:
        verdict, why = "taken", RULES[decision.rule]
    else:
        reason = dict(decision.lost)[completion.id]
        verdict, why = reason, REASONS[reason]
    reading = reader.read(task, completion)
    groups = {name: list(classes.values) for name, classes in reading.choices.items() if classes.values}
    parts = (reading.spans, reading.statuses)
    lost = Counter(incident.code for part in parts for incident in part.lost if incident.code != TEXT_MISSING)
    lost.update(incident.code for classes in reading.choices.values() for incident in classes.lost)
    repaired = Counter(incident.code for part in parts for incident in part.repaired)
    spans = Counter(span.label for span in reading.spans.spans)
    spans.update(status.label for status in reading.statuses.statuses)
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
        None if reading.text is None else dict(sorted(spans.items())),
        dict(repaired),
        dict(lost),
        groups,
    )


def _range(selection: Selection) -> str:
    ids = [decision.task_id for decision in selection.decisions]
    return f"the ids of its {len(ids)} tasks range from {ids[0]} to {ids[-1]}" if ids else "it has no tasks"

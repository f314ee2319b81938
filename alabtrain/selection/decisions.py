"""The decisions of a selection, task by task, with their counts and their JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Literal, TypedDict

from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Funnel, Stage
from alabtrain.core.json import to_json
from alabtrain.project.records import Identifier
from alabtrain.selection.options import Policy

Rule = Literal["accepted", "priority", "starred", "latest", "only"]
Reason = Literal[
    "tag_filter",
    "id_filter",
    "no_completion",
    "other_annotator",
    "cancelled",
    "not_submitted",
    "rejected",
    "not_accepted",
    "other_accepted",
    "lower_priority",
    "not_starred",
    "older",
]
OrderSource = Literal["priority option", "team order", "fallback"]
Lost = tuple[tuple[Identifier | None, Reason], ...]

RULES: Mapping[Rule, str] = {
    "accepted": "accepted by a reviewer",
    "priority": "the annotator comes first in the priority order",
    "starred": "starred as ground truth",
    "latest": "the newest",
    "only": "the only one that counts",
}
# In the order of the steps: the completion that got furthest gives the reason why a task was lost.
REASONS: Mapping[Reason, str] = {
    "tag_filter": "the task has none of the tags in --tags",
    "id_filter": "the id of the task is not in --task-ids",
    "no_completion": "nobody has annotated the task",
    "other_annotator": "the annotator is not in --annotators",
    "cancelled": "cancelled or skipped by the annotator",
    "not_submitted": "not submitted",
    "rejected": "rejected by a reviewer",
    "not_accepted": "not accepted by a reviewer",
    "other_accepted": "a reviewer accepted another one",
    "lower_priority": "another annotator comes first in the priority order",
    "not_starred": "another one is starred",
    "older": "another one is newer",
}
UNWANTED: frozenset[Reason] = frozenset({"tag_filter", "id_filter"})
_STEP = {reason: step for step, reason in enumerate(REASONS)}
_PIECE = 2000  # entries that are encoded at once


class SelectionCounts(TypedDict):
    """Tasks by the rule that decided, completions by the reason against them."""

    rule: dict[Rule, int]
    reason: dict[Reason, int]


class SelectedJson(TypedDict):
    """A selected completion, as `--json` prints it."""

    task_id: Identifier
    completion_id: Identifier
    annotator: str
    rule: Rule | None


class LostJson(TypedDict):
    """A completion of a task that was not selected, and why; without an id for a task without completions."""

    completion_id: Identifier | None
    reason: Reason


class NotSelectedJson(TypedDict):
    """As `LostJson`, with its task."""

    task_id: Identifier
    completion_id: Identifier | None
    reason: Reason


class DecisionJson(TypedDict):
    """A line of `selection.jsonl`."""

    task_id: Identifier
    completion_id: Identifier | None
    annotator: str
    rule: Rule | None
    tags: tuple[str, ...]
    not_selected: list[LostJson]


class SelectionJson(TypedDict):
    """The object that `alabtrain select --json` prints."""

    policy: Policy
    tasks: int
    selected: list[SelectedJson]
    not_selected: list[NotSelectedJson]
    findings: list[Finding]


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision for one task: the selected completion (or None), the rule, and the reasons against the others.

    `lost` holds (completion id, reason) for each completion that was not selected, in ascending order of ids; a
    task without completions has one entry with the id None.
    """

    task_id: Identifier
    completion_id: Identifier | None
    annotator: str
    rule: Rule | None
    tags: tuple[str, ...]
    lost: Lost = ()

    @property
    def task_reason(self) -> Reason | None:
        """Why the task yields nothing: the reason of the completion that got furthest."""
        if self.completion_id is not None or not self.lost:
            return None
        return max((reason for _, reason in self.lost), key=_STEP.__getitem__)

    def to_dict(self) -> DecisionJson:
        """Return the decision as a line of `selection.jsonl`."""
        return {
            "task_id": self.task_id,
            "completion_id": self.completion_id,
            "annotator": self.annotator,
            "rule": self.rule,
            "tags": self.tags,
            "not_selected": [{"completion_id": number, "reason": reason} for number, reason in self.lost],
        }


@dataclass
class Selection:
    """All decisions in ascending order of task ids (numbers before texts), and the rules that they follow.

    `order_used` are the annotators in the order that applied, `order_from` is the source of that order;
    `imported` means that no completion was submitted, so that all counted as submitted.
    """

    policy: Policy
    order_used: tuple[str, ...]
    order_from: OrderSource
    imported: bool
    decisions: list[Decision]
    findings: list[Finding] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Return the number of tasks with a selected completion."""
        return sum(self.counts["rule"].values())

    @cached_property
    def counts(self) -> SelectionCounts:
        """Tasks by the rule that decided (`rule`), completions by the reason against them (`reason`).

        A task without completions counts under `reason` as well.
        """
        rules = Counter(d.rule for d in self.decisions if d.rule is not None)
        reasons: Counter[Reason] = Counter()
        for decision in self.decisions:
            for _, reason in decision.lost:
                reasons[reason] += 1
        return {
            "rule": {rule: rules[rule] for rule in RULES if rules[rule]},
            "reason": {reason: reasons[reason] for reason in REASONS if reasons[reason]},
        }

    @cached_property
    def funnel(self) -> Funnel:
        """Two stages, each with its losses by reason: tasks, and completions."""
        tasks: Counter[Reason] = Counter()
        empty = 0
        lost = Counter(self.counts["reason"])
        for decision in self.decisions:
            reason = decision.task_reason
            if reason is not None:
                tasks[reason] += 1
                if decision.lost[0][0] is None:
                    empty += 1
                    lost[decision.lost[0][1]] -= 1
        completions = self.taken + sum(self.counts["reason"].values()) - empty
        funnel = Funnel(
            (
                Stage("selection", "tasks", len(self.decisions), {r: tasks[r] for r in REASONS if tasks[r]}),
                Stage("selection", "completions", completions, {r: lost[r] for r in REASONS if lost[r]}),
            )
        )
        funnel.check()
        return funnel

    def selected(self) -> Iterator[SelectedJson]:
        """Yield an entry for each selected completion."""
        for d in self.decisions:
            if d.completion_id is not None:
                yield {
                    "task_id": d.task_id,
                    "completion_id": d.completion_id,
                    "annotator": d.annotator,
                    "rule": d.rule,
                }

    def not_selected(self) -> Iterator[NotSelectedJson]:
        """Yield an entry for each completion that was not selected, and one for each task without completions."""
        for d in self.decisions:
            for completion_id, reason in d.lost:
                yield {"task_id": d.task_id, "completion_id": completion_id, "reason": reason}

    def to_dict(self) -> SelectionJson:
        """Return the object that `alabtrain select --json` prints."""
        return {
            "policy": self.policy,
            "tasks": len(self.decisions),
            "selected": list(self.selected()),
            "not_selected": list(self.not_selected()),
            "findings": self.findings,
        }

    def json_pieces(self) -> Iterator[str]:
        """Yield `to_dict()` as JSON in parts: one object would take more memory than the selection."""
        yield f'{{"policy": {json.dumps(self.policy)}, "tasks": {len(self.decisions)}, "selected": ['
        yield from _encoded(self.selected())
        yield '], "not_selected": ['
        yield from _encoded(self.not_selected())
        yield f'], "findings": {to_json(self.findings)}}}'


def demoted(decision: Decision) -> Decision:
    """Turn a decision that counted all completions as submitted into the one where none is submitted."""
    stays = (*UNWANTED, "no_completion", "cancelled")
    lost: list[tuple[Identifier | None, Reason]] = [
        (completion_id, reason if reason in stays else "not_submitted") for completion_id, reason in decision.lost
    ]
    if decision.completion_id is not None:
        lost.append((decision.completion_id, "not_submitted"))
    return Decision(decision.task_id, None, "", None, decision.tags, in_order(lost))


def why_nothing(selection: Selection, tags: Sequence[str]) -> str:
    """Return one line on why nothing was selected if there is a single reason, else an empty text."""
    reasons = set(selection.counts["reason"])
    if reasons == {"tag_filter"}:
        there = sorted({tag for decision in selection.decisions for tag in decision.tags})
        listed = f"existing tags: {', '.join(there[:10])}" if there else "no task has a tag"
        return f"no task has any of the tags {', '.join(tags)} ({listed})"
    if reasons and reasons <= UNWANTED:
        with_tags = " with any of the tags in --tags" if "tag_filter" in reasons else ""
        return f"none of the ids in --task-ids exists in this project{with_tags}"
    within = " with these tags" if "tag_filter" in reasons else ""
    within += " with these ids" if "id_filter" in reasons else ""
    left = reasons - {*UNWANTED, "no_completion"}
    if not left and reasons:
        return f"nobody has annotated a task{within} yet"
    if left == {"not_submitted"}:
        return f"there are only drafts{within}: submit the good ones in the tool and export again"
    return ""


def in_order(lost: list[tuple[Identifier | None, Reason]]) -> Lost:
    """Return entries in ascending order of completion ids, numbers before texts."""
    return tuple(sorted(lost, key=lambda entry: (isinstance(entry[0], str), entry[0])))


def _encoded(entries: Iterator[SelectedJson] | Iterator[NotSelectedJson]) -> Iterator[str]:
    before = ""
    while piece := list(islice(entries, _PIECE)):
        yield before + json.dumps(piece, ensure_ascii=False)[1:-1]
        before = ", "

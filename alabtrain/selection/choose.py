"""The rule for one task: which of its completions count, and which of those comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from alabtrain.core.findings import Tally
from alabtrain.project.records import Completion, Identifier, Task
from alabtrain.project.times import parse_time
from alabtrain.selection.decisions import Decision, Reason, Rule, in_order
from alabtrain.selection.options import SelectionOptions

_NEVER = -(1 << 62)  # older than every time
_NONE: frozenset[Identifier] = frozenset()
# What makes one completion come before another, the first difference deciding:
# nearer to the front of the order, starred, newer, and of equal ones the larger id (numbers before texts).
_Key = tuple[int, bool, int, bool, Identifier]
_REASON_BY_PART: tuple[Reason, ...] = ("lower_priority", "not_starred", "older", "older", "older")


@dataclass(slots=True)
class Notes(Tally):
    """Counts of the decisions, and `assumed`: annotators whose completions count though not submitted."""

    assumed: set[str] = field(default_factory=set)

    def take_over(self, other: Notes) -> None:
        """Add the counts and annotators of `other`."""
        for code, count in other.counts.items():
            self.add(code, count=count)
            for example in other.examples.get(code, ()):
                self.add(code, example, 0)
        self.assumed |= other.assumed


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tasks are used: those with any of `tags` (casefolded) and with one of `ids`; an empty set means all."""

    tags: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()

    @classmethod
    def of(cls, options: SelectionOptions) -> Wanted:
        """Return the filter for the tags of the options, ignoring case, and for their ids as text."""
        return cls(frozenset(tag.casefold() for tag in options.tags), frozenset(options.task_ids))

    def why_not(self, task: Task) -> Literal["tag_filter", "id_filter"] | None:
        """Return the reason why a task is not used; None if it is."""
        if self.tags and self.tags.isdisjoint([tag.casefold() for tag in task.tags]):
            return "tag_filter"
        return "id_filter" if self.ids and str(task.id) not in self.ids else None


class Chooser:
    """Decides task by task, and collects the annotators and tags.

    `order` are annotators, the most trusted first; only tasks that the options want yield a completion.
    `annotators` are those of all completions, `counting` those of submitted ones that were not rejected.
    """

    def __init__(self, order: Sequence[str], options: SelectionOptions) -> None:
        self.annotators: dict[str, str] = {}
        self.counting: set[str] = set()
        self.tag_sets: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._ranks: dict[str, int] = {}
        self._exact = {name: rank for rank, name in reversed(list(enumerate(order)))}
        self._folded = {name.casefold(): rank for rank, name in reversed(list(enumerate(order)))}
        self._unlisted = len(order)
        self._options = options
        self._wanted = Wanted.of(options)
        self._used = frozenset(name.casefold() for name in options.annotators)

    def is_listed(self, annotator: str) -> bool:
        """Return whether the order names the annotator, exactly or in another case."""
        return annotator in self._exact or annotator.casefold() in self._folded

    def decide(self, task: Task, tally: Notes, extra: frozenset[Identifier] = _NONE) -> Decision:
        """Return the decision for a task; the completions in `extra` count though they were not submitted.

        Counts in `tally`: accepted_not_submitted, unreadable_time, priority_fallback, starred,
        taken_unstarred.
        """
        # One object for equal values: there may be a million decisions.
        tags = self.tag_sets.setdefault(task.tags, task.tags)
        completions = task.completions
        for completion in completions:
            self.annotators.setdefault(completion.annotator, completion.annotator)
        unwanted = self._wanted.why_not(task)
        if unwanted is not None:
            return _nothing(task, tags, unwanted)
        if not completions:
            return _nothing(task, tags, "no_completion")
        lost: list[tuple[Identifier | None, Reason]] = []
        pool: list[Completion] = []
        for completion in completions:
            reason = self._of_another(completion) or _refusal(completion, extra)
            if reason is None:
                pool.append(completion)
                (self.counting if completion.submitted else tally.assumed).add(completion.annotator)
                continue
            lost.append((completion.id, reason))
            if reason == "not_submitted" and completion.review == "accepted":
                tally.add("accepted_not_submitted", f"task {task.id}, completion {completion.id}")
        pool, accepted = self._reviewed(pool, lost)
        if not pool:
            return Decision(task.id, None, "", None, tags, in_order(lost))
        if len(pool) == 1:
            winner = pool[0]
            rule: Rule = "only"
        else:
            winner, rule = self._best(pool, lost, task, tally, accepted)
        _note_star(winner, pool, task, tally)
        return Decision(
            task.id,
            winner.id,
            self.annotators[winner.annotator],
            "accepted" if accepted else rule,
            tags,
            in_order(lost) if lost else (),
        )

    def _of_another(self, completion: Completion) -> Literal["other_annotator"] | None:
        """Return the reason against a completion of an annotator that the options leave out; None for the others."""
        return "other_annotator" if self._used and completion.annotator.casefold() not in self._used else None

    def _reviewed(
        self, pool: list[Completion], lost: list[tuple[Identifier | None, Reason]]
    ) -> tuple[list[Completion], bool]:
        """Return the completions of `pool` that reviews leave, and whether one was accepted."""
        accepted = [completion for completion in pool if completion.review == "accepted"]
        if not accepted and not self._options.reviewed_only:
            return pool, False
        reason: Reason = "other_accepted" if accepted else "not_accepted"
        lost += [(completion.id, reason) for completion in pool if completion.review != "accepted"]
        return accepted, bool(accepted)

    def _best(
        self,
        pool: list[Completion],
        lost: list[tuple[Identifier | None, Reason]],
        task: Task,
        tally: Tally,
        accepted: bool,
    ) -> tuple[Completion, Rule]:
        keys = [self._key(completion, task, tally, accepted) for completion in pool]
        best = max(keys)
        winner = pool[keys.index(best)]
        for completion, key in zip(pool, keys, strict=True):
            if completion is not winner:
                lost.append((completion.id, _REASON_BY_PART[_first_difference(key, best)]))
        rivals = {completion.annotator for completion, key in zip(pool, keys, strict=True) if key[0] == best[0]}
        if self._options.policy == "priority" and len(rivals) > 1:
            tally.add("priority_fallback", f"task {task.id}")
        if any(key[0] != best[0] for key in keys):
            return winner, "priority"
        return winner, "starred" if any(key[1] != best[1] for key in keys) else "latest"

    def _key(self, completion: Completion, task: Task, tally: Tally, accepted: bool) -> _Key:
        time = parse_time(completion.stamp)
        if time is None and completion.stamp is not None:
            tally.add("unreadable_time", f"task {task.id}, completion {completion.id}")
        by_order = self._options.policy == "priority"
        return (
            -self._rank(completion.annotator) if by_order else 0,
            completion.starred and by_order and not accepted,
            _NEVER if time is None else time,
            isinstance(completion.id, str),
            completion.id,
        )

    def _rank(self, annotator: str) -> int:
        rank = self._ranks.get(annotator)
        if rank is None:
            rank = self._exact.get(annotator)
            if rank is None:
                rank = self._folded.get(annotator.casefold(), self._unlisted)
            self._ranks[annotator] = rank
        return rank


def _refusal(completion: Completion, extra: frozenset[Identifier]) -> Reason | None:
    """Return why a completion does not count at all, by the first step that refuses it; None when it counts."""
    if completion.cancelled:
        return "cancelled"
    if not completion.submitted and completion.id not in extra:
        return "not_submitted"
    return "rejected" if completion.review == "rejected" else None


def _nothing(task: Task, tags: tuple[str, ...], reason: Reason) -> Decision:
    lost: list[tuple[Identifier | None, Reason]] = [(completion.id, reason) for completion in task.completions]
    return Decision(task.id, None, "", None, tags, in_order(lost) if lost else ((None, reason),))


def _first_difference(one: _Key, other: _Key) -> int:
    return next(part for part in range(len(one)) if one[part] != other[part])


def _note_star(winner: Completion, pool: list[Completion], task: Task, tally: Tally) -> None:
    if any(completion.starred for completion in pool):
        tally.counts["starred"] = tally.counts.get("starred", 0) + 1
    if not winner.starred and winner.has_submitted_at and winner.review != "accepted":
        tally.add("taken_unstarred", f"task {task.id}")

"""The effect of priority: the selected completions of each annotator, now and if they were first or last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from alabtrain.inspect.agreement.contents import Content
from alabtrain.inspect.agreement.counting import Counting, Judged
from alabtrain.project.records import Completion
from alabtrain.selection.decisions import RULES, OrderSource, Selection
from alabtrain.selection.options import Policy

NO_EFFECT = "the policy `latest` uses the newest completion, regardless of the annotator"


@dataclass(frozen=True, slots=True)
class Change:
    """Changes against the present order: `tasks` with another completion, and those where its content differs.

    `differing` is None if the contents of completions are not compared.
    """

    tasks: int
    differing: int | None


@dataclass(frozen=True, slots=True)
class PriorityEffect:
    """One annotator: `position` in the order (from 1; None: not in it), and `tasks` with a completion that counts.

    `shared` of these also have one of another annotator, in `taken` theirs is selected now. `first` and `last` are the
    changes if they were first or last in the order; None if the policy has no order.
    """

    annotator: str
    position: int | None
    tasks: int
    shared: int
    taken: int
    first: Change | None
    last: Change | None


class PriorityJson(TypedDict):
    """The report as `--json` prints it."""

    policy: Policy
    order: tuple[str, ...]
    order_from: OrderSource
    rules: Mapping[str, int]
    why: str
    annotators: tuple[PriorityEffect, ...]


@dataclass(frozen=True, slots=True)
class PriorityReport:
    """The present order and its effect for each annotator; `rules` counts shared tasks by the deciding rule."""

    policy: Policy
    order_used: tuple[str, ...]
    order_from: OrderSource
    rules: Mapping[str, int]
    effects: tuple[PriorityEffect, ...]

    @property
    def why(self) -> str:
        """Why priority has no effect; empty if it may have one."""
        return NO_EFFECT if self.policy == "latest" else ""

    def to_dict(self) -> PriorityJson:
        """Return the report as `--json` prints it."""
        return {
            "policy": self.policy,
            "order": self.order_used,
            "order_from": self.order_from,
            "rules": self.rules,
            "why": self.why,
            "annotators": self.effects,
        }


class PriorityCounter:
    """Adds up the effect of priority, task by task; it keeps only numbers.

    For each annotator it counts the changes if they came before all others, and if they came after all others.
    """

    def __init__(self, counting: Counting, selection: Selection, *, compares: bool) -> None:
        self._counting = counting
        self._selection = selection
        self._compares = compares
        self._shared: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()
        self._rules: Counter[str] = Counter()
        self._changed: dict[str, Counter[str]] = {"first": Counter(), "last": Counter()}
        self._differing: dict[str, Counter[str]] = {"first": Counter(), "last": Counter()}

    def add(self, judged: Judged, contents: Mapping[str, Content]) -> None:
        """Add one task, and the contents of its completions that count (needed if there are several)."""
        own = judged.own
        if len(own) < 2:
            self._taken.update(list(own))
            return
        decision = self._counting.winner(judged, own)
        if decision.rule is None:
            return
        present = next(name for name in own if own[name].id == decision.completion_id)
        self._rules[decision.rule] += 1
        self._shared.update(list(own))
        self._taken[present] += 1
        for name in own:
            self._move(name, judged, present, contents)

    def _move(self, name: str, judged: Judged, present: str, contents: Mapping[str, Content]) -> None:
        own = judged.own
        decision = self._counting.winner(judged, [other for other in own if other != name])
        rival = next(other for other in own if own[other].id == decision.completion_id)
        # A completion that a reviewer accepted wins in any order.
        first = rival if _beats(own[rival], own[name]) else name
        last = name if _beats(own[name], own[rival]) else rival
        for end, winner in (("first", first), ("last", last)):
            if winner != present:
                self._changed[end][name] += 1
                self._differing[end][name] += contents[winner] != contents[present]

    def result(self) -> PriorityReport:
        """Return the effect of each annotator's priority, in the present order, then by name."""
        order = self._selection.order_used
        positions = {name: order.index(name) + 1 for name in order}
        folded = {name.casefold(): end for name, end in reversed(positions.items())}
        position = {n: positions.get(n, folded.get(n.casefold())) for n in self._counting.annotators}
        names = sorted(position, key=lambda name: (position[name] or len(order) + 1, name))
        effects = [self._effect(name, position[name]) for name in names]
        rules: dict[str, int] = {rule: self._rules[rule] for rule in RULES if self._rules[rule]}
        selection = self._selection
        return PriorityReport(selection.policy, order, selection.order_from, rules, tuple(effects))

    def _effect(self, name: str, position: int | None) -> PriorityEffect:
        first, last = (self._change(end, name) for end in ("first", "last"))
        tasks = self._counting.annotators[name]
        return PriorityEffect(name, position, tasks, self._shared[name], self._taken[name], first, last)

    def _change(self, end: str, name: str) -> Change | None:
        if self._selection.policy == "latest":
            return None
        return Change(self._changed[end][name], self._differing[end][name] if self._compares else None)


def _beats(one: Completion, other: Completion) -> bool:
    """Return whether a review puts one completion before the other."""
    return one.review == "accepted" and other.review != "accepted"

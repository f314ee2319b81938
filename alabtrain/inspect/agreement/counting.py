"""Which completions are compared: in each task one of each annotator, as the selection would take it of theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from alabtrain.core.funnel import Stage
from alabtrain.project.parsing import unsubmitted_ids
from alabtrain.project.records import Completion, Identifier, Task
from alabtrain.selection.choose import Chooser, Notes
from alabtrain.selection.decisions import REASONS, Decision, Selection
from alabtrain.selection.options import SelectionOptions

UNNAMED = "no_annotator"
"""The code of completions that do not say who made them."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One task: by annotator the completion of theirs that counts, and those that count though not submitted.

    Completions without an annotator's name are one annotator called "": they may be taken, but not compared.
    """

    task: Task
    own: Mapping[str, Completion]
    extra: frozenset[Identifier]


class Counting:
    """Finds the completions that count, task by task, by the rules that a selection was made by.

    `entered` are all completions met, `lost` those not compared by reason (as the selection names them, and
    `UNNAMED`), `annotators` in how many tasks each has one that counts.
    """

    def __init__(self, selection: Selection, options: SelectionOptions) -> None:
        self.entered = 0
        self.lost: Counter[str] = Counter()
        self.annotators: Counter[str] = Counter()
        self._imported = selection.imported
        self._include_imported = options.include_imported
        self._chooser = Chooser(selection.order_used, options)

    def judge(self, task: Task) -> Judged:
        """Return what counts in a task."""
        extra = self._extra(task)
        own: dict[str, Completion] = {}
        for name in sorted({completion.annotator for completion in task.completions}):
            theirs = [completion for completion in task.completions if completion.annotator == name]
            decision = self._decide(task, theirs, extra)
            self.entered += len(theirs)
            self.lost.update(reason for _, reason in decision.lost)
            if decision.completion_id is None:
                continue
            own[name] = next(c for c in theirs if c.id == decision.completion_id)
            if name:
                self.annotators[name] += 1
            else:
                self.lost[UNNAMED] += 1
        return Judged(task, own, extra)

    def winner(self, judged: Judged, names: Iterable[str]) -> Decision:
        """Return what the selection decides among these annotators."""
        # The best of all is the best of its annotator's, so that one of each is enough.
        return self._decide(judged.task, [judged.own[name] for name in names], judged.extra)

    def to_stage(self) -> Stage:
        """Return the account of all completions."""
        lost = {reason: self.lost[reason] for reason in (*REASONS, UNNAMED) if self.lost[reason]}
        return Stage("one of each annotator", "completions", self.entered, lost)

    def _decide(self, task: Task, completions: Sequence[Completion], extra: frozenset[Identifier]) -> Decision:
        return self._chooser.decide(replace(task, completions=tuple(completions)), Notes(), extra)

    def _extra(self, task: Task) -> frozenset[Identifier]:
        if not (self._imported or self._include_imported) or all(c.submitted for c in task.completions):
            return frozenset()
        return unsubmitted_ids(task, imported_only=not self._imported)

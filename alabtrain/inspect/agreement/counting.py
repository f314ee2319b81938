"""Which completions are compared: for each task, one of each annotator, by the rules of the selection."""

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
"""The code of completions without an annotator's name."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One task: the completion of each annotator that counts, and the ids of those that count though not submitted.

    Completions without an annotator's name belong to one annotator "": they may be selected, but are not compared.
    """

    task: Task
    own: Mapping[str, Completion]
    extra: frozenset[Identifier]


class Counting:
    """Finds the completions that count, task by task, by the rules of a selection.

    `entered` counts all completions, `lost` those not compared, by reason (those of the selection, and `UNNAMED`),
    `annotators` the tasks in which each annotator has a completion that counts.
    """

    def __init__(self, selection: Selection, options: SelectionOptions) -> None:
        self.entered = 0
        self.lost: Counter[str] = Counter()
        self.annotators: Counter[str] = Counter()
        self._imported = selection.imported
        self._include_imported = options.include_imported
        self._chooser = Chooser(selection.order_used, options)

    def judge(self, task: Task) -> Judged:
        """Return the completions of a task that count."""
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
        """Return the decision of the selection among these annotators."""
        # The best of all is also the best of its annotator, so one completion of each is enough.
        return self._decide(judged.task, [judged.own[name] for name in names], judged.extra)

    def to_stage(self) -> Stage:
        """Return the stage of the funnel for all completions."""
        lost = {reason: self.lost[reason] for reason in (*REASONS, UNNAMED) if self.lost[reason]}
        return Stage("one of each annotator", "completions", self.entered, lost)

    def _decide(self, task: Task, completions: Sequence[Completion], extra: frozenset[Identifier]) -> Decision:
        return self._chooser.decide(replace(task, completions=tuple(completions)), Notes(), extra)

    def _extra(self, task: Task) -> frozenset[Identifier]:
        if not (self._imported or self._include_imported) or all(c.submitted for c in task.completions):
            return frozenset()
        return unsubmitted_ids(task, imported_only=not self._imported)

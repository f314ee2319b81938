"""Selects which completion of each task counts, by which rule, and records why the others do not.

A pure function over a stream of tasks; it keeps no text. The result does not depend on the order of
tasks or completions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from pathlib import Path

from alabtrain.core.findings import MAX_EXAMPLES, Finding, pluralize, worst_first
from alabtrain.project.parsing import unsubmitted_ids
from alabtrain.project.project import Project, as_project
from alabtrain.project.records import Identifier, Task
from alabtrain.selection.choose import Chooser, Notes, Wanted
from alabtrain.selection.decisions import (
    REASONS,
    RULES,
    Decision,
    OrderSource,
    Reason,
    Rule,
    Selection,
    demoted,
)
from alabtrain.selection.options import SelectionOptions

__all__ = [
    "REASONS",
    "RULES",
    "Decision",
    "OrderSource",
    "Reason",
    "Rule",
    "Selection",
    "select",
    "select_project",
]


def select_project(project: Project | Path | str, options: SelectionOptions = SelectionOptions()) -> Selection:
    """Select from a project by its own team order, and add its findings to those of the selection.

    Raises `InputError` where the project cannot be read.
    """
    opened = as_project(project)
    selection = select(opened.tasks(), options, team_order=opened.team_order)
    selection.findings = worst_first([*opened.findings, *selection.findings])
    return selection


def select(
    tasks: Iterable[Task], options: SelectionOptions = SelectionOptions(), *, team_order: Sequence[str] = ()
) -> Selection:
    """Select one completion or none for each task, in one pass.

    `options.tags` keeps tasks that have any of these tags (ignoring case), `options.task_ids` those with one of these
    ids; `options.priority` overrides `team_order`, and names match exactly, else ignoring case. If no Annotation Lab
    completion of any task has `submitted_at`, the project was imported and all of them count as submitted; with
    `options.include_imported`, such completions also count beside submitted ones, unless they have a key of the
    annotation screen (`parsing.DRAFT_TRAITS`).
    """
    order, source = _order(options, team_order)
    chooser = Chooser(order, options)
    collected = _collect(tasks, chooser, options.include_imported)
    decisions = _in_order(collected.decisions)
    selection = Selection(options.policy, order, source, collected.imported, decisions)
    found = _findings(selection, collected, chooser, options)
    selection.findings.extend(worst_first([*found, *_unknown_ids(decisions, Wanted.of(options))]))
    return selection


def _order(options: SelectionOptions, team_order: Sequence[str]) -> tuple[tuple[str, ...], OrderSource]:
    """Return the order of the annotators, the most trusted first, and where it comes from."""
    if options.policy == "latest":
        return (), "fallback"
    order = tuple(dict.fromkeys(options.priority)) or tuple(dict.fromkeys(team_order))
    return order, "priority option" if options.priority else "team order" if team_order else "fallback"


class _Collected:
    """The decisions of one pass, with counts and facts about the whole project."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []
        self.tally = Notes()
        self.imported = False


def _collect(tasks: Iterable[Task], chooser: Chooser, include_imported: bool) -> _Collected:
    """Decide task by task.

    Until the first `submitted_at` is found, unsubmitted completions are decided on as if the project were
    imported; that is revoked when one is found. (Keeping the tasks to decide at the end would cost memory.)
    """
    collected = _Collected()
    held = _Held(include_imported)
    submitted_seen = False
    for task in tasks:
        if not submitted_seen and any(c.has_submitted_at for c in task.completions):
            submitted_seen = True
            held.give_up(collected)
        waiting = any(not c.submitted for c in task.completions)
        if waiting and not submitted_seen and (everything := unsubmitted_ids(task, imported_only=False)):
            held.add(task, chooser, everything)
            continue
        extra = unsubmitted_ids(task, imported_only=True) if waiting and include_imported else frozenset()
        collected.decisions.append(chooser.decide(task, collected.tally, extra))
    if not submitted_seen:
        held.confirm(collected)
    return collected


class _Held:
    """Decisions that hold only if the whole project turns out to be imported."""

    def __init__(self, include_imported: bool) -> None:
        self._include_imported = include_imported
        self._decisions: list[Decision] = []
        self._tally = Notes()
        # The decisions without that assumption, where they do not follow from those above.
        self._otherwise: dict[int, Decision] = {}
        self._otherwise_tally = Notes()

    def add(self, task: Task, chooser: Chooser, everything: frozenset[Identifier]) -> None:
        """Decide as if imported: all completions in `everything` count."""
        decision = chooser.decide(task, self._tally, everything)
        imported = unsubmitted_ids(task, imported_only=True) if self._include_imported else frozenset()
        otherwise = chooser.decide(task, self._otherwise_tally, imported)
        if otherwise != self._demoted(decision):
            self._otherwise[len(self._decisions)] = otherwise
        self._decisions.append(decision)

    def give_up(self, collected: _Collected) -> None:
        """Hand over the decisions without that assumption: the project was not imported."""
        for position, decision in enumerate(self._decisions):
            collected.decisions.append(self._otherwise.get(position) or self._demoted(decision))
        collected.tally.take_over(self._otherwise_tally)

    def confirm(self, collected: _Collected) -> None:
        """Hand over the decisions: the project was imported."""
        collected.imported = bool(self._decisions)
        collected.decisions += self._decisions
        collected.tally.take_over(self._tally)

    def _demoted(self, decision: Decision) -> Decision:
        return decision if self._include_imported else demoted(decision)


def _in_order(decisions: list[Decision]) -> list[Decision]:
    """Return decisions in ascending order of task ids, numbers before texts."""
    texts = [decision for decision in decisions if isinstance(decision.task_id, str)]
    if texts:
        decisions = [decision for decision in decisions if not isinstance(decision.task_id, str)]
    by_id = attrgetter("task_id")
    decisions.sort(key=by_id)
    return decisions + sorted(texts, key=by_id) if texts else decisions


def _findings(
    selection: Selection, collected: _Collected, chooser: Chooser, options: SelectionOptions
) -> list[Finding]:
    tally = collected.tally
    found = [
        _imported(selection),
        *_names(selection, chooser, options, tally.assumed),
        _undecided(selection, tally),
        tally.finding(
            "unreadable_time",
            "warning",
            "{count} [completion has|completions have] no readable time and [counts|count] as the oldest",
        ),
        tally.finding(
            "accepted_not_submitted",
            "warning",
            "{count} [completion was|completions were] accepted by a reviewer but never submitted, so not used",
            "submit them, or use --include-imported if they were imported",
        ),
    ]
    if tally.counts.get("starred") and not selection.imported:
        found.append(
            tally.finding(
                "taken_unstarred",
                "info",
                "{count} [task yields|tasks yield] a completion without a star, though the project uses stars",
            )
        )
    if selection.decisions and not selection.taken:
        found.append(
            Finding(
                "nothing_selected",
                "warning",
                "no completion was selected",
                hint="`alabtrain why PROJECT TASK_ID` explains the decision for one task",
            )
        )
    return worst_first(finding for finding in found if finding)


def _unknown_ids(decisions: Iterable[Decision], wanted: Wanted) -> list[Finding]:
    missing = wanted.ids - {str(decision.task_id) for decision in decisions} if wanted.ids else ()
    message = "{count} [id|ids] in --task-ids [does|do] not exist in this project"
    found = _named("unknown_task_id", sorted(missing), message, "`alabtrain select --json` lists the ids")
    return [] if found is None else [found]


def _imported(selection: Selection) -> Finding | None:
    if not selection.imported:
        return None
    return Finding(
        "imported_project",
        "warning",
        "no completion has `submitted_at`: the project was imported, and all completions count as submitted",
        selection.taken,
        hint="if they are drafts, submit the good ones and export again",
    )


def _names(
    selection: Selection, chooser: Chooser, options: SelectionOptions, assumed: set[str]
) -> Iterable[Finding | None]:
    carried = set(chooser.annotators) | {name.casefold() for name in chooser.annotators}
    for code, option, names in (
        ("unknown_annotator", "--annotators", options.annotators),
        ("unknown_priority", "--priority", options.priority),
    ):
        unknown = [name for name in names if name not in carried and name.casefold() not in carried]
        yield _named(code, unknown, f"{{count}} [name in {option} has|names in {option} have] no completion",
                     "annotators: " + ", ".join(sorted(filter(None, chooser.annotators))[:20]))  # fmt: skip
    if selection.order_used:
        unlisted = sorted(name for name in chooser.counting | assumed if name and not chooser.is_listed(name))
        message = f"{{count}} [annotator is|annotators are] not in the {selection.order_from}"
        hint = "their completions come last; set the whole order with --priority a,b,c"
        yield _named("unlisted_annotator", unlisted, message, hint)
    if options.tags:
        there = {tag.casefold() for tag_set in chooser.tag_sets for tag in tag_set}
        missing = [tag for tag in options.tags if tag.casefold() not in there]
        yield _named(
            "unknown_tag",
            missing,
            "{count} [tag in --tags is|tags in --tags are] on no task",
            "add tags with --task-tags FILE.csv",
        )


def _named(code: str, names: Sequence[str], message: str, hint: str) -> Finding | None:
    if not names:
        return None
    return Finding(code, "warning", pluralize(message, len(names)), len(names), tuple(names[:MAX_EXAMPLES]), hint)


def _undecided(selection: Selection, tally: Notes) -> Finding | None:
    if selection.policy == "latest":
        return None
    fallback = selection.order_from == "fallback"
    why = "there is no team order" if fallback else "the order does not distinguish them"
    return tally.finding(
        "priority_fallback",
        "warning",
        "{count} [task has|tasks have] completions of several annotators of equal rank ("
        + why
        + "): the starred one was used, else the newest",
        "set the order of the annotators with --priority ann,bob",
    )

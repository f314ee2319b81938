"""`alabtrain check`: the contents of a project, the types that can be trained, and the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from alabtrain.console.arguments import JsonOption, ProjectArgument, as_command
from alabtrain.console.given import open_given
from alabtrain.console.settings import find_project
from alabtrain.core.errors import CheckFailed
from alabtrain.project.options import ProjectOptions
from alabtrain.selection.options import SelectionOptions
from alabtrain.trainers.options import LearningOptions

if TYPE_CHECKING:
    from alabtrain.inspect.check import CheckReport

SHOWN_LABELS = 25
_BAR = 24  # cells


@as_command
def command(
    project: ProjectArgument = None,
    as_json: JsonOption = False,
    *,
    files: ProjectOptions,
    selection: SelectionOptions,
    learning: LearningOptions,
) -> None:
    """Report what a project contains and what is wrong with it.

    PROJECT is read as a training would read it. For pages, the report estimates what a training with these learning
    options would cost, and whether it would learn. Ends with exit code 1 if a finding is an error.
    """
    from alabtrain.console import terminal
    from alabtrain.workflows.check import check

    opened = open_given(find_project(project), files)
    report = check(opened, selection, learning=learning)
    if as_json:
        terminal.print_json(report.to_dict())
    else:
        _show(report, opened.name)
    if report.failed:
        raise typer.Exit(CheckFailed.exit_code)


def _show(report: CheckReport, name: str) -> None:
    from alabtrain.console import terminal
    from alabtrain.core.numbers import counted

    counts = report.counts
    terminal.say(f"{name}: {counts['selected']:,} of {counts['tasks']:,} tasks yield a completion")
    if counts["test"]:
        terminal.say(f"split by tags: {counts['train']:,} to train, {counts['test']:,} to test")
    if counts["tokens"]:
        terminal.say(f"training texts: about {counts['sentences']:,} sentences, {counts['tokens']:,} tokens")
    terminal.say(f"types to train: {_types(report.types)}", style="bold")
    for subject, labels in counts["labels"].items():
        _show_labels(subject, labels, bool(counts["test"]))
    terminal.print_findings(report.findings)
    tally = {s: sum(f.severity == s for f in report.findings) for s in ("error", "warning", "info")}
    names = {"error": "error", "warning": "warning", "info": "note"}
    summary = ", ".join(counted(count, names[severity]) for severity, count in tally.items() if count)
    terminal.say(f"\n{summary or 'no problems found'}", style="bold")


def _types(allowed: tuple[str, ...]) -> str:
    """Return the types that can be trained, with a note if a type for pages needs a run of its own."""
    from alabtrain.trainers.registry import type_names

    apart = [name for name in allowed if name in type_names(of_pages=True)] if len(allowed) > 1 else []
    note = f" ({', '.join(apart)} in a run of its own, with --type)" if apart else ""
    return (", ".join(allowed) or "nothing") + note


def _show_labels(subject: str, labels: dict[str, dict[str, int]], with_test: bool) -> None:
    """Draw the counts of labels; `subject` is a model type, or that of a group of choices."""
    from alabtrain.console import terminal
    from alabtrain.trainers.registry import model_type

    name, _colon, group = subject.partition(":")
    title = f"Choices of {group}" if group else model_type(name).labels_title
    most = max((parts["train"] for parts in labels.values()), default=0) or 1
    rows: list[tuple[object, ...]] = []
    for label, parts in list(labels.items())[:SHOWN_LABELS]:
        bar = "█" * max(bool(parts["train"]), round(parts["train"] / most * _BAR))
        numbers = (parts["train"], parts["test"]) if with_test else (parts["train"],)
        rows.append((label, *numbers, bar))
    columns = ("label", "train", "test", "") if with_test else ("label", "examples", "")
    terminal.print_table(title, columns, rows)
    if len(labels) > SHOWN_LABELS:
        terminal.say(f"… and {len(labels) - SHOWN_LABELS} more", style="dim")

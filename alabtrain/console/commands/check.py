"""`alabtrain check`: what is in a project, what can be trained, and what is wrong."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from alabtrain.console.commands.train import learning_options
from alabtrain.console.options import json_option, project_options, selection_options
from alabtrain.console.settings import find_project
from alabtrain.core.errors import CheckFailed

SHOWN_LABELS = 25
_BAR = 24  # cells
_TITLES = {"ner": "Spans by label", "assertion": "Assertion labels", "visual_ner": "Boxes by label"}


@click.command(short_help="Say what is in a project and what is wrong with it.")
@project_options
@selection_options
@learning_options
@json_option
def command(
    *,
    project: Path | None,
    config: Path | None,
    reviews: Path | None,
    task_tags: Path | None,
    as_json: bool,
    **how: Any,
) -> None:
    """Look at PROJECT as a training would, and say what is in it and what is wrong.

    Of pages it tells what a training with --epochs, --batch-size and the others would cost, and whether it would learn.
    Ends with exit code 1 when a finding is an error.
    """
    from alabtrain.console import terminal
    from alabtrain.console.options import selection_from
    from alabtrain.project.project import open_project
    from alabtrain.trainers.visual_ner.options import VisualNerOptions
    from alabtrain.workflows.check import check

    opened = open_project(find_project(project), config=config, reviews=reviews, task_tags=task_tags)
    names = (field.name for field in fields(VisualNerOptions) if field.name in how)
    given = {name: value for name in names if (value := how.pop(name)) is not None}
    report = check(opened, selection_from(how), pages=VisualNerOptions(**given))
    if as_json:
        terminal.print_json(report.to_dict())
    else:
        _show(report, opened.name)
    if report.failed:
        click.get_current_context().exit(CheckFailed.exit_code)


def _show(report: Any, name: str) -> None:
    from alabtrain.console import terminal
    from alabtrain.inspect.check.words import counted

    counts = report.counts
    terminal.say(f"{name}: {counts['selected']:,} of {counts['tasks']:,} tasks yield a completion")
    if counts["test"]:
        terminal.say(f"split by tags: {counts['train']:,} to train, {counts['test']:,} to test")
    if counts["tokens"]:
        terminal.say(f"training texts: about {counts['sentences']:,} sentences, {counts['tokens']:,} tokens")
    terminal.say(f"types to train: {_types(report.types)}", style="bold")
    for kind, labels in counts["labels"].items():
        _show_labels(kind, labels, bool(counts["test"]))
    terminal.print_findings(report.findings)
    tally = {s: sum(f.severity == s for f in report.findings) for s in ("error", "warning", "info")}
    names = {"error": "error", "warning": "warning", "info": "note"}
    summary = ", ".join(counted(count, names[severity]) for severity, count in tally.items() if count)
    terminal.say(f"\n{summary or 'nothing to complain about'}", style="bold")


def _types(allowed: tuple[str, ...]) -> str:
    """Say which types are trained, and that pages are trained on alone."""
    from alabtrain.core.modeltypes import VISUAL_NER

    apart = VISUAL_NER in allowed and len(allowed) > 1
    return (", ".join(allowed) or "nothing") + (f" ({VISUAL_NER} in a run of its own, with --type)" if apart else "")


def _show_labels(kind: str, labels: dict[str, dict[str, int]], with_test: bool) -> None:
    from alabtrain.console import terminal

    title = _TITLES.get(kind) or f"Choices of {kind.partition(':')[2]}"
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

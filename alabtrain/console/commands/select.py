"""`alabtrain select`: which completion of each task counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from alabtrain.console.options import FILE, json_option, option, project_options, selection_options
from alabtrain.console.settings import find_project


@click.command(short_help="Choose one completion per task, and say why.")
@project_options
@selection_options
@option("-o", "--output", "output_file", type=FILE, envvar=None, help="Write the chosen completions to this file.")
@option("--format", "output_format", type=click.Choice(["json", "jsonl", "export"]), default="json",
       envvar=None, help="As records, or as an export that can be imported again.")  # fmt: skip
@json_option
def command(
    *,
    project: Path | None,
    config: Path | None,
    reviews: Path | None,
    task_tags: Path | None,
    output_file: Path | None,
    output_format: Any,
    as_json: bool,
    **how: Any,
) -> None:
    """Choose one completion per task, and say why each other one is not used.

    Only submitted completions count. One that a reviewer accepted wins, a rejected one is never used;
    otherwise the annotator with the highest priority wins, then the starred completion, then the newest.
    """
    from alabtrain.console import terminal
    from alabtrain.console.options import selection_from
    from alabtrain.project.project import open_project
    from alabtrain.selection.select import select_project

    opened = open_project(find_project(project), config=config, reviews=reviews, task_tags=task_tags)
    selection = select_project(opened, selection_from(how))
    if output_file is not None:
        from alabtrain.selection.chosen import write_chosen

        count = write_chosen(opened, selection, output_file, output_format=output_format)
        terminal.note(f"wrote {count:,} completions to {output_file}")
    if as_json:
        for piece in selection.json_pieces():
            click.echo(piece, nl=False)
        click.echo()
    else:
        _show(selection)


def _show(selection: Any) -> None:
    from alabtrain.console import terminal
    from alabtrain.selection.decisions import REASONS, RULES

    order = f" ({', '.join(selection.order_used)})" if selection.order_used else ""
    source = "newest first" if selection.policy == "latest" else selection.order_from + order
    tasks = len(selection.decisions)
    terminal.say(f"{selection.taken:,} of {tasks:,} tasks yield a completion; order: {source}")
    rules, reasons = selection.counts["rule"], selection.counts["reason"]
    terminal.print_table("Taken", ("rule", "tasks", "because it is"), [(r, n, RULES[r]) for r, n in rules.items()])
    if reasons:
        rows = [(reason, count, REASONS[reason]) for reason, count in reasons.items()]
        terminal.print_table("Not taken", ("reason", "completions", "because"), rows)
    terminal.print_findings(selection.findings)

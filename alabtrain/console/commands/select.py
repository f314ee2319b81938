"""`alabtrain select`: choose one completion per task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from alabtrain.console.arguments import JsonOption, ProjectArgument, as_command
from alabtrain.console.given import open_given
from alabtrain.console.settings import find_project
from alabtrain.project.options import ProjectOptions
from alabtrain.selection.options import SelectionOptions

if TYPE_CHECKING:
    from alabtrain.selection.decisions import Selection

OutputOption = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", path_type=Path, metavar="FILE", rich_help_panel="Output",
        help="Write the chosen completions to this file.",
    ),
]  # fmt: skip
FormatOption = Annotated[
    Literal["json", "jsonl", "export"],
    typer.Option("--format", rich_help_panel="Output", help="As records, or as an export that can be imported again."),
]


@as_command
def command(
    project: ProjectArgument = None,
    output_file: OutputOption = None,
    output_format: FormatOption = "json",
    as_json: JsonOption = False,
    *,
    files: ProjectOptions,
    selection: SelectionOptions,
) -> None:
    """Choose one completion per task, and say why.

    Only submitted completions count. One that a reviewer accepted wins, a rejected one is never used;
    otherwise the annotator with the highest priority wins, then the starred completion, then the newest.
    """
    from alabtrain.console import terminal
    from alabtrain.selection.select import select_project

    opened = open_given(find_project(project), files)
    chosen = select_project(opened, selection)
    if output_file is not None:
        from alabtrain.selection.chosen import write_chosen

        count = write_chosen(opened, chosen, output_file, output_format=output_format)
        terminal.note(f"wrote {count:,} completions to {output_file}")
    if as_json:
        for piece in chosen.json_pieces():
            typer.echo(piece, nl=False)
        typer.echo()
    else:
        _show(chosen)


def _show(selection: Selection) -> None:
    from alabtrain.console import terminal
    from alabtrain.selection.decisions import REASONS, RULES

    order = f" ({', '.join(selection.order_used)})" if selection.order_used else ""
    source = "newest first" if selection.policy == "latest" else selection.order_from + order
    tasks = len(selection.decisions)
    terminal.say(f"{selection.taken:,} of {tasks:,} tasks yield a completion; order: {source}")
    rules, reasons = selection.counts["rule"], selection.counts["reason"]
    terminal.print_table("Taken", ("rule", "tasks", "meaning"), [(r, n, RULES[r]) for r, n in rules.items()])
    if reasons:
        rows = [(reason, count, REASONS[reason]) for reason, count in reasons.items()]
        terminal.print_table("Not taken", ("reason", "completions", "meaning"), rows)
    terminal.print_findings(selection.findings)

"""`alabtrain show`: the pages of a task with its boxes, as pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from alabtrain.console.given import open_given
from alabtrain.console.options import FILE, json_option, option, project_options, selection_options
from alabtrain.console.settings import find_project


@click.command(name="show", short_help="Draw the boxes of a task on its pages.")
@project_options
@click.argument("task_id", metavar="TASK_ID")
@option("-o", "--output", type=FILE, envvar=None, default=Path("shown"), help="Folder for the pictures, a PNG a page.")
@option("--run", type=FILE, envvar=None, metavar="RUN", help="Draw what the model of this run found, too.")
@option("--order", is_flag=True, envvar=None, help="Number the words in the order in which they are read.")
@selection_options
@json_option
@click.pass_context
def command(ctx: click.Context, /, *, project: Path | None, task_id: str, output: Path, run: Path | None, order: bool,
            as_json: bool, **others: Any) -> None:  # fmt: skip
    """Draw the pages of the task TASK_ID of PROJECT, with the boxes of the completion that a training would choose.

    The colours are those of the labeling config. The pictures show the document: pass them on with care.
    """
    from alabtrain.console import terminal
    from alabtrain.console.options import selection_from
    from alabtrain.inspect.show import show_task
    from alabtrain.runs.run import read_run

    opened = open_given(find_project(project), ctx.params)
    shown = show_task(
        opened, task_id, selection=selection_from(others), output=output, order=order,
        run=read_run(run) if run else None,
    )  # fmt: skip
    if as_json:
        terminal.print_json(shown.to_dict())
        return
    terminal.print_table("Boxes", ("label", "boxes"), list(shown.boxes.items()))
    terminal.print_findings(shown.findings)
    terminal.say("")
    for file in shown.files:
        terminal.say(str(file))

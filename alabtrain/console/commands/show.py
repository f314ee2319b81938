"""`alabtrain show`: the pages of a task with its boxes, as pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alabtrain.console.arguments import JsonOption, ProjectArgument, as_command
from alabtrain.console.given import open_given
from alabtrain.console.settings import find_project
from alabtrain.project.options import ProjectOptions
from alabtrain.selection.options import SelectionOptions

TaskArgument = Annotated[str, typer.Argument(metavar="TASK_ID", rich_help_panel="Project", help="The id of the task.")]
OutputOption = Annotated[
    Path,
    typer.Option(
        "-o", "--output", path_type=Path, metavar="FOLDER", rich_help_panel="Output",
        help="Folder for the pictures, a PNG file for each page.",
    ),
]  # fmt: skip
RunOption = Annotated[
    Path | None,
    typer.Option(
        "--run", path_type=Path, metavar="RUN", rich_help_panel="Output",
        help="Draw what the model of this run found, too.",
    ),
]  # fmt: skip
OrderOption = Annotated[
    bool,
    typer.Option("--order", rich_help_panel="Output", help="Number the words in the order in which they are read."),
]


@as_command
def command(
    project: ProjectArgument,
    task_id: TaskArgument,
    output: OutputOption = Path("shown"),
    run: RunOption = None,
    order: OrderOption = False,
    as_json: JsonOption = False,
    *,
    files: ProjectOptions,
    selection: SelectionOptions,
) -> None:
    """Draw the boxes of a task on its pages.

    They are those of the completion that a training would choose. The colours are those of the labeling config. The
    pictures show the document: pass them on with care.
    """
    from alabtrain.console import terminal
    from alabtrain.inspect.show import show_task
    from alabtrain.runs.run import read_run

    opened = open_given(find_project(project), files)
    shown = show_task(
        opened, task_id, selection=selection, output=output, order=order,
        run=read_run(run) if run else None,
    )  # fmt: skip
    if as_json:
        terminal.print_json(shown)
        return
    terminal.print_table("Boxes", ("label", "boxes"), list(shown.boxes.items()))
    terminal.print_findings(shown.findings)
    terminal.say("")
    for file in shown.files:
        terminal.say(str(file))

"""`alabtrain deploy`: write a run's models into the labeling config."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alabtrain.console.arguments import JsonOption, RunArgument, as_command
from alabtrain.workflows.configs import DeployOptions

if TYPE_CHECKING:
    from alabtrain.workflows.deploy import Deployment

TargetArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[PROJECT]", path_type=Path, rich_help_panel="Project",
        show_default="the project of the run",
        help="The export whose labeling config is written.",
    ),
]  # fmt: skip


@as_command
def command(
    run: RunArgument, target: TargetArgument = None, as_json: JsonOption = False, *, options: DeployOptions
) -> None:
    """Write the models of a run into the labeling config.

    It is the config of the project of RUN, or that of PROJECT. Only `model` attributes change; every other byte
    stays.
    """
    from alabtrain.console import terminal
    from alabtrain.workflows.deploy import deploy_run

    done = deploy_run(run, target, options)
    if as_json:
        terminal.print_json(done.to_dict())
        return
    _show(done, options.dry_run)


def _show(done: Deployment, dry_run: bool) -> None:
    from rich.text import Text

    from alabtrain.console import terminal

    console = terminal.stdout()
    if dry_run:
        styles = {"+": "green", "-": "red", "@": "cyan"}
        for line in done.diff.splitlines():
            console.print(Text(terminal.plain(line), style=styles.get(line[:1], "")), soft_wrap=True)
    elif done.changed:
        columns = ("line", "label", "model before", "model now")
        rows = [(str(edit.line), edit.label, edit.old or "-", edit.new) for edit in done.changed]
        terminal.print_table("Deployed", columns, rows)
    if not done.changed:
        terminal.note("the labeling config already names these models")
    if done.written and not dry_run:
        terminal.note(f"wrote {done.written}")
    if done.backup:
        terminal.note(f"the backup of the former file is {done.backup}")

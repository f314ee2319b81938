"""`alabtrain deploy`: write a run's models into the labeling config."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from alabtrain.console.options import FILE, json_option, option, settings_option


@click.command(short_help="Write the models of a run into the labeling config.")
@click.argument("run", type=FILE)
@click.argument("target", metavar="[PROJECT]", type=FILE, required=False)
@option("--config", type=FILE, help="The labeling config (XML), where the project does not hold it.")
@option("--dry-run", is_flag=True, envvar=None, help="Show what would change, and write nothing.")
@option("--in-place", is_flag=True, envvar=None, help="Write into the project too, with a backup beside it.")
@option("-o", "--output", "output_file", type=FILE, envvar=None,
        help="Write it to this file.  [default: config.xml in the run]", show_default=False)  # fmt: skip
@settings_option
@json_option
def command(
    *,
    run: Path,
    target: Path | None,
    config: Path | None,
    dry_run: bool,
    in_place: bool,
    output_file: Path | None,
    as_json: bool,
) -> None:
    """Write the models of RUN into the labeling config of its project, or of PROJECT.

    Only `model` attributes change; every other byte stays.
    """
    from alabtrain.console import terminal
    from alabtrain.workflows.configs import DeployOptions
    from alabtrain.workflows.deploy import deploy_run

    options = DeployOptions(config=config, output=output_file, in_place=in_place, dry_run=dry_run)
    done = deploy_run(run, target, options)
    if as_json:
        terminal.print_json(done.to_dict())
        return
    _show(done, dry_run)


def _show(done: Any, dry_run: bool) -> None:
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
        terminal.note("the labeling config names these models already")
    if done.written and not dry_run:
        terminal.note(f"wrote {done.written}")
    if done.backup:
        terminal.note(f"the former file is {done.backup}")

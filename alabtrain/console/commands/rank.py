"""`alabtrain rank`: the tasks to annotate next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from alabtrain.console.given import open_given
from alabtrain.console.options import (
    FILE,
    json_option,
    named_models_options,
    option,
    project_options,
    selection_options,
    spark_options,
    workspace_from,
)
from alabtrain.console.settings import find_project

SHOWN = 20


@click.command(name="rank", short_help="Order the unannotated tasks by what they would teach.")
@project_options
@option("--run", type=FILE, envvar=None, help="Use the models of this run.  [default: those that the config names]")
@option("-o", "--output", type=FILE, envvar=None, help="Write all tasks in their order to this CSV file.")
@selection_options
@named_models_options
@spark_options
@json_option
@click.pass_context
def command(ctx: click.Context, /, *, project: Path | None, run: Path | None, output: Path | None, as_json: bool,
            **others: Any) -> None:  # fmt: skip
    """Order the tasks of PROJECT that nobody has annotated by what annotating them would teach.

    What the models are unsure of comes first, and what they find much in, labels that are rare so far counting more; a
    task that is like one before it, or like an annotated one, waits. Tasks tagged Test are left out. The reasons hold
    no text.
    """
    from alabtrain.console import progress as live
    from alabtrain.console import terminal
    from alabtrain.core.options import build
    from alabtrain.workflows.configs import RankConfig
    from alabtrain.workflows.rank import rank

    opened = open_given(find_project(project), ctx.params)
    config = build(RankConfig, {**others, "run": run, "output": output})
    with live.listener() as sink:
        done = rank(opened, config, workspace_from(others, sink))
    if as_json:
        terminal.print_json(done.to_dict())
        return
    rows = [(str(row["rank"]), str(row["task_id"]), row["value"], row["reason"]) for row in done.rows()]
    terminal.print_table("To annotate next", ("", "task", "value", "why"), rows[:SHOWN])
    left = "".join(f", {count:,} left out ({reason.replace('_', ' ')})" for reason, count in done.skipped.items())
    more = f"; the first {SHOWN} are shown" if len(rows) > SHOWN else ""
    terminal.say(f"\n{len(rows):,} tasks ranked{left}{more}")
    terminal.print_findings([finding for finding in done.findings if finding.severity != "info"])
    if output is not None:
        terminal.say(str(output))

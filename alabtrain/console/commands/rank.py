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
    from alabtrain.console.options import selection_from, spark_from
    from alabtrain.runs.run import read_run
    from alabtrain.selection.chosen import refuse_input
    from alabtrain.workflows.rank import rank, write_ranking

    path = find_project(project)
    opened = open_given(path, ctx.params)
    if output is not None:
        refuse_input(opened, output, inside_too=False)
    with live.listener() as sink:
        done = rank(
            project=opened, run=read_run(run) if run else None, store=others["models"],
            spark=spark_from(others), selection=selection_from(others), lang=others["lang"], hub=others["hub"],
            sink=sink,
        )  # fmt: skip
    if output is not None:
        write_ranking(done, output)
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

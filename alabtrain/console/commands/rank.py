"""`alabtrain rank`: the tasks to annotate next."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from alabtrain.console.arguments import JsonOption, ProjectArgument, as_command
from alabtrain.console.given import open_given
from alabtrain.console.options import Without
from alabtrain.console.settings import find_project
from alabtrain.project.options import ProjectOptions
from alabtrain.workflows.configs import RankConfig
from alabtrain.workflows.workspace import Workspace

SHOWN = 20


@as_command
def command(
    project: ProjectArgument = None,
    as_json: JsonOption = False,
    *,
    files: ProjectOptions,
    config: RankConfig,
    workspace: Annotated[Workspace, Without("runs")],
) -> None:
    """Order the unannotated tasks by what they would teach.

    Tasks of PROJECT that the models are unsure of come first, and those in which they find much, with labels that are
    rare so far counting more; a task that is like one before it, or like an annotated one, waits. Tasks tagged Test are
    left out. The reasons hold no text.
    """
    from alabtrain.console import progress as live
    from alabtrain.console import terminal
    from alabtrain.workflows.rank import rank

    opened = open_given(find_project(project), files)
    with live.listener() as sink:
        done = rank(opened, config, replace(workspace, events=sink))
    if as_json:
        terminal.print_json(done.to_dict())
        return
    rows = [(str(row["rank"]), str(row["task_id"]), row["value"], row["reason"]) for row in done.rows()]
    terminal.print_table("To annotate next", ("", "task", "value", "why"), rows[:SHOWN])
    left = "".join(f", {count:,} left out ({reason.replace('_', ' ')})" for reason, count in done.skipped.items())
    more = f"; the first {SHOWN} are shown" if len(rows) > SHOWN else ""
    terminal.say(f"\n{len(rows):,} tasks ranked{left}{more}")
    terminal.print_findings([finding for finding in done.findings if finding.severity != "info"])
    if config.output is not None:
        terminal.say(str(config.output))

"""`alabtrain watch`: train again whenever enough new completions were submitted."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alabtrain.console.arguments import JsonOption, ProjectArgument, as_command
from alabtrain.console.options import learning_flags, provenance
from alabtrain.core.errors import UsageError
from alabtrain.project.options import ProjectOptions
from alabtrain.workflows.configs import WatchConfig
from alabtrain.workflows.workspace import Workspace

if TYPE_CHECKING:
    from alabtrain.workflows.watch import Look, Postponed

OnceOption = Annotated[
    bool,
    typer.Option("--once", rich_help_panel="Watch", help="Look once, train if it is time, and end: for cron and CI."),
]


@as_command
def command(
    ctx: typer.Context,
    project: ProjectArgument = None,
    once: OnceOption = False,
    as_json: JsonOption = False,
    *,
    files: ProjectOptions,
    config: WatchConfig,
    workspace: Workspace,
) -> None:
    """Train again whenever enough new completions were submitted.

    PROJECT is an export that is replaced from time to time, or a folder of exports, of which the newest zip counts. A
    training starts when --every completions were submitted since the last one. What was trained on is kept beside the
    runs, in watch.json, and survives a kill. A model that is in use stays until the new one is trained; the names of
    these models end in active_learning.
    """
    from alabtrain.console import progress as live
    from alabtrain.console import terminal
    from alabtrain.workflows.watch import look, watch

    if project is None:
        raise UsageError("there is no PROJECT to watch: give an export, or a folder of exports")
    if as_json and not once:
        raise UsageError("--json needs --once, as it reports a single look")
    flags = learning_flags(ctx, WatchConfig)
    config = replace(
        config, train=replace(config.train, asked=flags), deploy=_deploys(project, config, workspace, once)
    )
    with live.listener() as sink:
        where, sources = replace(workspace, events=sink), provenance(ctx)
        if once:
            done = look(project, config, where, beside=files, provenance=sources)
            terminal.print_json(done) if as_json else terminal.say(_summary(done))
            return
        for found in watch(project, config, where, beside=files, provenance=sources):
            terminal.note(_summary(found))


def _deploys(project: Path, config: WatchConfig, workspace: Workspace, once: bool) -> bool | None:
    """Return whether to deploy: the given value, else that of the last watch (None), else the user's answer."""
    from alabtrain.console import terminal
    from alabtrain.workflows.watch import remembered_deploy

    if config.deploy is not None or remembered_deploy(project, workspace) is not None:
        return config.deploy
    if not once and sys.stdin.isatty():
        return typer.confirm("Deploy each new model?", default=False, err=True)
    terminal.note("new models are not deployed; --deploy changes that")
    return None


def _summary(done: Look | Postponed) -> str:
    from alabtrain.workflows.watch import Postponed

    if isinstance(done, Postponed):
        return f"not now: {done.message}"
    if done.run is not None:
        return f"trained on {done.export}, {done.new} new completions: {done.run}"
    return f"{done.export}: {done.new} of {done.every} new completions"

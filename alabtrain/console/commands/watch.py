"""`alabtrain watch`: train again whenever enough new completions were submitted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from alabtrain.console.commands.train import DEPLOYING, config_from, training_options
from alabtrain.console.given import beside, provenance_of
from alabtrain.console.options import json_option, option, project_options, workspace_from
from alabtrain.core.errors import UsageError

if TYPE_CHECKING:
    from alabtrain.workflows.watch import Look, Postponed
    from alabtrain.workflows.workspace import Workspace


@click.command(name="watch", short_help="Train again whenever enough new completions were submitted.")
@project_options
@option("--every", type=click.IntRange(1), default=50, help="New submitted completions that start a training.")
@option("--interval", type=click.FloatRange(1), default=60.0, help="Seconds between two looks.")
@option("--once", is_flag=True, envvar=None, help="Look once, train if it is time, and end: for cron and CI.")
@option("--deploy/--no-deploy", default=None, help=f"{DEPLOYING}  [default: asked once]")
@training_options
@json_option
@click.pass_context
def command(ctx: click.Context, /, *, project: Path | None, every: int, interval: float, once: bool,
            deploy: bool | None, as_json: bool, **_others: Any) -> None:  # fmt: skip
    """Watch PROJECT, and train whenever --every completions were submitted since the last training.

    PROJECT is an export that is replaced from time to time, or a folder of exports, of which the newest zip counts.
    What was trained on is kept beside the runs, in watch.json, and survives a kill. A model that is in use stays
    until the new one is trained; the names of these models end in active_learning.
    """
    from alabtrain.console import progress as live
    from alabtrain.console import terminal
    from alabtrain.workflows.configs import WatchConfig
    from alabtrain.workflows.watch import look, watch

    if project is None:
        raise UsageError("name the export, or the folder of exports, to watch")
    if as_json and not once:
        raise UsageError("--json tells of one look: it needs --once")
    with live.listener() as sink:
        workspace = workspace_from(ctx.params, sink)
        chosen = _deploys(project, workspace, deploy, ask=not once)
        config = WatchConfig(every=every, interval=interval, deploy=chosen, train=config_from(ctx))
        files, sources = beside(ctx.params), provenance_of(ctx)
        if not once:
            for found in watch(project, config, workspace, beside=files, provenance=sources):
                terminal.note(_told(found))
        done = look(project, config, workspace, beside=files, provenance=sources)
    terminal.print_json(done.to_dict()) if as_json else terminal.say(_told(done))


def _deploys(project: Path, workspace: Workspace, given: bool | None, *, ask: bool) -> bool:
    """Return whether to deploy: as given, else as the last time, else as the user answers; nobody there means no."""
    from alabtrain.console import terminal
    from alabtrain.workflows.watch import remembered_deploy

    known = given if given is not None else remembered_deploy(project, workspace)
    if known is not None:
        return known
    if ask and sys.stdin.isatty():
        return click.confirm("Deploy each new model?", default=False, err=True)
    terminal.note("new models are not deployed; --deploy changes that")
    return False


def _told(found: Look | Postponed) -> str:
    from alabtrain.workflows.watch import Look

    if not isinstance(found, Look):
        return f"not now: {found.message}"
    if found.run is not None:
        return f"trained on {found.export}, {found.new} new completions: {found.run}"
    return f"{found.export}: {found.new} of {found.every} new completions"

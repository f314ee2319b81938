"""`alabtrain watch`: train again whenever enough new completions were submitted."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from alabtrain.console.commands.train import DEPLOYING, train_project, training_options
from alabtrain.console.given import open_given
from alabtrain.console.options import json_option, option, project_options
from alabtrain.core.errors import InputError, NothingToTrain, UsageError

if TYPE_CHECKING:
    from alabtrain.workflows.watch import Look

WAITED_FOR = (InputError, NothingToTrain, UsageError)  # the next export may be there, whole, and hold more


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
            deploy: bool | None, as_json: bool, **others: Any) -> None:  # fmt: skip
    """Watch PROJECT, and train whenever --every completions were submitted since the last training.

    PROJECT is an export that is replaced from time to time, or a folder of exports, of which the newest zip counts.
    What was trained on is kept beside the runs, in watch.json, and survives a kill. A model that is in use stays
    until the new one is trained; the names of these models end in active_learning.
    """
    from alabtrain.console import terminal
    from alabtrain.console.options import selection_from
    from alabtrain.runs.watch_state import only_watch
    from alabtrain.store.filling import ACTIVE_LEARNING
    from alabtrain.workflows.watch import look

    if project is None:
        raise UsageError("name the export, or the folder of exports, to watch")
    if as_json and not once:
        raise UsageError("--json tells of one look: it needs --once")
    output: Path = others["output"]
    with only_watch(output):
        chosen = _deploys(output, project, deploy, ask=not once)

        def look_now() -> Look:
            return look(
                project, output=output, every=every, deploy=chosen, selection=selection_from(ctx.params),
                read=lambda path: open_given(path, ctx.params),
                train=lambda path: train_project(ctx, path, deploy=chosen, origin=ACTIVE_LEARNING).run,
            )  # fmt: skip

        if not once:
            _look_on(project, look_now, interval)
        done = look_now()
        terminal.print_json(done.to_dict()) if as_json else terminal.say(_told(done))


def _look_on(project: Path, look_now: Callable[[], Look], interval: float) -> NoReturn:
    """Look until somebody ends it; an export that cannot be trained on is not tried again until it is replaced."""
    from alabtrain.console import terminal
    from alabtrain.workflows.watch import newest_export, stamp

    told, refused = "", None
    while True:
        message, now = told, None
        try:
            now = stamp(newest_export(project))
            if now != refused or now is None:
                message, refused = _told(look_now()), None
        except WAITED_FOR as problem:
            # What came while it was looked at is another export: that is not refused.
            message, refused = f"not now: {problem}", now
        if message != told:
            terminal.note(message)
        told = message
        time.sleep(interval)


def _deploys(output: Path, project: Path, given: bool | None, *, ask: bool) -> bool:
    """Return whether to deploy: as given, else as the last time, else as the user answers; nobody there means no."""
    from alabtrain.console import terminal
    from alabtrain.runs.watch_state import WatchState, read_state, write_state

    known = read_state(output, project)
    if given is None and known is not None:
        return known.deploy
    if given is None and ask and sys.stdin.isatty():
        given = click.confirm("Deploy each new model?", default=False, err=True)
    elif given is None:
        terminal.note("new models are not deployed; --deploy changes that")
    if known is None or known.deploy != bool(given):
        state = known or WatchState(str(project.resolve()), bool(given))
        write_state(output, replace(state, deploy=bool(given)))
    return bool(given)


def _told(done: Look) -> str:
    if done.run is not None:
        return f"trained on {done.export}, {done.new} new completions: {done.run}"
    return f"{done.export}: {done.new} of {done.every} new completions"

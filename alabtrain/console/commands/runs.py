"""`alabtrain runs`: list the runs."""

from __future__ import annotations

from pathlib import Path

import click
from click.core import ParameterSource

from alabtrain.console.options import FILE, json_option, option, settings_option
from alabtrain.core.errors import UsageError


@click.command(name="runs", short_help="List the runs: state, scores and where the models are.")
@option("-o", "--output", type=FILE, default=Path("runs"), help="Where run folders are.")
@settings_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, *, output: Path, as_json: bool) -> None:
    """List the runs, the newest first.

    F1 is that of entities, the mean over the classes where a text has one class, and that of all classes together
    where it may have several: on the test part or, without one, on the validation part. A run is `dead` when its
    process is gone but it never ended, and `broken` when its files cannot be read.
    """
    from alabtrain.console import terminal
    from alabtrain.runs.run import list_runs

    if ctx.get_parameter_source("output") is ParameterSource.COMMANDLINE and not output.is_dir():
        raise UsageError("no such folder", where=str(output))
    runs = list_runs(output)
    if as_json:
        terminal.print_json({"runs": [run.to_dict() for run in runs]})
        return
    if not runs:
        terminal.note(f"no runs in {output}")
        return
    from alabtrain.reports.words import duration

    terminal.print_table(
        "Runs",
        ("started (UTC)", "state", "type", "project", "F1", "time", "model (or run)"),
        [
            (
                (run.started or "")[:16].replace("T", " "),
                run.state if run.state in ("done", run.reached) else f"{run.state} ({run.reached})",
                run.type,
                Path(run.project).name if run.project else "",
                " · ".join(f"{kind} {f1:.3f}" for kind, f1 in run.f1s.items()) if run.is_mixed else run.f1,
                duration(run.seconds),
                "\n".join(map(str, run.model_paths or [run.path])),
            )
            for run in runs
        ],
    )

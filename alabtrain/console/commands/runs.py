"""`alabtrain runs`: list the runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alabtrain.console.arguments import JsonOption, as_command
from alabtrain.console.options import Without, provenance
from alabtrain.console.settings import FLAG
from alabtrain.core.errors import UsageError
from alabtrain.workflows.workspace import Workspace


@as_command
def command(
    ctx: typer.Context, as_json: JsonOption = False, *, where: Annotated[Workspace, Without("store", "spark")]
) -> None:
    """List the runs: state, scores and where the models are.

    The newest comes first. F1 is that of entities, the mean over the classes where a text has one class, and that
    of all classes together where it may have several: on the test part or, without one, on the validation part. A
    run is `dead` when its process is gone but it never ended, and `broken` when its files cannot be read.
    """
    from alabtrain.console import terminal
    from alabtrain.runs.record import list_runs
    from alabtrain.runs.shapes import RunsJson

    folder = where.runs
    if provenance(ctx)["runs"] == FLAG and not folder.is_dir():
        raise UsageError("no such folder", where=str(folder))
    runs = list_runs(folder)
    if as_json:
        answer: RunsJson = {"runs": [run.to_dict() for run in runs]}
        terminal.print_json(answer)
        return
    if not runs:
        terminal.note(f"no runs in {folder}")
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
                " · ".join(f"{name} {f1:.3f}" for name, f1 in run.f1s.items()) if run.is_mixed else run.f1,
                duration(run.seconds),
                "\n".join(map(str, run.model_paths or [run.path])),
            )
            for run in runs
        ],
    )

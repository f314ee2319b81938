"""`alabtrain logs`: print a training's log, or put all logs of a run into one zip."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alabtrain.console.arguments import JsonOption, RunArgument, as_command
from alabtrain.core.errors import UsageError

ZipOption = Annotated[
    Path | None,
    typer.Option(
        "--zip",
        path_type=Path,
        metavar="FILE",
        rich_help_panel="Output",
        help="Write all logs of the run into this zip.",
    ),
]
TypeOption = Annotated[
    str | None,
    typer.Option(
        "--type", metavar="TYPE", rich_help_panel="Output",
        help="Print what the engine logged while it trained this type (ner, assertion, classification).",
    ),
]  # fmt: skip
ForceOption = Annotated[bool, typer.Option("--force", rich_help_panel="Output", help="Replace FILE if it exists.")]


@as_command
def command(
    run: RunArgument,
    zip_file: ZipOption = None,
    kind: TypeOption = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Print the log of a training, or zip all logs of a run.

    The zip holds the log of everything and that of each type, the epochs, the scores, the findings, the account of
    losses and the run's record. RUN may be over, under way, failed, interrupted or dead.
    """
    from alabtrain.console import terminal
    from alabtrain.runs.logs import read_log, zip_logs

    if zip_file is None:
        if force:
            raise UsageError("--force replaces the file of --zip, which is not given")
        log = read_log(run, kind)
        if as_json:
            terminal.print_json({"run": str(run), "type": kind, "lines": log.removesuffix("\n").split("\n")})
        else:
            typer.echo(terminal.plain(log), nl=False)
        return
    if kind is not None:
        raise UsageError(
            "--type chooses the log that is printed; a zip holds all of them", hint="leave out one of them"
        )
    done = zip_logs(run, zip_file, force=force)
    if as_json:
        terminal.print_json(done.to_dict())
    else:
        terminal.note(f"wrote {done.path} ({', '.join(done.members)})")

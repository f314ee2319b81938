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
    model_type: TypeOption = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Print the log of a training, or zip all logs of a run.

    The zip contains the log of the whole run and that of each type, the epochs, the scores, the findings, the account
    of losses and the run's record. RUN may be done, in progress, failed, interrupted or dead.
    """
    from alabtrain.console import terminal
    from alabtrain.runs.logs import LogJson, read_log, zip_logs

    if zip_file is None:
        if force:
            raise UsageError("--force needs --zip, whose file it replaces")
        log = read_log(run, model_type)
        if as_json:
            lines = log.removesuffix("\n").split("\n")
            answer: LogJson = {"run": str(run), "type": model_type, "lines": lines}
            terminal.print_json(answer)
        else:
            typer.echo(terminal.plain(log), nl=False)
        return
    if model_type is not None:
        raise UsageError(
            "--type chooses the log to print, but a zip contains all logs", hint="leave out --type or --zip"
        )
    done = zip_logs(run, zip_file, force=force)
    if as_json:
        terminal.print_json(done.to_dict())
    else:
        terminal.note(f"wrote {done.path} ({', '.join(done.members)})")

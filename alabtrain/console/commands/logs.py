"""`alabtrain logs`: print a training's log, or put all logs of a run into one zip."""

from __future__ import annotations

from pathlib import Path

import click

from alabtrain.console.options import FILE, json_option, option
from alabtrain.core.errors import UsageError


@click.command(name="logs", short_help="Print the log of a training, or zip all logs of a run.")
@click.argument("run", type=FILE)
@option("--zip", "zip_file", type=FILE, metavar="FILE", envvar=None, help="Write all logs of the run into this zip.")
@option("--type", "kind", metavar="TYPE", envvar=None,
        help="Print what the engine logged while it trained this type (ner, assertion, classification).")  # fmt: skip
@option("--force", is_flag=True, envvar=None, help="Replace FILE where it is there already.")
@json_option
def command(*, run: Path, zip_file: Path | None, kind: str | None, force: bool, as_json: bool) -> None:
    """Print the training log of RUN on stdout; with --zip write all its logs into one zip.

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
            click.echo(terminal.plain(log), nl=False)
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

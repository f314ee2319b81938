"""The process around the command line: exit codes, signals and the last word on errors."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

import typer

from alabtrain.console import terminal
from alabtrain.console.application import PROGRAM, cli
from alabtrain.core.errors import AlabtrainError, Interrupted, UsageError

TERMINATED = 143
INTERNAL_ERROR = 70  # EX_SOFTWARE of sysexits.h: a fault of ours, not of the input
COMPLETION = f"_{PROGRAM.upper()}_COMPLETE"
"""The environment variable by which a shell asks what may come next."""


def main() -> None:
    """Run the command line and exit with the documented code."""
    signal.signal(signal.SIGTERM, _on_sigterm)
    if os.environ.get(COMPLETION):
        cli.main(args=[], prog_name=PROGRAM, complete_var=COMPLETION)  # exits
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run the command line on `arguments` and return the exit code."""
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_went_away()
    return code


def _invoke(arguments: Sequence[str]) -> int:
    if not arguments:
        # Nothing was asked for: show what could be, but not as a success.
        with cli.make_context(PROGRAM, [], resilient_parsing=True) as ctx:
            typer.echo(cli.get_help(ctx), err=True)
        return UsageError.exit_code
    try:
        with cli.make_context(PROGRAM, list(arguments)) as ctx:
            result = cli.invoke(ctx)
    except typer.Exit as end:
        return end.exit_code
    except (typer.Abort, KeyboardInterrupt, Interrupted):
        return _interrupted(Interrupted.exit_code)
    except SystemExit as stop:
        # By SIGTERM; else a part of Typer that is done, as --show-completion.
        code = stop.code if isinstance(stop.code, int) else 1
        return _interrupted(code) if code == TERMINATED else code
    except typer.TyperException as problem:
        terminal.show_wrong_usage(problem)
        return problem.exit_code
    except AlabtrainError as problem:
        terminal.show_error(problem)
        return problem.exit_code
    except BrokenPipeError:
        raise
    except Exception as fault:
        terminal.show_fault(fault)
        return INTERNAL_ERROR
    return result if isinstance(result, int) else 0


def _interrupted(code: int) -> int:
    terminal.note("interrupted")
    return code


def _reader_went_away() -> int:
    """End in silence: that a reader has seen enough (`alabtrain select … | head`) is no error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    return 0


def _on_sigterm(_signal: int, _frame: FrameType | None) -> None:
    # Not an `Exception`: py4j would take that for a broken connection.
    raise SystemExit(TERMINATED)

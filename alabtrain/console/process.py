"""The process around the command line: exit codes, signals and the last word on errors."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

import click

from alabtrain.console import terminal
from alabtrain.console.application import cli
from alabtrain.core.errors import AlabtrainError, Interrupted

TERMINATED = 143
INTERNAL_ERROR = 70  # EX_SOFTWARE of sysexits.h: a fault of ours, not of the input


def main() -> None:
    """Run the command line and exit with the documented code."""
    signal.signal(signal.SIGTERM, _on_sigterm)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line on `arguments` and return the exit code."""
    try:
        result = cli.main(args=arguments, prog_name="alabtrain", standalone_mode=False)
    except click.exceptions.Abort:
        return _interrupted(Interrupted.exit_code)
    except (KeyboardInterrupt, Interrupted):
        return _interrupted(Interrupted.exit_code)
    except SystemExit as stop:
        return _interrupted(stop.code if isinstance(stop.code, int) else 1)
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except AlabtrainError as problem:
        terminal.show_error(problem)
        return problem.exit_code
    except BrokenPipeError:
        # The reader of our output went away (`alabtrain select … | head`): that is no error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as fault:
        terminal.show_fault(fault)
        return INTERNAL_ERROR
    return result if isinstance(result, int) else 0


def _interrupted(code: int) -> int:
    terminal.note("interrupted")
    return code


def _on_sigterm(_signal: int, _frame: FrameType | None) -> None:
    # Not an `Exception`: py4j would take that for a broken connection.
    raise SystemExit(TERMINATED)

"""Output to the terminal: data on stdout, everything else on stderr.

rich is imported only when it draws, so that `--help` stays fast.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import typer

from alabtrain.core.errors import AlabtrainError
from alabtrain.core.findings import Finding, worst_first

if TYPE_CHECKING:
    from rich.console import Console

FILE_WIDTH = 120  # columns of output to a file or a pipe
SEVERITY_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan"}


def stdout() -> Console:
    """Return a console on stdout (for data); rich itself honours `NO_COLOR` and the lack of a terminal."""
    return _console(sys.stdout.isatty(), on_stderr=False)


def stderr() -> Console:
    """Return a console on stderr (for progress, notes and errors)."""
    return _console(sys.stderr.isatty(), on_stderr=True)


def _console(interactive: bool, *, on_stderr: bool) -> Console:
    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich would exit with an error

    width = None if interactive or "COLUMNS" in os.environ else FILE_WIDTH
    return Piped(stderr=on_stderr, highlight=False, soft_wrap=not interactive, width=width)


def plain(text: str) -> str:
    """Return `text` with visible escapes of control characters: names in an export must not control the terminal."""
    return "".join(
        c if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf") else f"\\x{ord(c):02x}" for c in text
    )


def print_json(value: object) -> None:
    """Write `value` as one JSON object on stdout; numbers that JSON does not have (NaN) become null."""
    from alabtrain.core.json import to_json

    sys.stdout.write(to_json(value, indent=2 if sys.stdout.isatty() else None) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Draw a table on stdout, below a blank line and its title; columns of numbers are right-aligned.

    A float has three decimals, an int has thousands separators; so ids must be text.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    cells = [list(row) for row in rows]
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for index, column in enumerate(columns):
        numeric = bool(cells) and all(isinstance(row[index], (int, float)) for row in cells)
        table.add_column(plain(column), justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(_cell(value)) for value in row))
    console = stdout()
    console.print()
    console.print(Text(plain(title), style="bold"))
    console.print(table)


def print_findings(findings: Sequence[Finding]) -> None:
    """Draw findings on stdout, below a blank line, worst first: severity, message, examples and hint."""
    from rich.text import Text

    console = stdout()
    if findings:
        console.print()
    for finding in worst_first(findings):
        head = Text(f"{finding.severity:<8}", style=SEVERITY_STYLES[finding.severity])
        console.print(head + Text(plain(finding.message)))
        if finding.examples:
            console.print(Text(plain(f"{'':8}e.g. {', '.join(finding.examples)}"), style="dim"))
        if finding.hint:
            console.print(Text(plain(f"{'':8}{finding.hint}"), style="italic"))


def say(message: str, style: str | None = None) -> None:
    """Write a line of text on stdout, wrapped to the terminal's width."""
    from rich.text import Text

    stdout().print(Text(plain(message), style=style or ""))


def note(message: str) -> None:
    """Write one line on stderr."""
    typer.echo(plain(message), err=True)


def show_error(problem: AlabtrainError) -> None:
    """Write an error on stderr: message, location and hint."""
    typer.secho("error: ", fg="red", bold=True, nl=False, err=True)
    typer.echo(plain(str(problem)), err=True)
    if problem.hint:
        typer.echo(plain(f"  hint: {problem.hint}"), err=True)


def show_wrong_usage(problem: typer.TyperException) -> None:
    """Write a usage error of Typer on stderr, with a hint to the help."""
    typer.secho("error: ", fg="red", bold=True, nl=False, err=True)
    typer.echo(plain(problem.format_message()), err=True)
    context = getattr(problem, "ctx", None)
    if context is not None:
        typer.echo(f"  hint: `{context.command_path} --help` lists the options", err=True)


def show_fault(fault: BaseException) -> None:
    """Write an unexpected error on stderr: its type and code location, never its message, which may have text."""
    from alabtrain.core.faults import code_location

    typer.secho("internal error: ", fg="red", bold=True, nl=False, err=True)
    typer.echo(f"{type(fault).__name__} at {code_location(fault)}", err=True)
    typer.echo("  hint: this is a fault of alabtrain; please report the line above (it contains no data)", err=True)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, int):
        return f"{value:,}"
    return "" if value is None else plain(str(value))

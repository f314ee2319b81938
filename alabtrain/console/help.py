"""The help of commands: options and commands in panels that look like Typer's, but are drawn faster.

Typer draws panels with rich, whose import and layout of 60 options takes longer than the rest of `--help`.
"""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

WIDEST = 100
NARROWEST = 60
NAMES_WIDTH = 30  # columns; help texts of longer names begin in the next line
GENERAL = "General"
FIRST_PANELS = ("Project", "Selection", "Split", "Model", "Learning", "Embeddings", "Language", "Pages")
LAST_PANELS = ("Models", "Spark", "Output", GENERAL)
PLAIN = "alabtrain.help.plain"
"""The key of `Context.meta` that requests headings instead of boxes, for the reference page."""

Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Panel:
    """A group of rows (names and help text) with a title and, optionally, a note."""

    title: str
    rows: Sequence[Row]
    note: str = ""


class PanelCommand(TyperCommand):
    """A command whose help has its options in panels."""

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write usage, description and panels."""
        _write(self, ctx, formatter, option_panels(self, ctx))


class PanelGroup(TyperGroup):
    """A group of commands whose help has commands and options in panels."""

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write usage, description and panels, those of the commands first."""
        _write(self, ctx, formatter, [*self.command_panels(ctx), *option_panels(self, ctx)])

    def command_panels(self, ctx: Context) -> list[Panel]:
        """Return the commands in panels."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        return [Panel("Commands", [(name, one.get_short_help_str(WIDEST)) for name, one in commands if one])]


def option_panels(command: Command, ctx: Context) -> list[Panel]:
    """Return arguments and options in panels; a compact panel lists options of one model type (`--ner.epochs`).

    Other hidden options are left out.
    """
    panels: dict[str, list[Row]] = {}
    parts: dict[str, list[str]] = {}
    for parameter in command.get_params(ctx):
        if not isinstance(parameter, (TyperArgument, TyperOption)):
            continue  # Typer makes no others
        title = parameter.rich_help_panel or GENERAL
        if isinstance(parameter, TyperOption) and parameter.hidden:
            part, dot, name = parameter.opts[0].removeprefix("--").partition(".")
            if dot:
                parts.setdefault(part, []).append(name)
        elif isinstance(parameter, TyperArgument):
            panels.setdefault(title, []).insert(0, (parameter.make_metavar(ctx), _text(parameter)))
        else:
            panels.setdefault(title, []).append((_names(parameter, ctx), _text(parameter)))
    found = [Panel(title, rows) for title, rows in sorted(panels.items(), key=lambda item: _rank(item[0]))]
    if parts:
        first = next(iter(parts))
        name = parts[first][0]
        rows = [(f"--{part}.…", ", ".join(names)) for part, names in parts.items()]
        panel = Panel(
            "Learning, for one type of model",
            rows,
            "An option above sets all types that have it. With the type before its name, it sets that type, whatever "
            f"the other says: --{first}.{name} 20, ALABTRAIN_{first.upper()}_{name.upper()}=20, or "
            f"`{first}: {{{name}: 20}}` in alabtrain.yaml.",
        )
        found.insert(next((i + 1 for i, one in enumerate(found) if one.title == "Learning"), 0), panel)
    return found


def _rank(title: str) -> int:
    if title in FIRST_PANELS:
        return FIRST_PANELS.index(title)
    return len(FIRST_PANELS) + (1 + LAST_PANELS.index(title) if title in LAST_PANELS else 0)


def _names(option: TyperOption, ctx: Context) -> str:
    names = sorted(option.opts, key=lambda name: name.startswith("--"))
    written = ", ".join(names) + "".join(f" / {name}" for name in option.secondary_opts)
    return written if option.is_flag else f"{written} {option.make_metavar(ctx=ctx)}"


def _text(parameter: TyperArgument | TyperOption) -> str:
    default: object = parameter.show_default
    if default is True:
        default = "" if parameter.default in (None, False, (), []) else parameter.default
    more = f"[default: {default}]" if default else "[required]" if parameter.required else ""
    return "  ".join(filter(None, (parameter.help, more)))


def _write(command: Command, ctx: Context, formatter: HelpFormatter, panels: Iterable[Panel]) -> None:
    plain = PLAIN in ctx.find_root().meta or not _can_draw()
    width = max(formatter.width, NARROWEST)
    usage = f"Usage: {ctx.command_path} "
    pieces = " ".join(command.collect_usage_pieces(ctx))
    formatter.write(textwrap.fill(usage + pieces, width, subsequent_indent=" " * len(usage)) + "\n\n")
    for paragraph in (command.help or "").split("\n\n"):
        formatter.write(textwrap.fill(" ".join(paragraph.split()), width) + "\n\n")
    draw = _headed if plain else _boxed
    formatter.write("\n".join(line for panel in panels for line in draw(panel, width)) + "\n")
    if command.epilog:
        formatter.write("\n" + textwrap.fill(command.epilog, width) + "\n")


def _can_draw() -> bool:
    try:
        "╭─│".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _headed(panel: Panel, width: int) -> Iterator[str]:
    yield f"{panel.title}:"
    for names, line in _lines(panel, width - 2):
        yield f"  {names}{line}".rstrip()
    yield ""


def _boxed(panel: Panel, width: int) -> Iterator[str]:
    inner = width - 4
    yield _dim("╭─ ") + _styled(panel.title, bold=True) + _dim(f" {'─' * (width - 5 - len(panel.title))}╮")
    for names, line in _lines(panel, inner):
        padding = " " * (inner - len(names) - len(line))
        yield f"{_dim('│')} {_styled(names, fg='cyan')}{line}{padding} {_dim('│')}"
    yield _dim(f"╰{'─' * (width - 2)}╯")


def _lines(panel: Panel, width: int) -> Iterator[Row]:
    """Yield the lines of a panel: the padded text in the column of names, and the text beside it."""
    yield from (("", line) for line in textwrap.wrap(panel.note, width))
    column = min(max(len(names) for names, _text in panel.rows), NAMES_WIDTH) + 2
    for names, text in panel.rows:
        lines = textwrap.wrap(text, width - column, break_on_hyphens=False) or [""]
        fits = len(names) <= column - 2
        if fits:
            yield names.ljust(column), lines.pop(0)
        else:
            yield from ((part, "") for part in textwrap.wrap(names, width))
        for line in lines:
            yield " " * column, line


def _dim(text: str) -> str:
    return _styled(text, dim=True)


def _styled(text: str, *, fg: str | None = None, bold: bool | None = None, dim: bool | None = None) -> str:
    return text if "NO_COLOR" in os.environ or not text.strip() else typer.style(text, fg=fg, bold=bold, dim=dim)

"""Parameters of commands that are declared for Typer, as the library does not need them: PROJECT, RUN, --json."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.main import get_command

from alabtrain.console.help import WIDEST, PanelCommand, PanelGroup
from alabtrain.console.options import expanded

if TYPE_CHECKING:
    from typer._click import Command

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": WIDEST + 2}

ProjectArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[PROJECT]",
        envvar="ALABTRAIN_PROJECT",
        show_envvar=False,
        path_type=Path,
        show_default="the only export in this folder",
        rich_help_panel="Project",
        help="The export: a zip, a folder, or a JSON file of tasks.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", rich_help_panel="Output", help="Print one JSON object on stdout.")]
RunArgument = Annotated[
    Path, typer.Argument(metavar="RUN", path_type=Path, rich_help_panel="Project", help="The folder of a run.")
]


def as_command(function: Callable[..., object]) -> Command:
    """Return a function as a command: its options classes are expanded, its docstring is the help."""
    app = new_app()
    app.command(name=function.__module__.rpartition(".")[2], cls=PanelCommand, context_settings=CONTEXT)(
        expanded(function)
    )
    return get_command(app)


def new_app(name: str | None = None, invoke_without_command: bool = False) -> typer.Typer:
    """Return an application without commands whose help has panels."""
    return typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        cls=PanelGroup,
        context_settings=CONTEXT,
        name=name,
        invoke_without_command=invoke_without_command,
    )

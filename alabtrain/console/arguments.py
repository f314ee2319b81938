"""What commands declare as Typer has it, because it is about the call alone: PROJECT, RUN, --json."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.main import get_command

from alabtrain.console.help import WIDEST, PanelCommand, PanelGroup
from alabtrain.console.options import expanded

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


def as_command(function: Callable[..., Any]) -> Any:
    """Return the command that a function is: its options classes expanded, its docstring the help."""
    app = new_app()
    app.command(name=function.__module__.rpartition(".")[2], cls=PanelCommand, context_settings=CONTEXT)(
        expanded(function)
    )
    return get_command(app)


def new_app(**attributes: Any) -> typer.Typer:
    """Return an application without commands, whose helps are as all of ours."""
    return typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        cls=PanelGroup,
        context_settings=CONTEXT,
        **attributes,
    )

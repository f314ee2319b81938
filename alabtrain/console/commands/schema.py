"""`alabtrain schema`: the JSON Schemas of what the commands print, of files of a run, and of the settings file."""

from __future__ import annotations

from typing import Annotated

import typer

from alabtrain.console.arguments import as_command

NameArgument = Annotated[
    str | None,
    typer.Argument(metavar="[NAME]", show_default=False, rich_help_panel="Output", help="The name of a schema."),
]


@as_command
def command(name: NameArgument = None) -> None:
    """Print the JSON Schema of what a command prints.

    NAME is the name of a command that has --json (models-show for `models show`), or `run` and `metrics` for these
    files of a run folder, or `settings` for alabtrain.yaml. Without NAME, the names are listed. The schemas are those
    of JSON Schema 2020-12.
    """
    from alabtrain.console import terminal
    from alabtrain.workflows.schemas import make_schema, schema_names

    if name is not None:
        terminal.print_json(make_schema(name))
        return
    terminal.print_table("Schemas", ("name", "of what"), list(schema_names()))

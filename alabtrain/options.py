"""Options that several commands share, each with its environment variable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from alabtrain.settings import load_settings

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(path_type=Path)


def option(*names: str, **attributes: Any) -> Callable[[Command], Command]:
    """Declare a click option that can be set by `ALABTRAIN_<NAME>` too, its default shown in the help."""
    long = next(name for name in names if name.startswith("--")).split("/")[0]
    variable = "ALABTRAIN_" + long.lstrip("-").replace("-", "_").upper()
    attributes.setdefault("envvar", variable)
    if "default" in attributes or attributes.get("is_flag"):
        attributes.setdefault("show_default", True)
    return click.option(*names, **attributes)


class CommaSeparated(click.ParamType):
    """A list of names written `a,b,c` (in alabtrain.yaml also as a list)."""

    name = "a,b,…"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:  # noqa: ARG002
        """Return the names, stripped, without empty ones."""
        parts = value if isinstance(value, (list, tuple)) else str(value).split(",")
        return tuple(str(part).strip() for part in parts if str(part).strip())


NAMES = CommaSeparated()


def combine(*decorators: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Apply several decorators, the first one outermost, so that the help lists the options in this order."""

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


settings_option = click.option(
    "-c", "--settings", type=FILE, is_eager=True, expose_value=False, callback=load_settings, envvar="ALABTRAIN_SETTINGS",
    help="Options from this YAML file.  [default: alabtrain.yaml, if there is one]",
)  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")

project_options = combine(
    click.argument("project", type=FILE, required=False, envvar="ALABTRAIN_PROJECT"),
    option("--config", type=FILE, help="The labeling config (XML), where the project does not hold it."),
    option("--reviews", type=FILE, help="Verdicts of reviewers: CSV with task_id,completion_id,review."),
    option("--task-tags", type=FILE, help="More tags of tasks: CSV with task_id,tag."),
    settings_option,
)
"""PROJECT and the files beside it: gives `project`, `config`, `reviews`, `task_tags`."""

selection_options = combine(
    option("--tags", type=NAMES, default=(), help="Keep tasks that have any of these tags.", show_default=False),
    option("--reviewed-only", is_flag=True, help="Use completions that a reviewer accepted, and no others."),
    option("--priority", type=NAMES, default=(), show_default=False,
           help="Annotators, the most trusted first.  [default: the project's team order]"),
    option("--policy", type=click.Choice(["priority", "latest"]), default="priority",
           help="How to choose among several submitted completions of a task."),
    option("--include-imported", is_flag=True,
           help="Take imported completions (not submitted by anybody) as submitted, even beside submitted ones."),
)  # fmt: skip
"""Which completion of a task counts: gives `tags`, `reviewed_only`, `priority`, `policy`, `include_imported`."""

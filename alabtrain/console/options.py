"""Options that several commands share, each with its environment variable."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from alabtrain.console.settings import load_settings

if TYPE_CHECKING:
    from alabtrain.core.events import Sink
    from alabtrain.selection.options import SelectionOptions
    from alabtrain.spark.session import SparkOptions
    from alabtrain.workflows.workspace import Workspace

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


class CommaSeparated(click.ParamType[tuple[str, ...]]):
    """A list of names written `a,b,c` (in alabtrain.yaml also as a list)."""

    name = "a,b,…"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
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
    "-c", "--settings", type=FILE, is_eager=True, expose_value=False, callback=load_settings,
    envvar="ALABTRAIN_SETTINGS",
    help="Options from this YAML file.  [default: alabtrain.yaml, if there is one]",
)  # fmt: skip


ocr_options = combine(
    option("--ocr/--no-ocr", default=True, help="Read pages that have no words with Tesseract."),
    option("--ocr-cache/--no-ocr-cache", default=True,
           help="Keep what was read on pages for the next time; it is text of documents."),
)  # fmt: skip


class LanguageCode(click.ParamType[str]):
    """A code of ISO 639-1, with or without a region (de, pt-BR)."""

    name = "code"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the code as it was given."""
        if re.fullmatch(r"[A-Za-z]{2}([-_][A-Za-z0-9]+)*", str(value)) is None:
            self.fail(f"{value!r} is no code of ISO 639-1, as de or pt-BR.", param, ctx)
        return str(value)


lang_option = option(
    "--lang", type=LanguageCode(), metavar="CODE",
    help="Language of the texts (ISO 639-1), as de.  [default: the one that is found in them]",
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
    option("--task-ids", type=NAMES, default=(), help="Keep the tasks with these ids.", show_default=False),
    option("--reviewed-only", is_flag=True, help="Use completions that a reviewer accepted, and no others."),
    option("--priority", type=NAMES, default=(), show_default=False,
           help="Annotators, the most trusted first.  [default: the project's team order]"),
    option("--policy", type=click.Choice(["priority", "latest"]), default="priority",
           help="How to choose among several submitted completions of a task."),
    option("--include-imported", is_flag=True,
           help="Take imported completions (not submitted by anybody) as submitted, even beside submitted ones."),
)  # fmt: skip
"""Which completion of a task counts: gives `tags`, `task_ids`, `reviewed_only`, `priority`, `policy` and
`include_imported`."""

split_options = combine(
    option("--split", type=click.Choice(["auto", "tags", "random"]), default="auto",
           help="Test on tasks tagged Test (tags), or validate on a random share; auto: tags, if there are any."),
    option("--validation", type=click.FloatRange(0, 0.9),
           help="Share of the training tasks that is held back to judge each epoch.  "
                "[default: 0.1; visual_ner beside tasks tagged Test 0]"),
    option("--seed", type=click.IntRange(0, 2**31 - 1), default=42, help="Of the split, the order and the engine."),
    option("--strict", is_flag=True, help="Make any repaired or lost region an error."),
)  # fmt: skip
"""How the tasks are divided: gives `split`, `validation`, `seed`, `strict`."""

spark_options = combine(
    option("--master", help="Spark master (spark://…, yarn, local[4]).  [default: this machine]"),
    option("--conf", multiple=True, metavar="K=V", help="A Spark setting; may be given several times."),
    option("--jars", type=NAMES, default=(), show_default=False, help="More jars for Spark."),
    option("--packages", type=NAMES, default=(), show_default=False, help="More Maven packages for Spark."),
    option("--properties-file", type=FILE, help="A file of Spark settings."),
    option("--driver-memory", metavar="SIZE", help="Heap of the driver, as in 8g.  [default: a third of the memory]"),
)
"""As spark-submit has them; `spark_from` makes them one value."""


store_option = option(
    "--models", metavar="DIR|URI",
    help="The model store: a folder, or one that Spark reaches (hdfs://, s3a://).  [default: the user's own]",
)  # fmt: skip
"""Where models are kept by name: gives `models`."""

named_models_options = combine(
    lang_option,
    option("--hub/--no-hub", default=True, help="Whether models that the store lacks are asked from the vendor's hub."),
    store_option,
)
"""Where the models that a config names come from: gives `lang`, `hub`, `models`."""


def spark_from(values: Mapping[str, Any]) -> SparkOptions:
    """Return the Spark options among a command's values. Raises `UsageError` for a file that is not there."""
    from alabtrain.core.options import build
    from alabtrain.spark.session import SparkOptions

    return build(SparkOptions, values)


def selection_from(values: Mapping[str, Any]) -> SelectionOptions:
    """Return the selection options among a command's values."""
    from alabtrain.core.options import build
    from alabtrain.selection.options import SelectionOptions

    return build(SelectionOptions, values)


def workspace_from(values: Mapping[str, Any], sink: Sink) -> Workspace:
    """Return where a command works, by its values."""
    from alabtrain.workflows.workspace import Workspace

    runs = {"runs": values["output"]} if isinstance(values.get("output"), Path) else {}
    return Workspace(**runs, store=values.get("models"), spark=spark_from(values), events=sink)

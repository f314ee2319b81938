"""`alabtrain preannotate`: write tasks with predictions of the models that the labeling config names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from alabtrain.console.given import open_given
from alabtrain.console.options import (
    FILE,
    json_option,
    named_models_options,
    ocr_options,
    option,
    project_options,
    spark_options,
    workspace_from,
)
from alabtrain.console.settings import find_project


@click.command(name="preannotate", short_help="Write tasks with the predictions of the config's models.")
@project_options
@option("-o", "--output", type=FILE, default=Path("preannotated.json"), envvar=None, help="The file of tasks to write.")
@option("--overwrite", is_flag=True, help="Take tasks that have a submitted completion, too.")
@option(
    "--pictures", type=FILE, help="A folder or zip of pictures of pages to label, in place of the tasks of PROJECT."
)
@ocr_options
@named_models_options
@spark_options
@json_option
@click.pass_context
def command(ctx: click.Context, /, *, project: Path | None, as_json: bool, **others: Any) -> None:
    """Find what the models that the labeling config of PROJECT names find in its tasks.

    Those are entities, statuses and classes of texts, or entities on pages, with a box around the words of each.

    The file holds the tasks with all their fields and a prediction each, as Annotation Lab and Label Studio import
    them; it holds text of documents. Models are looked for in the store, then as folders, then in the vendor's hub,
    which is told their names.
    """
    from alabtrain.console import progress as live
    from alabtrain.console import terminal
    from alabtrain.core.options import build
    from alabtrain.workflows.configs import PreannotateConfig
    from alabtrain.workflows.preannotate import preannotate

    opened = open_given(find_project(project), ctx.params)
    with live.listener() as sink:
        workspace = workspace_from({**others, "output": None}, sink)
        done = preannotate(opened, build(PreannotateConfig, others), workspace)
    if as_json:
        terminal.print_json(done.to_dict())
        return
    terminal.print_table(
        "Models", ("name", "type", "from"), [(model["name"], model["type"], model["from"]) for model in done.models]
    )
    terminal.print_table("What they found", ("label", "regions and choices"), list(done.regions.items()))
    terminal.print_findings(done.findings)
    left = "".join(f", {count:,} left out ({reason.replace('_', ' ')})" for reason, count in done.skipped.items())
    terminal.say(f"\n{done.written:,} of {done.tasks:,} tasks in {done.output}{left}")

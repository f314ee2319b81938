"""`alabtrain evaluate`: score the models that the labeling config names, on the tasks tagged Test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from alabtrain.console.options import (
    json_option,
    lang_option,
    option,
    project_options,
    selection_options,
    spark_options,
    store_option,
)
from alabtrain.console.settings import find_project


@click.command(name="evaluate", short_help="Score the config's models on the tasks tagged Test.")
@project_options
@selection_options
@lang_option
@option("--hub/--no-hub", default=True, help="Whether models that the store lacks are asked from the vendor's hub.")
@store_option
@spark_options
@json_option
def command(*, project: Path | None, config: Path | None, reviews: Path | None, task_tags: Path | None,
            lang: str | None, hub: bool, models: str | None, as_json: bool, **others: Any) -> None:  # fmt: skip
    """Score the models that the labeling config of PROJECT names, on its tasks tagged Test.

    Of each task the completion counts that a training would choose. Entities are right with their
    label and both ends, statuses are scored on the annotators' entities, classes on whole texts.
    """
    from dataclasses import asdict

    from alabtrain.console import live, render, terminal
    from alabtrain.console.options import selection_from, spark_from
    from alabtrain.predicting.evaluate import evaluate
    from alabtrain.project import open_project

    opened = open_project(find_project(project), config=config, reviews=reviews, task_tags=task_tags)
    selection = asdict(selection_from(others))
    with live.listener() as sink:
        done = evaluate(
            project=opened, store=models, spark=spark_from(others), selection=selection, lang=lang, hub=hub, sink=sink
        )
    if as_json:
        terminal.print_json(done.to_dict())
        return
    render.funnel(done.funnel)
    terminal.print_findings([finding for finding in done.findings if finding.severity != "info"])
    for model in done.models:
        terminal.say(f"\n{model['name']} ({model['type']}, from {model['from']})", style="bold")
        render.scores(model["type"], done.scores.get(model["name"], {}))

"""`alabtrain evaluate`: score models on the tasks tagged Test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from alabtrain.console.given import open_given, provenance_of
from alabtrain.console.options import (
    FILE,
    json_option,
    named_models_options,
    ocr_options,
    option,
    project_options,
    selection_options,
    spark_options,
    workspace_from,
)
from alabtrain.console.settings import find_project

if TYPE_CHECKING:
    from alabtrain.workflows.evaluate import Evaluated


@click.command(name="evaluate", short_help="Score models on the tasks tagged Test.")
@project_options
@option("--compare", "runs", type=FILE, nargs=2, metavar="RUN RUN", envvar=None,
        help="Score the models of these two runs instead, and say whether they differ (paired bootstrap).")  # fmt: skip
@option("-o", "--output", type=FILE, default=Path("runs"), help="Where run folders go.")
@option("--seed", type=click.IntRange(0, 2**31 - 1), default=42, help="Of the bootstrap.")
@selection_options
@ocr_options
@named_models_options
@spark_options
@json_option
@click.pass_context
def command(ctx: click.Context, /, *, project: Path | None, runs: tuple[Path, Path] | None, as_json: bool,
            **others: Any) -> None:  # fmt: skip
    """Score the models that the labeling config of PROJECT names, on its tasks tagged Test.

    Of each task the completion counts that a training would choose. Entities are right with their label and both ends
    (those of pages in reading order), statuses are scored on the annotators' entities, classes on whole texts. A run
    folder under --output holds the scores, a report, the log and the account of what was left out.
    """
    from alabtrain.console import progress as live
    from alabtrain.console import terminal
    from alabtrain.core.options import build
    from alabtrain.workflows.configs import EvaluateConfig
    from alabtrain.workflows.evaluate import evaluate

    opened = open_given(find_project(project), ctx.params)
    config = build(EvaluateConfig, {**others, "compare": runs or None})
    with live.listener() as sink:
        done = evaluate(opened, config, workspace_from(others, sink), provenance=provenance_of(ctx))
    if as_json:
        terminal.print_json(done.to_dict())
        return
    _render(done)


def _render(done: Evaluated) -> None:
    from alabtrain.console import render, terminal

    render.funnel(done.funnel)
    terminal.print_findings([finding for finding in done.findings if finding.severity != "info"])
    for model in done.models:
        terminal.say(f"\n{model['name']} ({model['type']}, from {model['from']})", style="bold")
        render.scores(model["type"], done.scores.get(model["name"], {}))
    for comparison in done.comparisons:
        render.comparison(comparison)
    terminal.say(f"\nrun    {done.run}")

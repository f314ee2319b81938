"""`alabtrain evaluate`: score models on the tasks tagged Test."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from alabtrain.console.arguments import JsonOption, ProjectArgument, as_command
from alabtrain.console.given import open_given
from alabtrain.console.options import provenance
from alabtrain.console.settings import find_project
from alabtrain.project.options import ProjectOptions
from alabtrain.workflows.configs import EvaluateConfig
from alabtrain.workflows.workspace import Workspace

if TYPE_CHECKING:
    from alabtrain.workflows.evaluate import Evaluated


@as_command
def command(
    ctx: typer.Context,
    project: ProjectArgument = None,
    as_json: JsonOption = False,
    *,
    files: ProjectOptions,
    config: EvaluateConfig,
    workspace: Workspace,
) -> None:
    """Score models on the tasks tagged Test.

    The models are those that the labeling config of PROJECT names. For each task, the completion that a training would
    choose is the reference. An entity is correct if its label and both its offsets are (on pages, in reading order);
    statuses are scored on the annotators' entities, classes on whole texts. A run folder under --runs contains the
    scores, a report, the log and the account of losses.
    """
    from alabtrain.console import progress as live
    from alabtrain.console import terminal
    from alabtrain.workflows.evaluate import evaluate

    opened = open_given(find_project(project), files)
    with live.listener() as sink:
        done = evaluate(opened, config, replace(workspace, events=sink), provenance=provenance(ctx))
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
        if model["name"] in done.scores:
            render.scores(model["type"], done.scores[model["name"]])
    for comparison in done.comparisons:
        render.comparison(comparison)
    terminal.say(f"\nrun    {done.run}")

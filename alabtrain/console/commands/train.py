"""`alabtrain train`: train models on a project."""

from __future__ import annotations

from dataclasses import replace

import typer

from alabtrain.console.arguments import JsonOption, ProjectArgument, as_command
from alabtrain.console.given import open_given
from alabtrain.console.options import learning_flags, provenance
from alabtrain.console.settings import find_project
from alabtrain.project.options import ProjectOptions
from alabtrain.workflows.train_config import TrainConfig
from alabtrain.workflows.workspace import Workspace


@as_command
def command(
    ctx: typer.Context,
    project: ProjectArgument = None,
    as_json: JsonOption = False,
    *,
    files: ProjectOptions,
    config: TrainConfig,
    workspace: Workspace,
) -> None:
    """Train models on the chosen completions of a project.

    By default, every model type is trained that the labeling config of PROJECT defines and that has examples; if the
    config has texts and pages, those of texts. One completion per task is chosen (`alabtrain select` shows which); the
    run folder under --runs holds the models, the scores, the log and the account of everything that was left out.
    """
    from alabtrain.console import progress as live
    from alabtrain.console import render, terminal
    from alabtrain.workflows.train import train

    opened = open_given(find_project(project), files)
    config = replace(config, asked=learning_flags(ctx, TrainConfig))
    with live.listener() as sink:
        result = train(opened, config, replace(workspace, events=sink), provenance=provenance(ctx))
    if as_json:
        terminal.print_json(result.to_dict())
    else:
        render.training(result)
    if config.show_text:
        render.mistakes(result.mistakes)

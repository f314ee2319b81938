"""`alabtrain preannotate`: write tasks with predictions of the models that the labeling config names."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from alabtrain.console.arguments import JsonOption, ProjectArgument, as_command
from alabtrain.console.given import open_given
from alabtrain.console.options import Without
from alabtrain.console.settings import find_project
from alabtrain.project.options import ProjectOptions
from alabtrain.workflows.configs import PreannotateConfig
from alabtrain.workflows.workspace import Workspace


@as_command
def command(
    project: ProjectArgument = None,
    as_json: JsonOption = False,
    *,
    files: ProjectOptions,
    config: PreannotateConfig,
    workspace: Annotated[Workspace, Without("runs")],
) -> None:
    """Write tasks with the predictions of the config's models.

    The models that the labeling config of PROJECT names find entities, statuses and classes in texts, or entities on
    pages, with a box around the words of each.

    The file contains the tasks with all their fields and a prediction each, as Annotation Lab and Label Studio import
    them; it contains text of documents. Models are looked for in the store, then as folders, then in the vendor's hub,
    which gets their names.
    """
    from alabtrain.console import progress as live
    from alabtrain.console import terminal
    from alabtrain.workflows.preannotate import preannotate

    opened = open_given(find_project(project), files)
    with live.listener() as sink:
        done = preannotate(opened, config, replace(workspace, events=sink))
    if as_json:
        terminal.print_json(done)
        return
    terminal.print_table(
        "Models", ("name", "type", "from"), [(model["name"], model["type"], model["from"]) for model in done.models]
    )
    terminal.print_table("Predictions", ("label", "regions and choices"), list(done.regions.items()))
    terminal.print_findings(done.findings)
    left = "".join(f", {count:,} left out ({reason.replace('_', ' ')})" for reason, count in done.skipped.items())
    terminal.say(f"\n{done.written:,} of {done.tasks:,} tasks in {done.output}{left}")

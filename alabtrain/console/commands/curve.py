"""`alabtrain curve`: train on growing parts of a project, and estimate whether more annotation would help."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from alabtrain.console.arguments import JsonOption, ProjectArgument, as_command
from alabtrain.console.given import open_given
from alabtrain.console.options import Without, learning_flags, provenance
from alabtrain.console.settings import find_project
from alabtrain.project.options import ProjectOptions
from alabtrain.workflows.configs import CurveOptions
from alabtrain.workflows.train_config import TrainConfig
from alabtrain.workflows.workspace import Workspace

if TYPE_CHECKING:
    from alabtrain.scoring.learning_curve import Curve


@as_command
def command(
    ctx: typer.Context,
    project: ProjectArgument = None,
    as_json: JsonOption = False,
    *,
    files: ProjectOptions,
    points: CurveOptions,
    config: Annotated[TrainConfig, Without("deploy")],
    workspace: Workspace,
) -> None:
    """Estimate whether more annotation would help, by training on parts.

    Each part of PROJECT contains the smaller ones; the tasks that give the scores are always the same. The folder under
    --runs holds a run for each part, curve.json and curve.png. The score expected for twice the tasks is extrapolated
    from the points; a point is one training, and another seed moves it by about 0.01.
    """
    from alabtrain.console import progress as live
    from alabtrain.console import terminal
    from alabtrain.reports.learning_curve import PICTURE
    from alabtrain.workflows.learning_curve import learning_curve

    opened = open_given(find_project(project), files)
    config = replace(config, asked=learning_flags(ctx, TrainConfig))
    shares = [share / 100 for share in points.shares]
    with live.listener() as sink:
        curve = learning_curve(opened, shares, config, replace(workspace, events=sink), provenance=provenance(ctx))
    if as_json:
        terminal.print_json(curve.to_dict())
        return
    _render(curve)
    terminal.say(f"\npicture  {curve.folder / PICTURE}\nruns     {curve.folder}")


def _render(curve: Curve) -> None:
    from alabtrain.console import terminal
    from alabtrain.reports.learning_curve import draw_text
    from alabtrain.scoring.extrapolation import OUTLOOKS
    from alabtrain.scoring.learning_curve import ALL
    from alabtrain.trainers.registry import title_of

    columns = ("label", *(f"{point.tasks:,}" for point in curve.points), "twice as many", "outlook", "scored")
    for model_type in dict.fromkeys(line.type for line in curve.lines):
        lines = [line for line in curve.lines if line.type == model_type]
        rows = [
            (line.label or "all", *map(_shown, line.f1s), _shown(line.expected.doubled),
             OUTLOOKS[line.expected.outlook], line.scored)
            for line in lines
        ]  # fmt: skip
        title = f"{title_of(model_type, short=True)}: F1 over training tasks"
        terminal.print_table(title, columns, rows)
        whole = next(line for line in lines if line.label == ALL)
        terminal.say("")
        terminal.say(draw_text(curve, whole))
        terminal.say(whole.summary, style="bold")


def _shown(f1: float | None) -> str:
    return "-" if f1 is None else f"{f1:.3f}"

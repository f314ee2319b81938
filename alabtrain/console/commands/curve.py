"""`alabtrain curve`: train on growing parts of a project, and say whether more annotation would help."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from alabtrain.console.commands.train import config_from, training_options
from alabtrain.console.given import open_given, provenance_of
from alabtrain.console.options import json_option, option, project_options, workspace_from
from alabtrain.console.settings import find_project

if TYPE_CHECKING:
    from alabtrain.scoring.learning_curve import Curve


class Shares(click.ParamType[tuple[float, ...]]):
    """Shares of the training tasks in per cent, as in 25,50,75,100."""

    name = "%,%,…"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """Return the shares as numbers from 0 to 1."""
        parts = value if isinstance(value, (list, tuple)) else str(value).split(",")
        try:
            shares = tuple(float(part) / 100 for part in parts)
        except ValueError:
            self.fail(f"{value!r} is no list of numbers.", param, ctx)
        if not shares or not all(0 < share <= 1 for share in shares):
            self.fail("each has to be more than 0 and at most 100.", param, ctx)
        return shares


@click.command(name="curve", short_help="Say whether more annotation would help, by trainings on parts.")
@project_options
@option("--shares", type=Shares(), default="25,50,75,100", help="Shares of the training tasks, in per cent.")
@training_options
@json_option
@click.pass_context
def command(ctx: click.Context, /, *, project: Path | None, shares: tuple[float, ...], as_json: bool,
            **_others: Any) -> None:  # fmt: skip
    """Train on growing parts of PROJECT, and say whether more annotation would help, and for which label.

    Each part holds the smaller ones; the tasks that test are always the same. The folder under --output holds a run
    a part, curve.json and curve.png. What is expected of twice the tasks is a guess from the points; a point is one
    training, and another seed moves it by about 0.01.
    """
    from alabtrain.console import progress as live
    from alabtrain.console import terminal
    from alabtrain.reports.learning_curve import PICTURE
    from alabtrain.workflows.learning_curve import learning_curve

    opened = open_given(find_project(project), ctx.params)
    with live.listener() as sink:
        workspace = workspace_from(ctx.params, sink)
        curve = learning_curve(opened, shares, config_from(ctx), workspace, provenance=provenance_of(ctx))
    if as_json:
        terminal.print_json(curve.to_dict())
        return
    _render(curve)
    terminal.say(f"\npicture  {curve.folder / PICTURE}\nruns     {curve.folder}")


def _render(curve: Curve) -> None:
    from alabtrain.console import terminal
    from alabtrain.reports import words
    from alabtrain.reports.learning_curve import draw_text
    from alabtrain.scoring.extrapolation import OUTLOOKS
    from alabtrain.scoring.learning_curve import ALL

    columns = ("label", *(f"{point.tasks:,}" for point in curve.points), "twice as many", "outlook", "scored")
    for kind in dict.fromkeys(line.type for line in curve.lines):
        lines = [line for line in curve.lines if line.type == kind]
        rows = [
            (line.label or "all", *map(_shown, line.f1s), _shown(line.expected.doubled),
             OUTLOOKS[line.expected.outlook], line.scored)
            for line in lines
        ]  # fmt: skip
        terminal.print_table(f"{words.SHORT_TYPES.get(kind, kind)}: F1 over training tasks", columns, rows)
        whole = next(line for line in lines if line.label == ALL)
        terminal.say("")
        terminal.say(draw_text(curve, whole))
        terminal.say(whole.summary, style="bold")


def _shown(f1: float | None) -> str:
    return "-" if f1 is None else f"{f1:.3f}"

"""`alabtrain curve`: train on growing parts of a project, and say whether more annotation would help."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from alabtrain.console.commands.train import count_tasks, train_project, training_options
from alabtrain.console.options import json_option, option, project_options
from alabtrain.console.settings import find_project
from alabtrain.core.errors import UsageError

if TYPE_CHECKING:
    from alabtrain.scoring.learning_curve import Curve
    from alabtrain.workflows.train import TrainResult


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
            output: Path, **_others: Any) -> None:  # fmt: skip
    """Train on growing parts of PROJECT, and say whether more annotation would help, and for which label.

    Each part holds the smaller ones; the tasks that test are always the same. The folder under --output holds a run
    a part, curve.json and curve.png. What is expected of twice the tasks is a guess from the points; a point is one
    training, and another seed moves it by about 0.01.
    """
    from alabtrain.console import terminal
    from alabtrain.core.files import cannot_write
    from alabtrain.reports.learning_curve import write_picture
    from alabtrain.workflows.learning_curve import measure_curve

    path = find_project(project)
    _require_sense(ctx, path)
    folder = output / f"{datetime.now(timezone.utc):%Y-%m-%dT%H-%M-%SZ}-curve"
    try:
        folder.mkdir(parents=True)
    except OSError as problem:
        raise cannot_write(folder, problem) from None

    def train(share: float) -> TrainResult:
        terminal.note(f"{share:.0%} of the training tasks")
        return train_project(ctx, path, deploy=False, share=share, output=folder)

    curve = measure_curve(shares, folder, count=lambda share: count_tasks(ctx, path, share).training, train=train)
    if as_json:
        terminal.print_json(curve.to_dict())
    else:
        _render(curve)
    picture = write_picture(curve)
    if as_json:
        return
    terminal.say(f"\npicture  {picture}\nruns     {folder}")


def _require_sense(ctx: click.Context, path: Path) -> None:
    """Refuse what could not end in a curve, before a folder is made. Raises `UsageError`, and what a project raises."""
    from alabtrain.embeddings.registry import parse_choice

    values = ctx.params
    if values["base_model"] is not None:
        raise UsageError("--base-model knows of tasks that are left out here", hint="a curve begins with no model")
    if values["embeddings"] is not None:
        parse_choice(values["embeddings"])
    if not count_tasks(ctx, path, 1.0).scored:
        raise UsageError(
            "no task would give a score: none is tagged Test, and --validation is 0",
            hint="tag some tasks Test (in the tool, or with --task-tags FILE), or leave --validation at its default",
        )


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

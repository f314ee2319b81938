"""Train on growing parts of a project, and keep what each training scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from alabtrain.core.errors import NothingToTrain, UsageError
from alabtrain.core.events import Share
from alabtrain.core.files import cannot_write, to_json, write_aside
from alabtrain.embeddings.registry import parse_choice
from alabtrain.project.project import Project, as_project
from alabtrain.reports.learning_curve import write_picture
from alabtrain.scoring.learning_curve import Curve, Point
from alabtrain.trainers.jobs import Counted, count_tasks, make_job
from alabtrain.workflows.train import train
from alabtrain.workflows.train_config import TrainConfig
from alabtrain.workflows.workspace import Workspace

RECORD = "curve.json"


def learning_curve(
    project: Project | Path | str,
    shares: Sequence[float] = (0.25, 0.5, 0.75, 1.0),
    config: TrainConfig = TrainConfig(),
    workspace: Workspace = Workspace(),
    *,
    provenance: Mapping[str, str] | None = None,
) -> Curve:
    """Train on each share of the training tasks (above 0, at most 1), the smallest first.

    A folder in that of the workspace gets a run a share, `curve.json` after each of them, and a picture. The tasks that
    give the scores are always the same. Raises `UsageError` where no curve could come of it, before there is a folder,
    and what `train` raises, but `NothingToTrain` only for the largest share: smaller ones have no point then.
    """
    opened = as_project(project)
    _require_sense(opened, shares, config)
    folder = workspace.runs / f"{datetime.now(timezone.utc):%Y-%m-%dT%H-%M-%SZ}-curve"
    try:
        folder.mkdir(parents=True)
    except OSError as problem:
        raise cannot_write(folder, problem) from None
    inside = replace(workspace, runs=folder)
    points: list[Point] = []
    for share in sorted(set(shares)):
        workspace.events(Share(share))
        part = replace(config, split=replace(config.split, used=share), deploy=False)
        count = _count(opened, part).training
        try:
            result = train(opened, part, inside, provenance=provenance)
            points.append(Point(share, count, result.run, result.metrics))
        except NothingToTrain:
            if share == max(shares):
                raise
            points.append(Point(share, count, None))
        _write(Curve(folder, tuple(points)))
    curve = Curve(folder, tuple(points))
    write_picture(curve)
    return curve


def _require_sense(project: Project, shares: Sequence[float], config: TrainConfig) -> None:
    """Refuse what could not end in a curve. Raises `UsageError`, and what a project raises."""
    if not shares or not all(0 < share <= 1 for share in shares):
        raise UsageError("each share of a curve has to be above 0 and at most 1")
    if config.base_model is not None:
        raise UsageError("--base-model knows of tasks that are left out here", hint="a curve begins with no model")
    if config.embeddings.embeddings is not None:
        parse_choice(config.embeddings.embeddings)
    if not _count(project, config).scored:
        raise UsageError(
            "no task would give a score: none is tagged Test, and --validation is 0",
            hint="tag some tasks Test (in the tool, or with --task-tags FILE), or leave --validation at its default",
        )


def _count(project: Project, config: TrainConfig) -> Counted:
    return count_tasks(make_job(project, selection=config.selection, split=config.split, strict=config.strict))


def _write(curve: Curve) -> None:
    write_aside(curve.folder / RECORD, (to_json(curve.to_dict(), indent=2) + "\n").encode())

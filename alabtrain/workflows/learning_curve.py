"""Train on growing parts of a project, and record the scores of each training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from alabtrain.core.errors import NothingToTrain, UsageError
from alabtrain.core.events import Share
from alabtrain.core.files import cannot_write, write_aside
from alabtrain.core.json import to_json
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

    A new folder in the folder of runs gets one run per share, `curve.json`, which is updated after each of them, and a
    picture. The tasks that give the scores are always the same. A share with nothing to train on has no scores.

    Raises:
        UsageError: no curve is possible; no folder is created.
        NothingToTrain: there is nothing to train on even for the largest share.
        AlabtrainError: what `train` raises.
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
    """Raise `UsageError` if no curve is possible, and what reading a project raises."""
    if not shares or not all(0 < share <= 1 for share in shares):
        raise UsageError("each share of a curve must be above 0 and at most 1")
    if config.base_model is not None:
        raise UsageError(
            "a curve cannot use --base-model, as that model may be trained on the tasks that a share leaves out",
            hint="leave out --base-model",
        )
    if config.embeddings.embeddings is not None:
        parse_choice(config.embeddings.embeddings)
    if not _count(project, config).scored:
        raise UsageError(
            "no task would give a score: none is tagged Test, and --validation is 0",
            hint="tag some tasks Test (in the tool, or with --task-tags FILE), or use the default of --validation",
        )


def _count(project: Project, config: TrainConfig) -> Counted:
    return count_tasks(make_job(project, selection=config.selection, split=config.split, strict=config.strict))


def _write(curve: Curve) -> None:
    write_aside(curve.folder / RECORD, (to_json(curve.to_dict(), indent=2) + "\n").encode())

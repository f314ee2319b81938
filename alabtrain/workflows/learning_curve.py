"""Train on growing parts of a project, and keep what each training scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.core.errors import NothingToTrain
from alabtrain.core.files import to_json, write_aside
from alabtrain.scoring.learning_curve import Curve, Point

if TYPE_CHECKING:
    from alabtrain.workflows.train import TrainResult

RECORD = "curve.json"


def measure_curve(
    shares: Sequence[float], folder: Path, *, count: Callable[[float], int], train: Callable[[float], TrainResult]
) -> Curve:
    """Train on each share of the training tasks, the smallest first, and write `curve.json` after each.

    `count` says how many training tasks a share holds, `train` trains on one. Raises what `train` raises, but
    `NothingToTrain` only for the largest share: smaller ones have no point then.
    """
    points: list[Point] = []
    for share in sorted(set(shares)):
        try:
            result = train(share)
            points.append(Point(share, count(share), result.run, result.metrics))
        except NothingToTrain:
            if share == max(shares):
                raise
            points.append(Point(share, count(share), None))
        text = to_json(Curve(folder, tuple(points)).to_dict(), indent=2) + "\n"
        write_aside(folder / RECORD, text.encode())
    return Curve(folder, tuple(points))

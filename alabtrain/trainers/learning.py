"""How long a network learns, and signs that it learned nothing, or forgot, as findings that nobody overlooks."""

from __future__ import annotations

import math
from collections.abc import Sequence

from alabtrain.core.findings import Finding

FLAT = 0.002
"""A loss that fell by less than this share of itself from the first epoch to the last did not move."""
FELL = 0.05
"""A last epoch whose validation F1 is so far below the best one's has forgotten something."""


def epochs_for(examples: int, batch_size: int, *, steps: int, most: int) -> int:
    """Return how many epochs of so many examples make `steps` steps, but at most `most`."""
    return min(most, math.ceil(steps / math.ceil(examples / batch_size)))


def learning_findings(kind: str, losses: Sequence[float]) -> list[Finding]:
    """Return a warning where the loss did not move, or became no number, in the training of a `kind` of model."""
    if any(loss != loss for loss in losses):  # NaN is not equal to itself
        return [_finding(kind, "loss_not_a_number", "the loss became no number")]
    if len(losses) > 1 and losses[0] - losses[-1] < FLAT * abs(losses[0]):
        return [_finding(kind, "flat_loss", "the loss did not fall")]
    return []


def fallen(kind: str, f1s: Sequence[float]) -> list[Finding]:
    """Return a warning where the last epoch is far worse on the validation part than the best one."""
    # Of equal epochs the last, as the engine keeps it.
    epoch, best = max(enumerate(f1s, 1), key=lambda pair: (pair[1], pair[0]), default=(0, 0.0))
    if not f1s or best - f1s[-1] < FELL:
        return []
    return [
        Finding(
            "last_epoch_fell", "warning",
            f"{kind}: the model is of the last epoch, with a validation F1 of {f1s[-1]:.3f}; that of epoch "
            f"{epoch} was {best:.3f}",
            hint="--best-model keeps the best epoch; a lower --learning-rate may keep the network from jumping",
        )
    ]  # fmt: skip


def _finding(kind: str, code: str, what: str) -> Finding:
    return Finding(
        code, "warning", f"{kind}: {what} while the model was trained; it has learned little or nothing",
        hint="try another --learning-rate (a tenth, or ten times as much) or another --batch-size",
    )  # fmt: skip

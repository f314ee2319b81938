"""The number of epochs, and findings about networks that learned nothing or became worse."""

from __future__ import annotations

import math
from collections.abc import Sequence

from alabtrain.core.findings import Finding

FLAT = 0.002
"""A loss is flat if it fell by less than this share of itself from the first epoch to the last."""
FELL = 0.05
"""A last epoch is much worse if its validation F1 is at least this much below the best one."""


def epochs_for(examples: int, batch_size: int, *, steps: int, most: int) -> int:
    """Return the number of epochs over `examples` that take `steps` training steps, at most `most`."""
    return min(most, math.ceil(steps / math.ceil(examples / batch_size)))


def learning_findings(model_type: str, losses: Sequence[float]) -> list[Finding]:
    """Return a warning if the loss of each epoch did not fall or became NaN."""
    if any(loss != loss for loss in losses):  # NaN is not equal to itself
        return [_finding(model_type, "loss_not_a_number", "the loss became NaN")]
    if len(losses) > 1 and losses[0] - losses[-1] < FLAT * abs(losses[0]):
        return [_finding(model_type, "flat_loss", "the loss did not fall")]
    return []


def fallen(model_type: str, f1s: Sequence[float]) -> list[Finding]:
    """Return a warning if the last epoch is much worse on the validation part than the best one."""
    # Of equal epochs the last, as the engine keeps it.
    epoch, best = max(enumerate(f1s, 1), key=lambda pair: (pair[1], pair[0]), default=(0, 0.0))
    if not f1s or best - f1s[-1] < FELL:
        return []
    return [
        Finding(
            "last_epoch_fell", "warning",
            f"{model_type}: the model is that of the last epoch, whose validation F1 is {f1s[-1]:.3f}; the validation "
            f"F1 of epoch {epoch} is {best:.3f}",
            hint="--best-model keeps the best epoch; a lower --learning-rate may make the training more stable",
        )
    ]  # fmt: skip


def _finding(model_type: str, code: str, problem: str) -> Finding:
    return Finding(
        code, "warning", f"{model_type}: {problem} in the training; the model learned little or nothing",
        hint="try another --learning-rate (a tenth, or ten times as much) or another --batch-size",
    )  # fmt: skip

"""Ranks tasks by how much a model would learn from their annotation. Pure: numbers in, an order out.

Three scores are combined. Uncertainty: the mean of -log p over the tokens of a text ("maximum normalized
log-probability", Shen et al., "Deep Active Learning for Named Entity Recognition", 2017,
https://arxiv.org/abs/1707.05928), as a percentile of all tasks. Predictions: how much the models find in a text, with
more weight on labels that are rare in the annotated tasks, also as a percentile: a text without an entity teaches
little, however uncertain it is. Diversity: a task similar to an annotated one or to one before it moves down, and a
copy comes last ("maximal marginal relevance", Carbonell and Goldstein, 1998).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64] | NDArray[np.float32]

DIVERSITY = 0.5  # the share of its value that a task loses next to a very similar one
SAME, BEHIND = 0.9999, 2.0  # the similarity of a copy, and its loss of value: more than the highest value
BLOCK = 1_000  # rows that are compared at once


@dataclass(frozen=True, slots=True)
class Candidate:
    """A task that could be annotated, with the predictions of the models.

    `uncertainty` is in nats: the sum over models of the mean over their decisions (tokens, entities, classes);
    `labels` counts the predictions by label.
    """

    task_id: int | str
    uncertainty: float
    labels: Mapping[str, int]


class RankedJson(TypedDict):
    """A ranked task in the JSON output."""

    task_id: int | str
    value: float
    uncertainty: float
    less_uncertain: float
    found: int
    less_found: float
    rare_label: str | None
    nearness: float
    reason: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A ranked task: `value` is its score, given the tasks before it (0 to 2; negative for a copy).

    `less_uncertain` is the share of tasks that are less uncertain, `less_found` that of tasks with fewer or more
    common predictions, `rare` the rarest label found and `share` its share of the annotated regions, `nearness` the
    similarity to the nearest annotated task or task before it (0 to 1).
    """

    candidate: Candidate
    value: float
    less_uncertain: float
    less_found: float
    rare: str | None
    share: float | None
    nearness: float

    @property
    def reason(self) -> str:
        """The reason for its rank, in words; without text of the task."""
        reasons = [f"more uncertain than {self.less_uncertain:.0%} of the tasks ({self.candidate.uncertainty:.3f})"]
        if self.less_found > 0:
            reasons.append(f"{self.found:,} found, more or rarer than in {self.less_found:.0%} of them")
        if self.rare is not None and self.share is not None:
            reasons.append(f"probably has {self.rare}, {self.share:.1%} of the annotations")
        if self.nearness < 0.5:
            reasons.append("unlike the tasks before it")
        elif self.nearness > 0.9:
            reasons.append("very similar to an annotated task or to one before it")
        return "; ".join(reasons)

    @property
    def found(self) -> int:
        """The number of predicted regions and choices."""
        return sum(self.candidate.labels.values())

    def to_dict(self) -> RankedJson:
        """Return the entry of the JSON output."""
        return {
            "task_id": self.candidate.task_id,
            "value": round(self.value, 6),
            "uncertainty": round(self.candidate.uncertainty, 6),
            "less_uncertain": round(self.less_uncertain, 6),
            "found": self.found,
            "less_found": round(self.less_found, 6),
            "rare_label": self.rare,
            "nearness": round(self.nearness, 6),
            "reason": self.reason,
        }


def rank_candidates(
    candidates: Sequence[Candidate],
    vectors: NDArray[np.float32],
    annotated: Mapping[str, int],
    known: NDArray[np.float32],
    *,
    most: int | None = None,
) -> list[Ranked]:
    """Return the candidates in the order in which to annotate them, the first `most` of them by all three scores.

    `vectors` has shape (candidates, dimension), `known` (annotated tasks, dimension); `annotated` counts annotated
    regions by label. Candidates after the first `most` are compared only with those, not with each other.
    """
    import numpy as np

    if not candidates:
        return []
    less_uncertain = _percentiles([candidate.uncertainty for candidate in candidates])
    less_found = _percentiles([_weight(candidate.labels, annotated) for candidate in candidates])
    worth = np.array(less_uncertain) + np.array(less_found)
    units = _units(vectors)
    near = np.zeros(len(candidates)) if not len(known) else _nearest(units, _units(known))
    left = np.ones(len(candidates), dtype=bool)

    def ranked(number: int, value: Numbers, near: Numbers) -> Ranked:
        rare, share = _rarest(candidates[number].labels, annotated)
        reasons = less_uncertain[number], less_found[number], rare, share, float(near[number])
        return Ranked(candidates[number], float(value[number]), *reasons)

    order: list[Ranked] = []
    for _ in range(min(len(candidates), most if most is not None else len(candidates))):
        value = np.where(left, _value(worth, near), -np.inf)
        best = int(value.argmax())
        order.append(ranked(best, value, near))
        left[best] = False
        near = np.maximum(near, np.clip(units @ units[best], 0.0, 1.0))
    value = _value(worth, near)
    behind = sorted(np.flatnonzero(left), key=lambda number: (-value[number], number))
    return order + [ranked(number, value, near) for number in behind]


def _value(worth: Numbers, near: Numbers) -> Numbers:
    """Return the worth of tasks, reduced by their similarity to others."""
    left: Numbers = worth * (1 - DIVERSITY * near) - BEHIND * (near > SAME)
    return left


def _percentiles(numbers: Sequence[float]) -> list[float]:
    """Return for each number the share of the others that are smaller, 0 to 1."""
    import numpy as np

    values = np.array(numbers, dtype=np.float64)
    below = np.searchsorted(np.sort(values), values, side="left")
    return [float(count) for count in below / max(1, len(values) - 1)]


def _weight(found: Mapping[str, int], annotated: Mapping[str, int]) -> float:
    """Return the weight of a task's predictions: the sum of the square roots of the rarity of their labels."""
    total, labels = sum(annotated.values()), max(1, len(annotated))
    return sum(
        count * math.sqrt((total + labels) / (annotated.get(label, 0) + 1) / labels) for label, count in found.items()
    )


def _rarest(found: Mapping[str, int], annotated: Mapping[str, int]) -> tuple[str | None, float | None]:
    """Return the rarest label found and its share of the annotated regions, if it is rarer than the average."""
    total = sum(annotated.values())
    if not found or not total or len(annotated) < 2:
        return None, None
    label = min(found, key=lambda name: (annotated.get(name, 0), name))
    share = annotated.get(label, 0) / total
    return (label, share) if share < 1 / len(annotated) else (None, None)


def _units(vectors: Numbers) -> Numbers:
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units: Numbers = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return units


def _nearest(units: Numbers, known: Numbers) -> Numbers:
    """Return the similarity of each row to the nearest known one, computed in blocks of rows."""
    import numpy as np

    starts = range(0, len(units), BLOCK)
    blocks = [np.clip((units[s : s + BLOCK] @ known.T).max(axis=1), 0.0, 1.0) for s in starts]
    nearest: Numbers = np.concatenate(blocks)
    return nearest

"""An order of tasks by what annotating them would teach. Pure: numbers in, an order out.

Three things count. Uncertainty: the mean of -log p over the tokens of a text ("maximum normalized log-probability",
Shen et al., "Deep Active Learning for Named Entity Recognition", 2017, https://arxiv.org/abs/1707.05928), as a place
among all tasks. What the models find in it, labels that the annotated tasks have few of counting more, as a place, too:
a text without an entity teaches little, however unsure they are of it. Diversity: a task that is like one before it, or
like an annotated one, waits, and a copy comes last ("maximal marginal relevance", Carbonell and Goldstein, 1998).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

DIVERSITY = 0.5  # how much of its value a task loses beside one that is very like it
SAME, BEHIND = 0.9999, 2.0  # as near as only a copy is, and what it loses: more than any other has
BLOCK = 1_000  # rows that are compared at once


@dataclass(frozen=True, slots=True)
class Candidate:
    """A task that could be annotated: what the models make of it.

    `uncertainty` is in nats: of each model the mean over its decisions (tokens, entities, classes), added up; `labels`
    counts what was found.
    """

    task_id: int | str
    uncertainty: float
    labels: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A task in its place: `value` is what it teaches beside those before it (0 to 2; below 0 it is a copy), and why.

    `less_uncertain` is the share of tasks that are so, `less_found` that of tasks in which less is found, `rare` the
    rarest label found and `share` its share of the annotated regions, `nearness` how like it is to an annotated task
    or one before it (0 to 1).
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
        """Why it is where it is, as words; no text of the task."""
        told = [f"more uncertain than {self.less_uncertain:.0%} of the tasks ({self.candidate.uncertainty:.3f})"]
        if self.less_found > 0:
            told.append(f"{self.found:,} found, more or rarer than in {self.less_found:.0%} of them")
        if self.rare is not None and self.share is not None:
            told.append(f"probably has {self.rare}, {self.share:.1%} of what is annotated")
        if self.nearness < 0.5:
            told.append("unlike what comes before it")
        elif self.nearness > 0.9:
            told.append("much like an annotated one, or one before it")
        return "; ".join(told)

    @property
    def found(self) -> int:
        """How many regions and choices the models found."""
        return sum(self.candidate.labels.values())

    def to_dict(self) -> dict[str, Any]:
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
    vectors: np.ndarray[Any, np.dtype[np.float32]],
    annotated: Mapping[str, int],
    known: np.ndarray[Any, np.dtype[np.float32]],
    *,
    most: int | None = None,
) -> list[Ranked]:
    """Return the candidates in the order in which to annotate them, the first `most` of them by all three things.

    `vectors` has a row a candidate, `known` a row an annotated task (texts as vectors); `annotated` counts annotated
    regions by label. What lies behind the first `most` is compared with those, not with each other.
    """
    import numpy as np

    if not candidates:
        return []
    less_uncertain = _places([candidate.uncertainty for candidate in candidates])
    less_found = _places([_weight(candidate.labels, annotated) for candidate in candidates])
    worth = np.array(less_uncertain) + np.array(less_found)
    units = _units(vectors)
    near = np.zeros(len(candidates)) if not len(known) else _nearest(units, _units(known))
    left = np.ones(len(candidates), dtype=bool)

    def ranked(number: int, value: np.ndarray[Any, Any], near: np.ndarray[Any, Any]) -> Ranked:
        rare, share = _rarest(candidates[number].labels, annotated)
        told = less_uncertain[number], less_found[number], rare, share, float(near[number])
        return Ranked(candidates[number], float(value[number]), *told)

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


def _value(worth: np.ndarray[Any, Any], near: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return what is left of the worth of tasks that are so near to others."""
    left: np.ndarray[Any, Any] = worth * (1 - DIVERSITY * near) - BEHIND * (near > SAME)
    return left


def _places(numbers: Sequence[float]) -> list[float]:
    """Return for each number the share of the others that are smaller."""
    import numpy as np

    values = np.array(numbers, dtype=np.float64)
    below = np.searchsorted(np.sort(values), values, side="left")
    return [float(count) for count in below / max(1, len(values) - 1)]


def _weight(found: Mapping[str, int], annotated: Mapping[str, int]) -> float:
    """Return how much what was found in a task weighs: the square root of how rare a label is, for each time."""
    total, kinds = sum(annotated.values()), max(1, len(annotated))
    return sum(
        count * math.sqrt((total + kinds) / (annotated.get(label, 0) + 1) / kinds) for label, count in found.items()
    )


def _rarest(found: Mapping[str, int], annotated: Mapping[str, int]) -> tuple[str | None, float | None]:
    """Return the rarest label found and its share of the annotated regions; only if it is rarer than the mean."""
    total = sum(annotated.values())
    if not found or not total or len(annotated) < 2:
        return None, None
    label = min(found, key=lambda name: (annotated.get(name, 0), name))
    share = annotated.get(label, 0) / total
    return (label, share) if share < 1 / len(annotated) else (None, None)


def _units(vectors: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)


def _nearest(units: np.ndarray[Any, Any], known: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return how like each row is to the nearest known one, a block of rows at once."""
    import numpy as np

    starts = range(0, len(units), BLOCK)
    return np.concatenate([np.clip((units[s : s + BLOCK] @ known.T).max(axis=1), 0.0, 1.0) for s in starts])

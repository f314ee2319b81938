"""The paired bootstrap: whether the difference between two models is significant.

Source: Koehn, "Statistical Significance Tests for Machine Translation Evaluation", 2004 (https://aclanthology.org/W04-3250);
for F1 see Berg-Kirkpatrick et al., "An Empirical Investigation of Statistical Significance in NLP", 2012
(https://aclanthology.org/D12-1091). Pure: counts in, numbers out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Measure = Literal["micro F1", "macro F1"]
Counts = Mapping[str, tuple[int, int, int]]
"""The counts of one text by label: true positives, predictions, gold annotations."""
RESAMPLES, AT_ONCE = 10_000, 500
SIGNIFICANT = 0.05


class DifferenceJson(TypedDict):
    """A difference in the JSON output; `real` says whether it is significant."""

    measure: Measure
    first: float
    second: float
    difference: float
    low: float
    high: float
    p: float
    texts: int
    real: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """A score of two models on the same texts: `difference` is the second minus the first.

    `low` and `high` bound its 95% interval over the resamplings; `p` is two-sided.
    """

    measure: Measure
    first: float
    second: float
    difference: float
    low: float
    high: float
    p: float
    texts: int

    @property
    def is_real(self) -> bool:
        """Whether the difference is significant."""
        return self.p < SIGNIFICANT

    def to_dict(self) -> DifferenceJson:
        """Return the entry of the JSON output."""
        return {
            "measure": self.measure,
            "first": self.first,
            "second": self.second,
            "difference": self.difference,
            "low": self.low,
            "high": self.high,
            "p": self.p,
            "texts": self.texts,
            "real": self.is_real,
        }


def paired_bootstrap(
    first: Sequence[Counts], second: Sequence[Counts], measure: Measure, *, seed: int, resamples: int = RESAMPLES
) -> Difference:
    """Compare two models by their counts on the same texts, in the same order.

    Texts are drawn with replacement, the same for both models.

    Raises:
        ValueError: there are no texts, or the two have different numbers of texts.
    """
    import numpy as np

    if not first or len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} texts cannot be compared")
    labels = sorted({label for counts in (*first, *second) for label in counts})
    tables = [_table(counts, labels) for counts in (first, second)]
    whole = [float(_f1(table.sum(axis=0)[None], measure)[0]) for table in tables]
    texts = len(first)
    random = np.random.default_rng(seed)
    differences = []
    for start in range(0, resamples, AT_ONCE):
        drawn = random.multinomial(texts, np.full(texts, 1 / texts), size=min(AT_ONCE, resamples - start))
        one, other = (_f1(np.tensordot(drawn, table, axes=1), measure) for table in tables)
        differences.append(other - one)
    found = np.concatenate(differences)
    low, high = np.quantile(found, (0.025, 0.975))
    # Plus one in both: no finite number of resamplings shows that a probability is zero.
    beside = min(int((found <= 0).sum()), int((found >= 0).sum()))
    p = min(1.0, 2 * (beside + 1) / (resamples + 1))
    return Difference(
        measure, round(whole[0], 6), round(whole[1], 6), round(whole[1] - whole[0], 6), round(float(low), 6),
        round(float(high), 6), round(p, 6), texts,
    )  # fmt: skip


def _table(counts: Sequence[Counts], labels: Sequence[str]) -> NDArray[np.float64]:
    """Return the counts as an array of shape (texts, labels, 3): right, given, wanted."""
    import numpy as np

    return np.array([[row.get(label, (0, 0, 0)) for label in labels] for row in counts], dtype=np.float64).reshape(
        len(counts), len(labels), 3
    )


def _f1(sums: NDArray[np.float64], measure: Measure) -> NDArray[np.float64]:
    """Return the F1 of each resample from shape (resamples, labels, 3); macro is the mean over occurring labels."""
    import numpy as np

    if measure == "micro F1":
        sums = sums.sum(axis=1, keepdims=True)
    right, both = sums[..., 0], sums[..., 1] + sums[..., 2]
    f1 = np.divide(2 * right, both, out=np.zeros_like(right), where=both > 0)
    there = (both > 0).sum(axis=1)
    return np.divide(f1.sum(axis=1), there, out=np.zeros(len(f1)), where=there > 0)

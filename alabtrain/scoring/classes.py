"""Scores of a classifier with one or several classes per text; computed by scikit-learn.

Pure: classes in, dictionaries of plain numbers out, rounded to six digits.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence, Sized
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from alabtrain.core.findings import MAX_EXAMPLES, Finding, pluralize
from alabtrain.scoring.results import Averages, ClassMetrics, Metrics, MultilabelMetrics, Score
from alabtrain.scoring.spans import NONE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix: TypeAlias = NDArray[np.int_]
    Given: TypeAlias = Matrix | Sequence[int]

Row: TypeAlias = tuple[float, float, float, float]

NO_CLASS = ""
"""The prediction of a model that predicts no class."""
THRESHOLDS = tuple(hundredth / 100 for hundredth in range(5, 96))
MIDDLE = 0.5


def class_scores(
    gold: Sequence[str], predicted: Sequence[str], split: str | None, labels: Iterable[str]
) -> ClassMetrics:
    """Return the entry of `metrics.json` for examples with one class each.

    `split` names the part that was scored; `labels` are the classes that the model knows, in display order;
    others that occur follow by name. Micro scores count all classes together, macro scores are the mean over the
    classes that occur in `gold` or `predicted`. `confusion[gold class][predicted class]` counts; an example without
    prediction (`NO_CLASS`) is wrong, and counted there as `none` (`(none)` if a class has that name).

    Raises:
        ValueError: `gold` and `predicted` differ in length.
    """
    _require_equal_lengths(gold, predicted)
    names = _names(labels, gold, predicted)
    # As numbers: scikit-learn sorts names, and treats the empty name like any other class.
    codes = {name: code for code, name in enumerate(names)}
    wanted, given = [codes[name] for name in gold], [codes.get(name, -1) for name in predicted]
    confusion = _confusion(wanted, given, names)
    averages = _averages(wanted, given, names, occurring={*wanted, *given} - {-1})
    right = {name: confusion[name][name] for name in names}
    return {
        "split": split,
        "mode": "single",
        "accuracy": _accuracy(wanted, given),
        **averages,
        "confusion": confusion,
        "never_right": _never_right(averages["labels"], right),
    }


def multilabel_scores(
    gold: Sequence[Collection[str]],
    scores: Sequence[Mapping[str, float]],
    split: str | None,
    threshold: float,
    labels: Iterable[str],
) -> MultilabelMetrics:
    """Return the entry of `metrics.json` for texts with any number of classes.

    `scores` are the scores of each text by class; classes with at least `threshold` are predicted. Other arguments
    and averages are as for `class_scores`. `accuracy` is the share of texts with exactly the right classes,
    `hamming_loss` the share of wrong decisions over all texts and classes.
    """
    from sklearn.metrics import hamming_loss

    _require_equal_lengths(gold, scores)
    predicted = [chosen(by_class, threshold) for by_class in scores]
    names = _names(labels, *gold, *predicted)
    wanted, given = _matrix(gold, names), _matrix(predicted, names)
    occurring = {code for code in range(len(names)) if wanted[:, code].any() or given[:, code].any()}
    confusion = _binary_confusions(wanted, given, names)
    averages = _averages(wanted, given, names, occurring)
    accuracy = _accuracy(wanted, given)
    # The matrix has one more column than classes, in which no decision is wrong.
    loss = hamming_loss(wanted, given) * (len(names) + 1) / len(names) if len(gold) and names else 0.0
    right = {name: confusion[name]["tp"] for name in names}
    return {
        "split": split,
        "mode": "multiple",
        "accuracy": accuracy,
        "subset_accuracy": accuracy,
        "hamming_loss": _rounded(loss),
        "threshold": threshold,
        **averages,
        "confusion": confusion,
        "never_right": _never_right(averages["labels"], right),
    }


def chosen(scores: Mapping[str, float], threshold: float) -> set[str]:
    """Return the classes whose score is at least `threshold`, as Spark NLP's MultiClassifierDL does."""
    return {name for name, score in scores.items() if score >= threshold}


def best_threshold(gold: Sequence[Collection[str]], scores: Sequence[Mapping[str, float]]) -> float:
    """Return the threshold of THRESHOLDS with the best micro F1; of equal ones the nearest to 0.5, then the lower.

    To be called with the validation set.

    Raises:
        ValueError: `gold` and `scores` differ in length.
    """
    _require_equal_lengths(gold, scores)
    given = sorted(score for by_class in scores for score in by_class.values())
    right = sorted(
        by_class[name] for wanted, by_class in zip(gold, scores, strict=True) for name in wanted if name in by_class
    )
    support = sum(len(set(wanted)) for wanted in gold)

    def f1(threshold: float) -> Fraction:
        # Exact: two thresholds with the same predictions must tie.
        found, hits = (len(ordered) - bisect_left(ordered, threshold) for ordered in (given, right))
        return Fraction(2 * hits, found + support) if found + support else Fraction(0)

    return max(THRESHOLDS, key=lambda threshold: (f1(threshold), -abs(round(threshold - MIDDLE, 2)), -threshold))


def never_right(entry: Metrics, model_type: str) -> list[Finding]:
    """Report the classes that a model never predicted correctly; `entry` is the result of the scoring functions."""
    if "never_right" not in entry:
        return []
    support = {name: entry["labels"][name]["support"] for name in entry["never_right"]}
    if not support:
        return []
    most = sorted(support.items(), key=lambda item: (-item[1], item[0]))
    message = model_type + ": for {count} [class|classes], none of the scored examples was predicted correctly"
    return [
        Finding(
            "class_never_right",
            "warning",
            pluralize(message, len(most)),
            len(most),
            tuple(f"{name} ({count})" for name, count in most[:MAX_EXAMPLES]),
            "do not use the model for these classes; annotate more of them, or train longer",
        )
    ]


def _never_right(labels: Mapping[str, Score], right: Mapping[str, int]) -> list[str]:
    """Return the classes that have examples (`support` of their scores) and not one right prediction."""
    return [name for name, scores in labels.items() if scores["support"] and not right[name]]


def _names(labels: Iterable[str], *others: Iterable[str]) -> list[str]:
    known = dict.fromkeys(labels)
    return [*known, *sorted({name for names in others for name in names} - known.keys() - {NO_CLASS})]


def _averages(wanted: Given, given: Given, names: Sequence[str], occurring: Collection[int]) -> Averages:
    """Return micro, macro and labels; `wanted` and `given` are codes (indices in `names`), or decision matrices."""
    codes = list(range(len(names)))
    if not occurring:
        return {
            "micro": _entry(0, 0, 0, 0),
            "macro": _entry(0, 0, 0, 0),
            "labels": {n: _entry(0, 0, 0, 0) for n in names},
        }
    rows = _scores_of_each(wanted, given, codes)
    support = sum(int(row[3]) for row in rows)
    micro = _scores_of_all(wanted, given, codes, "micro", support)
    macro = _scores_of_all(wanted, given, sorted(occurring), "macro", support)
    labels = {name: _entry(*row) for name, row in zip(names, rows, strict=True)}
    return {"micro": _entry(*micro), "macro": _entry(*macro), "labels": labels}


def _scores_of_each(wanted: Given, given: Given, codes: list[int]) -> list[Row]:
    """Return precision, recall, F1 and support of each class."""
    from sklearn.metrics import precision_recall_fscore_support

    scores = precision_recall_fscore_support(wanted, given, labels=codes, average=None, zero_division=0)
    return list(zip(*scores, strict=True))


def _scores_of_all(wanted: Given, given: Given, codes: list[int], average: str, support: int) -> Row:
    """Return precision, recall and F1 of classes together; scikit-learn gives no support for averages."""
    from sklearn.metrics import precision_recall_fscore_support

    precision, recall, f1, _none = precision_recall_fscore_support(
        wanted, given, labels=codes, average=average, zero_division=0
    )
    return precision, recall, f1, support


def _accuracy(wanted: Given, given: Given) -> float:
    from sklearn.metrics import accuracy_score

    return _rounded(accuracy_score(wanted, given)) if len(wanted) else 0.0


def _confusion(wanted: list[int], given: list[int], names: list[str]) -> dict[str, dict[str, int]]:
    from sklearn.metrics import confusion_matrix

    none = NONE if NONE not in names else f"({NONE})"
    columns = [*names, none] if -1 in given else names
    if not wanted:
        return {row: dict.fromkeys(columns, 0) for row in names}
    counts = confusion_matrix(wanted, given, labels=[*range(len(names)), -1])
    return {row: {c: int(counts[i][j]) for j, c in enumerate(columns)} for i, row in enumerate(names)}


def _binary_confusions(wanted: Matrix, given: Matrix, names: list[str]) -> dict[str, dict[str, int]]:
    from sklearn.metrics import multilabel_confusion_matrix

    if not len(wanted):
        return {name: {"tp": 0, "fp": 0, "fn": 0, "tn": 0} for name in names}
    counts = multilabel_confusion_matrix(wanted, given)
    return {
        name: {"tp": int(one[1][1]), "fp": int(one[0][1]), "fn": int(one[1][0]), "tn": int(one[0][0])}
        for name, one in zip(names, counts[: len(names)], strict=True)
    }


def _matrix(others: Sequence[Collection[str]], names: Sequence[str]) -> Matrix:
    """Return an indicator matrix of shape (texts, classes + 1), with a last column of zeros.

    scikit-learn would not treat a matrix with a single column as multilabel.
    """
    import numpy as np

    codes = {name: code for code, name in enumerate(names)}
    matrix = np.zeros((len(others), len(names) + 1), dtype=int)
    for row, classes in enumerate(others):
        matrix[row, [codes[name] for name in classes]] = 1
    return matrix


def _entry(precision: float, recall: float, f1: float, support: float) -> Score:
    return {"precision": _rounded(precision), "recall": _rounded(recall), "f1": _rounded(f1), "support": int(support)}


def _rounded(number: float) -> float:
    return round(float(number), 6)


def _require_equal_lengths(gold: Sized, predicted: Sized) -> None:
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} gold classes, {len(predicted)} predicted ones")

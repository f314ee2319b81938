from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alabtrain.scoring.classes import THRESHOLDS
from alabtrain.scoring.metrics import (
    NO_CLASS,
    best_threshold,
    chosen,
    class_scores,
    multilabel_scores,
    never_right,
)

GOLD = ["calm", "calm", "calm", "worried", "worried", "tired"]
PREDICTED = ["calm", "calm", "worried", "worried", "calm", "calm"]
LABELS = ["worried", "calm", "tired", "bored"]


def test_the_scores_of_a_small_example_counted_by_hand() -> None:
    scores = class_scores(GOLD, PREDICTED, "test", LABELS)
    assert list(scores) == ["split", "mode", "accuracy", "micro", "macro", "labels", "confusion", "never_right"]
    assert (scores["split"], scores["mode"], scores["accuracy"]) == ("test", "single", 0.5)
    assert scores["micro"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 6}
    assert list(scores["labels"]) == LABELS
    assert scores["labels"]["calm"] == {"precision": 0.5, "recall": 0.666667, "f1": 0.571429, "support": 3}
    assert scores["labels"]["bored"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0}
    # The mean over three: nobody was bored, and nobody was said to be.
    assert scores["macro"]["f1"] == pytest.approx((0.5 + 4 / 7 + 0) / 3, abs=1e-6)
    assert scores["macro"]["support"] == 6
    assert scores["confusion"]["worried"] == {"worried": 1, "calm": 1, "tired": 0, "bored": 0}
    assert scores["never_right"] == ["tired"]


def test_classes_that_the_model_does_not_know_follow_by_name() -> None:
    scores = class_scores(["b", "z"], ["z", "a"], None, ["z"])
    assert list(scores["labels"]) == list(scores["confusion"]) == ["z", "a", "b"]
    assert scores["never_right"] == ["z", "b"]


def test_what_has_no_prediction_is_wrong() -> None:
    scores = class_scores(["calm", "calm"], ["calm", NO_CLASS], "test", ["calm", "none"])
    assert scores["accuracy"] == 0.5
    assert scores["micro"] == {"precision": 1.0, "recall": 0.5, "f1": 0.666667, "support": 2}
    assert scores["confusion"]["calm"] == {"calm": 1, "none": 0, "(none)": 1}


@pytest.mark.parametrize("label", ["micro avg", "0", "a\0", " ", "é"])
def test_odd_names_keep_their_classes_apart(label: str) -> None:
    scores = class_scores([label, "a"], [label, "a"], "test", ["a", label])
    assert scores["accuracy"] == scores["labels"][label]["f1"] == 1.0
    assert scores["macro"]["f1"] == 1.0


@pytest.mark.parametrize("labels", [[], ["calm"]])
def test_nothing_to_score_scores_zero(labels: list[str]) -> None:
    zero = {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0}
    for scores in (class_scores([], [], None, labels), multilabel_scores([], [], None, 0.5, labels)):
        assert (scores["accuracy"], scores["micro"], scores["macro"]) == (0.0, zero, zero)
        assert scores["labels"] == dict.fromkeys(labels, zero)
        assert scores["never_right"] == []


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="1 gold classes, 2 predicted"):
        class_scores(["a"], ["a", "a"], "test", [])
    with pytest.raises(ValueError, match="1 gold"):
        multilabel_scores([["a"]], [], "test", 0.5, [])
    with pytest.raises(ValueError, match="0 gold"):
        best_threshold([], [{}])


def test_the_scores_of_several_classes_counted_by_hand() -> None:
    gold = [["joy"], ["joy", "fear"], ["anger"], []]
    scores = [
        {"joy": 0.9, "fear": 0.1, "anger": 0.2},
        {"joy": 0.5, "fear": 0.4, "anger": 0.1},
        {"joy": 0.6, "fear": 0.1, "anger": 0.3},
        {"joy": 0.1, "fear": 0.1, "anger": 0.1},
    ]
    entry = multilabel_scores(gold, scores, "test", 0.5, ["joy", "fear", "anger"])
    assert (entry["mode"], entry["threshold"]) == ("multiple", 0.5)
    assert entry["accuracy"] == entry["subset_accuracy"] == 0.5
    assert entry["hamming_loss"] == 0.25  # three wrong decisions of twelve
    assert entry["micro"] == {"precision": 0.666667, "recall": 0.5, "f1": 0.571429, "support": 4}
    assert entry["labels"]["joy"] == {"precision": 0.666667, "recall": 1.0, "f1": 0.8, "support": 2}
    assert entry["macro"]["f1"] == pytest.approx(0.8 / 3, abs=1e-6)
    assert entry["confusion"] == {
        "joy": {"tp": 2, "fp": 1, "fn": 0, "tn": 1},
        "fear": {"tp": 0, "fp": 0, "fn": 1, "tn": 3},
        "anger": {"tp": 0, "fp": 0, "fn": 1, "tn": 3},
    }
    assert entry["never_right"] == ["fear", "anger"]


def test_a_single_label_is_scored_like_one_of_several() -> None:
    entry = multilabel_scores([["joy"], [], ["joy"]], [{"joy": 0.9}, {"joy": 0.8}, {}], "test", 0.5, ["joy"])
    assert entry["labels"]["joy"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 2}
    assert entry["confusion"]["joy"] == {"tp": 1, "fp": 1, "fn": 1, "tn": 0}
    assert (entry["accuracy"], entry["hamming_loss"]) == (0.333333, 0.666667)
    assert multilabel_scores([[]], [{"joy": 0.1}], "test", 0.5, ["joy"])["accuracy"] == 1.0


def test_a_score_of_just_the_threshold_is_enough() -> None:
    assert chosen({"joy": 0.3, "fear": 0.29}, 0.3) == {"joy"}


def test_the_best_threshold_is_the_nearest_to_a_half_of_equal_ones() -> None:
    assert best_threshold([["a"], []], [{"a": 0.9}, {"a": 0.1}]) == 0.5
    assert best_threshold([["a"], []], [{"a": 0.4}, {"a": 0.2}]) == 0.4
    assert best_threshold([["a"], []], [{"a": 0.9}, {"a": 0.6}]) == 0.61
    assert best_threshold([], []) == best_threshold([["a"]], [{}]) == 0.5


def test_a_class_that_is_never_right_is_a_loud_finding() -> None:
    (finding,) = never_right(class_scores(GOLD, PREDICTED, "test", LABELS), "assertion")
    assert (finding.code, finding.severity, finding.count) == ("class_never_right", "warning", 1)
    assert finding.examples == ("tired (1)",)
    assert finding.message.startswith("assertion: for 1 class, none of the scored examples was predicted correctly")
    many = class_scores(["a", "b", "b", "c"], ["c", "c", "c", "b"], "test", [])
    (finding,) = never_right(many, "classification")
    assert finding.examples == ("b (2)", "a (1)", "c (1)")
    assert never_right(class_scores(["a"], ["a"], "test", ["a", "b"]), "classification") == []


CLASSES = st.sampled_from(["a", "b", "c", ""])
PAIRS = st.lists(st.tuples(CLASSES.filter(bool), CLASSES), max_size=20)
ROWS = st.lists(
    st.tuples(
        st.sets(st.sampled_from("abc")),
        st.dictionaries(st.sampled_from("abcd"), st.integers(0, 100).map(lambda n: n / 100)),
    ),
    max_size=12,
)


@given(PAIRS)
def test_sums_hold_whatever_the_classes(pairs: list[tuple[str, str]]) -> None:
    gold, predicted = [g for g, _ in pairs], [p for _, p in pairs]
    entry = class_scores(gold, predicted, "test", ["b", "x"])
    assert sum(sum(row.values()) for row in entry["confusion"].values()) == len(pairs)
    for name, scores in entry["labels"].items():
        assert scores["support"] == gold.count(name) == sum(entry["confusion"][name].values())
        assert (name in entry["never_right"]) == (name in gold and (name, name) not in pairs)
    right = sum(g == p for g, p in pairs)
    assert entry["accuracy"] == pytest.approx(right / len(pairs) if pairs else 0, abs=1e-6)
    assert entry["micro"]["recall"] == pytest.approx(entry["accuracy"], abs=2e-6)


@settings(deadline=None, max_examples=40)
@given(ROWS)
def test_counts_of_several_classes_hold(rows: list[tuple[set[str], dict[str, float]]]) -> None:
    gold, scores = [g for g, _ in rows], [s for _, s in rows]
    best = best_threshold(gold, scores)
    entry = multilabel_scores(gold, scores, "validation", best, "ab")
    for name, counts in entry["confusion"].items():
        assert sum(counts.values()) == len(rows)
        assert counts["tp"] + counts["fn"] == entry["labels"][name]["support"] == sum(name in g for g in gold)
    wrong = sum(len(set(g) ^ chosen(s, best)) for g, s in rows)
    decisions = len(rows) * len(entry["labels"])
    assert entry["hamming_loss"] == pytest.approx(wrong / decisions if decisions else 0, abs=1e-6)
    assert entry["micro"]["f1"] == pytest.approx(float(micro_f1(gold, scores, best)), abs=1e-6)


def micro_f1(gold: list[set[str]], scores: list[dict[str, float]], threshold: float) -> Fraction:
    predicted = [chosen(by_class, threshold) for by_class in scores]
    right = sum(len(g & p) for g, p in zip(gold, predicted, strict=True))
    both = sum(len(g) + len(p) for g, p in zip(gold, predicted, strict=True))
    return Fraction(2 * right, both) if both else Fraction(0)


@given(ROWS)
def test_no_threshold_beats_the_best_one(rows: list[tuple[set[str], dict[str, float]]]) -> None:
    gold, scores = [g for g, _ in rows], [s for _, s in rows]
    best = best_threshold(gold, scores)
    most = micro_f1(gold, scores, best)
    for threshold in THRESHOLDS:
        other = micro_f1(gold, scores, threshold)
        assert other <= most
        assert other < most or abs(best - 0.5) <= abs(threshold - 0.5) + 1e-9

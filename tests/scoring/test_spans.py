from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.scoring.metrics import Entity, entities, match, span_scores, worst_sentences

TAGS = st.sampled_from(["O", "O", "O", "B-Drug", "I-Drug", "B-Dose", "I-Dose"])
SENTENCES = st.lists(
    st.integers(0, 9).flatmap(
        lambda n: st.tuples(st.lists(TAGS, min_size=n, max_size=n), st.lists(TAGS, min_size=n, max_size=n))
    ),
    min_size=1,
    max_size=6,
)


def both(pairs):
    return [gold for gold, _ in pairs], [predicted for _, predicted in pairs]


GOLD = [
    ["B-Drug", "I-Drug", "I-Drug", "O", "B-Dose", "I-Dose"],
    ["O", "B-Drug", "O", "B-Drug"],
    ["O", "O", "B-Dose"],
]
PREDICTED = [
    ["B-Drug", "I-Drug", "O", "O", "B-Dose", "I-Dose"],
    ["O", "B-Drug", "B-Drug", "B-Dose"],
    ["O", "O", "O"],
]


def test_the_scores_of_a_small_example_counted_by_hand():
    scores = span_scores(GOLD, PREDICTED, "test")
    assert (scores["split"], scores["scheme"]) == ("test", "IOB2, strict (seqeval)")
    # Right: Dose of the first sentence, first Drug of the second; 5 found, 5 there.
    assert scores["entity"]["micro"] == {"precision": 0.4, "recall": 0.4, "f1": 0.4, "support": 5}
    assert scores["entity"]["labels"] == {
        "Dose": {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 2},
        "Drug": {"precision": 0.333333, "recall": 0.333333, "f1": 0.333333, "support": 3},
    }
    assert scores["entity"]["macro"]["f1"] == pytest.approx((0.5 + 1 / 3) / 2, abs=1e-6)


def test_an_overlap_of_the_same_label_counts_half():
    partial = span_scores(GOLD, PREDICTED, "test")["partial"]
    # The three-token Drug was found with two tokens; of the others two are exact, two missed, two invented.
    assert partial["counts"] == {"exact": 2, "partial": 1, "missed": 2, "spurious": 2}
    assert partial["micro"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 5}
    assert partial["labels"]["Drug"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 3}


def test_tags_count_as_spark_nlp_counts_them():
    tag = span_scores(GOLD, PREDICTED, "test")["tag"]
    assert tag["tags"]["I-Drug"] == {
        "tp": 1, "fp": 0, "fn": 1, "precision": 1.0, "recall": 0.5, "f1": 0.666667, "support": 2,
    }  # fmt: skip
    assert tag["tags"]["B-Drug"]["fp"] == 1
    assert tag["tags"]["B-Drug"]["fn"] == 1
    assert set(tag["tags"]) == {"B-Drug", "I-Drug", "B-Dose", "I-Dose"}
    # tp 2 + 1 + 1 + 1, given 3 + 1 + 2 + 1, wanted 3 + 2 + 2 + 1
    assert tag["micro"] == {"precision": 0.714286, "recall": 0.625, "f1": 0.666667, "support": 8}
    mean_precision, mean_recall = (2 / 3 + 1 + 1 / 2 + 1) / 4, (2 / 3 + 1 / 2 + 1 / 2 + 1) / 4
    expected = 2 * mean_precision * mean_recall / (mean_precision + mean_recall)
    assert tag["macro"]["f1"] == pytest.approx(expected, abs=2e-6)


def test_confusion_pairs_by_overlap_and_counts_the_rest_as_none():
    assert span_scores(GOLD, PREDICTED, "test")["confusion"] == {
        "Dose": {"Dose": 1, "Drug": 0, "none": 1},
        "Drug": {"Dose": 1, "Drug": 2, "none": 0},
        "none": {"Dose": 0, "Drug": 1, "none": 0},
    }


def test_confusion_keeps_a_label_called_none_apart():
    confusion = span_scores([["B-none", "O"]], [["O", "B-none"]], "test")["confusion"]
    assert confusion == {"none": {"none": 0, "(none)": 1}, "(none)": {"none": 1, "(none)": 0}}


@pytest.mark.parametrize("tags", [["O", "O"], ["I-Drug", "O"], []])
def test_nothing_to_find_and_nothing_found_scores_zero(tags):
    scores = span_scores([tags], [tags], "test")
    nothing = {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0}
    assert scores["entity"]["micro"] == nothing
    assert scores["partial"]["micro"] == nothing


@pytest.mark.parametrize("label", ["micro avg", "-dash-", "O", "_x_", "B-I", "10 %"])
def test_labels_with_odd_names_keep_them(label):
    tags = [[f"B-{label}", f"I-{label}", "O", "B-Other"]]
    scores = span_scores(tags, tags, "test")
    assert scores["entity"]["labels"][label]["f1"] == 1.0
    assert set(scores["entity"]["labels"]) == {label, "Other"} == set(scores["partial"]["labels"])


def test_a_tag_that_continues_nothing_begins_no_entity():
    assert entities(["I-Drug", "B-Drug", "I-Dose", "I-Drug"]) == [Entity(1, 2, "Drug")]


def test_a_right_entity_is_not_taken_away_by_a_longer_wrong_one():
    right, long = Entity(0, 1, "Drug"), Entity(1, 4, "Dose")
    assert (right, right) in match([right, long], [right, Entity(1, 4, "Drug")])


def test_sentences_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="sentence 1: 2 gold tags, 1 predicted"):
        span_scores([["O"], ["O", "O"]], [["O"], ["O"]], "test")
    with pytest.raises(ValueError, match="2 gold sentences"):
        span_scores([["O"], ["O"]], [["O"]], "test")


def test_the_most_wrong_sentences_come_first_and_right_ones_not_at_all():
    gold = [["B-Drug"], ["B-Drug", "O"], ["B-Drug", "B-Drug"]]
    assert worst_sentences(gold, [["O"], ["B-Drug", "O"], ["O", "B-Dose"]]) == [2, 0]


@given(SENTENCES)
def test_entities_and_scores_agree_with_seqeval(pairs):
    from seqeval.scheme import IOB2, Entities

    gold, predicted = both(pairs)
    reference = [[(e.start, e.end, e.tag) for e in sentence] for sentence in Entities(gold, IOB2).entities]
    assert [[(e.start, e.end, e.label) for e in entities(tags)] for tags in gold] == reference
    right = sum(len(set(entities(g)) & set(entities(p))) for g, p in pairs)
    wanted, found = (sum(len(entities(tags)) for tags in side) for side in (gold, predicted))
    micro = span_scores(gold, predicted, "test")["entity"]["micro"]
    assert micro["f1"] == pytest.approx(2 * right / (wanted + found) if wanted + found else 0.0, abs=1e-6)
    assert micro["support"] == wanted


@given(SENTENCES)
def test_sums_hold_whatever_the_tags(pairs):
    gold, predicted = both(pairs)
    scores = span_scores(gold, predicted, "test")
    wanted = [e for tags in gold for e in entities(tags)]
    found = [e for tags in predicted for e in entities(tags)]
    confusion = scores["confusion"]
    for label in confusion:
        if label != "none":
            assert sum(confusion[label].values()) == sum(e.label == label for e in wanted)
            assert sum(row[label] for row in confusion.values()) == sum(e.label == label for e in found)
    counts = scores["partial"]["counts"]
    assert counts["exact"] + counts["partial"] + counts["missed"] == len(wanted)
    assert counts["exact"] + counts["partial"] + counts["spurious"] == len(found)
    assert scores["partial"]["micro"]["f1"] >= scores["entity"]["micro"]["f1"] - 1e-6


@given(SENTENCES)
def test_perfect_predictions_score_one_everywhere(pairs):
    gold, _ = both(pairs)
    scores = span_scores(gold, gold, "test")
    if any(entities(tags) for tags in gold):
        assert [scores[key]["micro"]["f1"] for key in ("entity", "partial", "tag")] == [1.0, 1.0, 1.0]
    assert worst_sentences(gold, gold) == []

"""The paired bootstrap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.scoring.bootstrap import paired_bootstrap

GOOD, BAD, NOTHING = {"A": (4, 4, 4)}, {"A": (1, 4, 4)}, {}  # type: ignore[var-annotated]


def counts() -> st.SearchStrategy[list[dict[str, tuple[int, int, int]]]]:
    triple = st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)).map(lambda t: (min(t), t[1], t[2]))
    return st.lists(st.dictionaries(st.sampled_from("ABC"), triple, max_size=3), min_size=1, max_size=8)


def test_a_model_that_is_better_on_every_text_is_really_better() -> None:
    found = paired_bootstrap([BAD] * 50, [GOOD] * 50, "micro F1", seed=1)
    assert (found.first, found.second, found.difference) == (0.25, 1.0, 0.75)
    assert (found.low, found.high) == (0.75, 0.75)
    assert found.is_real
    assert found.p <= 0.001
    assert found.texts == 50


def test_the_other_way_round_the_sign_changes() -> None:
    found = paired_bootstrap([GOOD] * 50, [BAD] * 50, "micro F1", seed=1)
    assert found.difference == -0.75
    assert found.is_real


def test_a_model_does_not_differ_from_itself() -> None:
    found = paired_bootstrap([GOOD, BAD] * 20, [GOOD, BAD] * 20, "macro F1", seed=1)
    assert (found.difference, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)
    assert not found.is_real


def test_what_one_text_decides_is_not_real() -> None:
    found = paired_bootstrap([GOOD] * 9 + [BAD], [GOOD] * 10, "micro F1", seed=1)
    assert found.difference > 0
    assert not found.is_real


def test_macro_counts_rare_labels_like_others() -> None:
    first = [{"A": (9, 9, 9), "B": (0, 0, 1)}] * 10
    second = [{"A": (9, 9, 9), "B": (1, 1, 1)}] * 10
    assert paired_bootstrap(first, second, "macro F1", seed=1).difference == 0.5
    assert paired_bootstrap(first, second, "micro F1", seed=1).difference < 0.06


def test_texts_without_anything_are_no_fault() -> None:
    assert paired_bootstrap([NOTHING] * 3, [NOTHING] * 3, "micro F1", seed=1).p == 1.0


@given(counts(), st.data())
def test_it_does_not_depend_on_chance_and_says_what_the_whole_says(
    first: list[dict[str, tuple[int, int, int]]], data: st.DataObject
) -> None:
    second = [data.draw(st.sampled_from(first)) for _ in first]
    found = paired_bootstrap(first, second, "micro F1", seed=7, resamples=200)
    assert found == paired_bootstrap(first, second, "micro F1", seed=7, resamples=200)
    right, both = (
        sum(triple[0] for one in second for triple in one.values()),
        sum(triple[1] + triple[2] for one in second for triple in one.values()),
    )
    assert found.second == pytest.approx(2 * right / both if both else 0.0, abs=1e-6)
    assert found.low <= found.high
    assert 0 < found.p <= 1


def test_other_numbers_of_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        paired_bootstrap([GOOD], [GOOD, BAD], "micro F1", seed=1)

"""The order in which to annotate: uncertain, rare, unlike what came before."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np  # noqa: TID253 - the arrays are what is tested
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.scoring.ranking import Candidate, rank_candidates
from alabtrain.workflows.rank import Ranking, write_ranking

NONE = np.zeros((0, 4), dtype=np.float32)
ALONE = np.eye(4, dtype=np.float32)


def candidates(*doubts: float, labels: tuple[dict[str, int], ...] = ()) -> list[Candidate]:
    found = labels or ({},) * len(doubts)
    return [Candidate(n, doubt, found[n - 1]) for n, doubt in enumerate(doubts, 1)]


def ids(
    *doubts: float, vectors: np.ndarray = ALONE, annotated: dict[str, int] | None = None, **more: object
) -> list[int]:  # type: ignore[type-arg]
    known = more.pop("known", NONE)
    made = candidates(*doubts, **more)  # type: ignore[arg-type]
    return [r.candidate.task_id for r in rank_candidates(made, vectors[: len(made)], annotated or {}, known)]  # type: ignore[arg-type,misc]


def test_the_most_uncertain_comes_first() -> None:
    assert ids(0.1, 0.4, 0.2, 0.3) == [2, 4, 3, 1]


ALIKE = np.array([[0.9, 0.1, 0, 0]], dtype=np.float32)


def test_what_is_like_one_before_it_waits() -> None:
    vectors = np.concatenate([ALONE[:1], ALIKE, ALONE[1:]])
    assert ids(0.30, 0.29, 0.25, 0.1, 0.0, vectors=vectors) == [1, 3, 2, 4, 5]


def test_copies_come_last_in_their_order() -> None:
    vectors = ALONE[[0, 1, 0, 1, 2]]
    assert ids(0.30, 0.29, 0.25, 0.28, 0.1, vectors=vectors) == [1, 2, 5, 4, 3]
    assert ids(0.30, 0.29, 0.25, 0.28, 0.1, vectors=vectors, known=ALONE[:1]) == [2, 5, 1, 4, 3]


def test_what_is_like_an_annotated_task_waits() -> None:
    assert ids(0.3, 0.29, 0.1, 0.0, vectors=ALONE, known=ALIKE) == [2, 1, 3, 4]


def test_a_rare_label_comes_before_a_common_one() -> None:
    found = ({"Drug": 3}, {"Dose": 1}, {})
    annotated = {"Drug": 99, "Dose": 1}
    assert ids(0.2, 0.2, 0.2, annotated=annotated, labels=found)[0] == 2
    first = rank_candidates(candidates(0.2, 0.2, 0.2, labels=found), ALONE[:3], annotated, NONE)[0]
    assert (first.rare, first.share) == ("Dose", 0.01)
    assert "probably has Dose, 1.0% of the annotations" in first.reason


def test_a_text_in_which_much_is_found_comes_before_an_empty_one() -> None:
    found: tuple[dict[str, int], ...] = ({}, {"A": 5}, {"A": 1})
    assert ids(0.3, 0.2, 0.1, annotated={"A": 20}, labels=found) == [2, 1, 3]
    ranked = rank_candidates(candidates(0.3, 0.2, 0.1, labels=found), ALONE[:3], {"A": 20}, NONE)
    assert "5 found, more or rarer than in 100% of them" in ranked[0].reason
    assert "found" not in ranked[1].reason


def test_with_one_label_there_is_no_rare_one() -> None:
    ranked = rank_candidates(candidates(0.2, 0.1, labels=({"A": 1}, {})), ALONE[:2], {"A": 5}, NONE)
    assert [r.rare for r in ranked] == [None, None]


def test_what_lies_behind_is_compared_with_the_first_ones_only() -> None:
    made = candidates(0.5, 0.4, 0.3, 0.2, 0.1)
    vectors = ALONE[[0, 0, 1, 1, 2]]
    ranked = rank_candidates(made, vectors, {}, NONE, most=1)
    assert [r.candidate.task_id for r in ranked] == [1, 3, 4, 5, 2]


def test_nothing_to_rank_is_no_fault() -> None:
    assert rank_candidates([], NONE, {}, NONE) == []


@given(
    st.lists(
        st.tuples(st.floats(0, 10), st.dictionaries(st.sampled_from("ABC"), st.integers(1, 3))), min_size=1, max_size=12
    ),
    st.integers(0, 12),
    st.randoms(),
)
def test_each_task_is_ranked_once_and_values_fall_where_all_three_count(
    made: list[tuple[float, dict[str, int]]], most: int, random: object
) -> None:
    found = [Candidate(n, doubt, labels) for n, (doubt, labels) in enumerate(made)]
    vectors = np.random.default_rng(len(made)).standard_normal((len(made), 4)).astype(np.float32)
    ranked = rank_candidates(found, vectors, {"A": 10, "B": 1}, NONE, most=most)
    assert sorted(int(r.candidate.task_id) for r in ranked) == list(range(len(made)))
    for part in (ranked[:most], ranked[most:]):
        assert [r.value for r in part] == sorted((r.value for r in part), reverse=True)
    assert all(0 <= share <= 1 for r in ranked for share in (r.nearness, r.less_uncertain, r.less_found))


def test_the_csv_holds_all_tasks_in_their_order(tmp_path: Path) -> None:
    ranking = Ranking([], ranked=rank_candidates(candidates(0.1, 0.4), ALONE[:2], {}, NONE))
    write_ranking(ranking, tmp_path / "next.csv")
    with (tmp_path / "next.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["rank"], row["task_id"]) for row in rows] == [("1", "2"), ("2", "1")]
    assert "more uncertain than 100% of the tasks" in rows[0]["reason"]

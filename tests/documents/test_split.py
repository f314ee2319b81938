from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.core.errors import InputError, UsageError
from alabtrain.documents.options import SplitOptions
from alabtrain.documents.split import Part, Split, choose_split, keep_together
from alabtrain.selection.select import Decision


def decision(task_id: int, *tags: str, taken: bool = True) -> Decision:
    return Decision(task_id, task_id * 1000 + 1 if taken else None, "ann", "only" if taken else None, tags)


@given(st.sets(st.integers(1, 10_000), min_size=2), st.integers(0, 99))
def test_a_task_never_moves_when_others_come_or_go(ids: set[int], seed: int) -> None:
    split = Split(by_tags=False, validation=0.3, seed=seed)
    before = {i: split.part(i, ()) for i in ids}
    fewer = {i: split.part(i, ()) for i in list(ids)[1:]}
    assert all(before[i] == part for i, part in fewer.items())


def test_the_share_is_about_what_was_asked_and_the_seed_matters() -> None:
    parts = [[Split(False, 0.1, seed).part(i, ()) for i in range(5000)] for seed in (1, 2)]
    assert all(400 < part.count("validation") < 600 for part in parts)
    assert parts[0] != parts[1]


def test_a_repeated_text_follows_the_task_that_has_it_first() -> None:
    drawn: list[tuple[str, Part]] = [
        ("Same.", "validation"),
        ("Other.", "train"),
        (" Same.\n", "train"),
        ("Other.", "validation"),
        ("Same.", "test"),
    ]
    assert keep_together(drawn) == ["validation", "train", "validation", "train", "test"]
    # A test text binds nobody: its place was said with a tag.
    assert keep_together([("Same.", "test"), ("Same.", "train")]) == ["test", "train"]


def test_tags_divide_and_untagged_tasks_train() -> None:
    split = Split(by_tags=True, validation=0.0, seed=1)
    assert [split.part(1, tags) for tags in (("TEST",), ("train",), (), ("other",))] == [
        "test",
        "train",
        "train",
        "train",
    ]


def test_both_tags_on_a_task_are_an_error_that_names_it() -> None:
    with pytest.raises(InputError, match="task 7"):
        Split(by_tags=True, validation=0.0, seed=1).part(7, ("Train", "Test"))


def test_auto_goes_by_tags_only_where_a_chosen_task_is_tagged_test() -> None:
    tagged = [decision(1, "Test"), decision(2)]
    untaken = [decision(1, "Test", taken=False), decision(2)]
    assert choose_split(tagged, SplitOptions("auto", validation=0.1, seed=1)) == Split(True, 0.1, 1)
    assert choose_split(untaken, SplitOptions("auto", validation=0.1, seed=1)) == Split(False, 0.1, 1)
    assert choose_split(tagged, SplitOptions("random", validation=0.1, seed=1)) == Split(False, 0.1, 1)
    assert choose_split(tagged, SplitOptions("tags", validation=0.2, seed=1)) == Split(True, 0.2, 1)


def test_a_tag_split_without_test_tasks_is_an_error() -> None:
    with pytest.raises(UsageError, match="Test"):
        choose_split([decision(1, "Train")], SplitOptions("tags", validation=0.1, seed=1))


def test_what_is_held_back_is_left_to_the_types_where_other_tasks_test() -> None:
    tagged = [decision(1, "Test"), decision(2, "Train")]
    assert choose_split(tagged, SplitOptions("auto", validation=None, seed=1), beside_test=0) == Split(True, 0, 1)
    assert choose_split(tagged, SplitOptions("auto", validation=None, seed=1)) == Split(True, 0.1, 1)
    assert choose_split(tagged, SplitOptions("random", validation=None, seed=1), beside_test=0) == Split(False, 0.1, 1)
    assert choose_split(tagged, SplitOptions("auto", validation=0.3, seed=1), beside_test=0) == Split(True, 0.3, 1)

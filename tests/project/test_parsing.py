from __future__ import annotations

import json
from typing import Any

import pytest

from alabtrain.core.errors import InputError
from alabtrain.core.findings import Tally
from alabtrain.project.parsing import looks_imported, parse_task
from alabtrain.project.records import Completion
from alabtrain.project.times import parse_time
from tests.support import builders as b


def one(**fields: Any) -> Completion:
    (made,) = parse_task(b.task(1, b.completion(1001, **fields)), where="x").completions
    return made


# Tasks and completions, field by field


def test_a_completion_of_annotation_lab() -> None:
    made = one(by="bob", minute=5, starred=True)
    assert (made.id, made.annotator, made.submitted, made.starred) == (1001, "bob", True, True)
    assert made.stamp == "2024-03-04T10:05:00.345053Z"
    assert made.review is None
    assert one(submitted=False).stamp == "2024-03-04T10:00:00.219022Z"
    assert not one(submitted=False).submitted


@pytest.mark.parametrize("by", [7, "7", {"id": 7}, {"id": 7, "username": "", "email": None}])
def test_an_annotation_of_label_studio(by: Any) -> None:
    (made,) = parse_task(b.studio_task(1, b.annotation(5, by, ground_truth=True)), where="x").completions
    assert (made.annotator, made.submitted, made.has_submitted_at, made.starred) == ("7", True, False, True)
    (named,) = parse_task(b.studio_task(1, b.annotation(5, {"id": 7, "email": "a@b.example"})), where="x").completions
    assert named.annotator == "a@b.example"


def test_label_studio_zero_and_drafts() -> None:
    old = {"id": 1, "result": [], "created_at": 1_600_000_000, "honeypot": True, "skipped": False}
    (made,) = parse_task(b.task(1, old), where="x").completions
    assert (made.submitted, made.starred, made.annotator) == (True, True, "")
    (draft,) = parse_task(b.studio_task(1, b.annotation(5, draft=True)), where="x").completions
    assert not draft.submitted
    tally = Tally()
    parse_task(b.studio_task(1, drafts=[{"id": 1}]), where="x", tally=tally)
    assert tally.counts == {"drafts_ignored": 1}


def test_annotations_win_over_completions_unless_empty() -> None:
    both = b.task(1, b.completion(1), annotations=[b.annotation(2)])
    assert [c.id for c in parse_task(both, where="x").completions] == [2]
    assert [c.id for c in parse_task({**both, "annotations": []}, where="x").completions] == [1]


@pytest.mark.parametrize(
    ("fields", "review"),
    [
        ({"review_status": "Accepted"}, "accepted"),
        ({"review_status": "REJECTED"}, "rejected"),
        ({"review_status": "to correct"}, "rejected"),
        ({"review_status": "pending"}, None),
        ({"review_status": None, "accepted": True}, "accepted"),
        ({"review_status": "", "last_action": "rejected"}, "rejected"),
        ({"last_action": "fixed_and_accepted"}, "accepted"),
        ({"last_action": "updated"}, None),
        ({"accepted": False}, "rejected"),
        ({"reviews": []}, None),
        ({"reviews": [], "accepted": True}, "accepted"),
        ({"review_status": "accepted", "accepted": False}, "accepted"),
        (
            {"reviews": [{"accepted": True, "created_at": "2024-01-02T00:00:00Z"},
                         {"accepted": False, "created_at": "2024-01-01T23:00:00-03:00"}]},
            "rejected",
        ),
        ({"reviews": [{"accepted": True}, {"accepted": False}]}, "rejected"),
        ({"reviews": [{"accepted": None}, {"accepted": True}]}, "accepted"),
    ],
)  # fmt: skip
def test_spellings_of_a_review(fields: dict[str, Any], review: str | None) -> None:
    assert one(**fields).review == review


@pytest.mark.parametrize(
    ("tags", "read"),
    [
        (None, ()),
        ([], ()),
        (["Train", "Train", " x "], ("Train", "x")),
        ([{"name": "Test"}, {"title": "t"}, ""], ("Test", "t")),
    ],
)
def test_tags(tags: Any, read: tuple[str, ...]) -> None:
    assert parse_task(b.task(1, tags=tags), where="x").tags == read


def test_equal_completions_count_once_and_different_ones_are_an_error() -> None:
    tally = Tally()
    twice = b.task(1, b.completion(1), b.completion(1), b.completion(2))
    assert [c.id for c in parse_task(twice, where="x", tally=tally).completions] == [1, 2]
    assert tally.counts == {"duplicate_completion": 1}
    with pytest.raises(InputError, match="completion 1 occurs twice"):
        parse_task(b.task(1, b.completion(1), b.completion(1, "bob")), where="x")


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/id", 1.5), ("/id", True), ("/id", ""), ("/id", [1]), ("/data", []), ("/data", "x"),
        ("/data", None),
        ("/completions", {}), ("/completions", "x"), ("/completions/0", 1), ("/completions/0/id", None),
        ("/completions/0/id", False), ("/completions/0/result", None), ("/completions/0/result", {}),
        ("/completions/0/result/0", "x"), ("/completions/0/submitted_at", 5),
        ("/completions/0/honeypot", "true"),
        ("/completions/0/was_cancelled", 2), ("/completions/0/created_username", {}),
        ("/completions/0/updated_at", []),
        ("/completions/0/review_status", 1), ("/completions/0/reviews", {}), ("/completions/0/reviews", [1]),
        ("/completions/0/accepted", "yes"), ("/tags", "Train"), ("/tags", [1]), ("/tags", [{"id": 1}]),
    ],
)  # fmt: skip
def test_wrong_types_name_task_and_pointer(pointer: str, value: Any) -> None:
    raw = json.loads(json.dumps(b.task(17, b.completion(17001))))
    holder: Any = raw
    *way, last = pointer.strip("/").split("/")
    for step in way:
        holder = holder[int(step) if step.isdigit() else step]
    holder[int(last) if last.isdigit() else last] = value
    with pytest.raises(InputError) as caught:
        parse_task(raw, where="x.json")
    assert pointer in caught.value.message
    assert pointer == "/id" or "task 17" in str(caught.value.where)
    assert b.TEXT not in str(caught.value)


def test_what_looks_imported() -> None:
    assert looks_imported(b.imported(1))
    assert not looks_imported(b.draft(2))
    assert not looks_imported(b.completion(1))


# Times


@pytest.mark.parametrize(
    ("stamp", "same"),
    [
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01T00:00:01.5Z", 1_500_000),
        ("1970-01-01T00:00:01.123456789Z", 1_123_456),
        ("1970-01-01 00:00:01", 1_000_000),
        ("1970-01-01T01:00:01+01:00", 1_000_000),
        ("1969-12-31T19:00:01-0500", 1_000_000),
        (1, 1_000_000),
        (1.5, 1_500_000),
        (1_600_000_000_000, 1_600_000_000_000_000),
        ("1970-13-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
        (True, None),
        (None, None),
        (float("inf"), None),
        (10**400, None),
    ],
)
def test_times(stamp: Any, same: int | None) -> None:
    assert parse_time(stamp) == same


def test_completions_beside_annotations_are_counted() -> None:
    tally = Tally()
    both = b.task(1, b.completion(1), b.completion(3), annotations=[b.annotation(2)])
    for raw in (both, b.task(2, b.completion(9), annotations=[]), b.task(3, annotations=[b.annotation(4)])):
        parse_task(raw, where="x", tally=tally)
    assert (tally.counts, tally.examples) == ({"completions_ignored": 2}, {"completions_ignored": ["task 1"]})


def test_an_unreadable_time_does_not_beat_a_readable_one() -> None:
    times = {"updated_at": "yesterday", "created_ago": "2024-03-04T10:00:00Z"}
    read = [parse_task(b.task(1, b.completion(1, **fields)), where="x").completions[0].stamp
            for fields in (times, {**times, "created_ago": "long ago"}, {**times, "updated_at": 5})]  # fmt: skip
    assert read == ["2024-03-04T10:00:00Z", "yesterday", 5]

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from alabtrain.core.json import plain
from alabtrain.selection.select import REASONS
from tests.support import builders as b
from tests.support.selection import decide, select, tasks

ids = st.integers(1, 30) | st.sampled_from(["x1", "x2", "x10"])
names = st.sampled_from(["ann", "Ann", "bob", "cid", "dan"])
stamps = st.sampled_from(
    [
        "2024-03-04T10:00:00Z",
        "2024-03-04T10:00:00.000Z",
        "2024-03-04T11:00:00+01:00",
        "2024-03-04T12:00Z",
        "?",
        None,
    ]
)
verdicts = st.sampled_from([None, None, None, "accepted", "rejected", "pending"])


@st.composite
def completions(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = []
    for number in draw(st.lists(ids, max_size=5, unique=True)):
        one = b.completion(
            number,
            draw(names),
            submitted=draw(st.sampled_from([True, True, True, False])),
            starred=draw(st.booleans()),
            result=[],
            updated_at=draw(stamps),
            was_cancelled=draw(st.sampled_from([False, False, False, True])),
            review_status=draw(verdicts),
        )
        made.append(b.imported(number, draw(names)) if draw(st.integers(0, 5)) == 0 else one)
    return made


projects = st.lists(st.tuples(ids, completions(), st.sets(st.sampled_from(["Train", "test", "Odd"]))),
                    max_size=6, unique_by=lambda row: row[0])  # fmt: skip
options = st.fixed_dictionaries(
    {},
    optional={
        "tags": st.lists(st.sampled_from(["train", "TEST", "zed"]), max_size=2),
        "reviewed_only": st.booleans(),
        "priority": st.lists(names, max_size=3, unique=True),
        "team_order": st.lists(names, max_size=3, unique=True),
        "policy": st.sampled_from(["priority", "latest"]),
        "include_imported": st.booleans(),
    },
)


@given(projects, options, st.randoms(use_true_random=False))
def test_order_in_the_file_never_matters(project: list[Any], how: dict[str, Any], rng: random.Random) -> None:
    raws = [b.task(number, *made, tags=sorted(tags)) for number, made, tags in project]
    for raw in raws:
        if rng.random() < 0.2:
            raw["completions"].append({"id": "zero", "created_at": 1_600_000_000, "result": []})
    first = select(tasks(*raws), **how)
    rng.shuffle(raws)
    for raw in raws:
        rng.shuffle(raw["completions"])
    second = select(tasks(*raws), **how)
    assert second.decisions == first.decisions
    assert second.findings == first.findings


@given(projects, options)
def test_every_completion_is_accounted_for(project: list[Any], how: dict[str, Any]) -> None:
    raws = [b.task(number, *made, tags=sorted(tags)) for number, made, tags in project]
    selection = select(tasks(*raws), **how)
    by_id = {d.task_id: d for d in selection.decisions}
    for raw in raws:
        decision = by_id.pop(raw["id"])
        named = [number for number, _ in decision.lost]
        named += [decision.completion_id] if decision.rule else []
        assert sorted(map(str, named)) == sorted(str(c["id"]) for c in raw["completions"]) or (
            named == [None] and not raw["completions"]
        )
        assert {reason for _, reason in decision.lost} <= set(REASONS)
    assert not by_id
    selection.funnel.check()
    assert json.loads("".join(selection.json_pieces())) == plain(selection.to_dict())


@given(completions(), st.lists(names, max_size=4, unique=True))
def test_the_winner_is_what_the_rule_says_in_plain_words(made: list[dict[str, Any]], order: list[str]) -> None:
    """A second, slower way to say the rule: strike out what may not win, one criterion after the other."""
    left = [c for c in made if c.get("submitted_at") and not c["was_cancelled"] and c["review_status"] != "rejected"]
    accepted = [c for c in left if c["review_status"] == "accepted"]
    left = accepted or left

    def rank(one: dict[str, Any]) -> int:
        by = one["created_username"]
        folded = [name.casefold() for name in order]
        return order.index(by) if by in order else folded.index(by.casefold()) if by.casefold() in folded else 99

    def keep(best: Any, key: Any) -> list[dict[str, Any]]:
        return [c for c in left if key(c) == best(map(key, left))] if left else []

    left = keep(min, rank)
    if not accepted:
        left = keep(max, lambda c: c["honeypot"])
    hours = {None: 10.0001, "?": 10.0001, "2024-03-04T12:00Z": 12}  # without a time there, `created_ago` counts
    left = keep(max, lambda c: hours.get(c["updated_at"], 10))
    left = keep(
        max,
        lambda c: (isinstance(c["id"], str), str(c["id"]).rjust(9) if isinstance(c["id"], int) else c["id"]),
    )
    assert decide(*made, priority=order).completion_id == (left[0]["id"] if left else None)

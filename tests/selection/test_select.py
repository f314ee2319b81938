from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest

from alabtrain.annotations.items import read_regions
from alabtrain.core.funnel import Funnel, Stage
from alabtrain.core.json import plain
from alabtrain.project.project import Project, open_project
from alabtrain.selection.decisions import why_nothing
from alabtrain.selection.select import Selection, select_project
from tests.support import builders as b
from tests.support.selection import decide, select, tasks


def codes(selection: Selection) -> list[str]:
    return [finding.code for finding in selection.findings]


# The rule, step by step


def test_every_rule_and_reason_in_one_project() -> None:
    selection = select(tasks(*b.team_tasks()), team_order=("ann", "bob", "cid"))
    assert [(d.task_id, d.completion_id, d.rule) for d in selection.decisions] == [
        (1, 1002, "priority"),
        (2, 2001, "starred"),
        (3, 3001, "accepted"),
        (4, None, None),
        (5, 5002, "latest"),
        (6, None, None),
        (7, None, None),
        (8, 8001, "only"),
    ]
    assert {d.task_id: d.lost for d in selection.decisions if d.lost} == {
        1: ((1001, "lower_priority"), (1003, "not_submitted")),
        2: ((2002, "not_starred"), (2003, "not_starred")),
        3: ((3002, "other_accepted"),),
        4: ((4001, "rejected"),),
        5: ((5001, "older"),),
        6: ((None, "no_completion"),),
        7: ((7001, "not_submitted"),),
    }
    assert selection.taken == 5
    tasks_stage, completions_stage = selection.funnel
    assert (tasks_stage.entered, tasks_stage.left) == (8, 5)
    assert dict(tasks_stage.lost) == {"no_completion": 1, "not_submitted": 1, "rejected": 1}
    assert (completions_stage.entered, completions_stage.left) == (13, 5)


def test_tasks_are_chosen_by_their_ids() -> None:
    raws = [b.task(n, b.completion(n * 1000 + 1), tags=["a"] if n == 2 else []) for n in (1, 2, 3)]
    selection = select(tasks(*raws), task_ids=["3", "2", "9", "8"])
    assert [d.task_id for d in selection.decisions if d.completion_id is not None] == [2, 3]
    assert selection.decisions[0].lost == ((1001, "id_filter"),)
    (unknown,) = (finding for finding in selection.findings if finding.code == "unknown_task_id")
    assert (unknown.count, unknown.examples) == (2, ("8", "9"))
    assert (
        why_nothing(select(tasks(*raws), task_ids=["9"]), ()) == "none of the ids in --task-ids exists in this project"
    )
    both = select(tasks(*raws), task_ids=["2", "3"], tags=["A"])
    assert [d.task_id for d in both.decisions if d.completion_id is not None] == [2]


def test_the_tag_filter_takes_any_of_the_tags_in_any_case() -> None:
    selection = select(tasks(*b.team_tasks()), tags=("TEST", "odd", "none"))
    assert [d.task_id for d in selection.decisions if d.task_reason != "tag_filter"] == [2, 4, 6]
    assert (selection.decisions[0].lost[0], len(selection.decisions[0].lost)) == ((1001, "tag_filter"), 3)
    assert [f.examples for f in selection.findings if f.code == "unknown_tag"] == [("none",)]
    empty = select(tasks(b.task(1), b.task(2, b.completion(1), tags=["a"])), tags=("a",))
    assert empty.decisions[0].lost == ((None, "tag_filter"),)


def test_an_accepted_completion_must_be_submitted() -> None:
    assert decide(b.draft(1, review_status="accepted"), b.completion(3)).completion_id == 3
    selection = select(tasks(b.task(1, b.draft(1, review_status="accepted"), b.completion(3))))
    assert "accepted_not_submitted" in codes(selection)


def test_several_accepted_go_by_priority_then_time_and_not_by_star() -> None:
    accepted = {"review_status": "accepted"}
    two = (
        b.completion(1, "ann", minute=1, starred=True, **accepted),
        b.completion(2, "ann", minute=2, **accepted),
    )
    decision = decide(*two, b.completion(3, "bob", minute=9, **accepted), b.completion(4), priority=("ann", "bob"))
    assert (decision.completion_id, decision.rule) == (2, "accepted")
    assert decision.lost == ((1, "older"), (3, "lower_priority"), (4, "other_accepted"))


def test_reviewed_only_stops_at_the_accepted_ones() -> None:
    plain = decide(b.completion(1), b.completion(2, review_status="rejected"), reviewed_only=True)
    assert (plain.completion_id, plain.lost) == (None, ((1, "not_accepted"), (2, "rejected")))
    some = decide(b.completion(1), b.completion(2, accepted=True), reviewed_only=True)
    assert (some.completion_id, some.lost) == (2, ((1, "other_accepted"),))


def test_cancelled_annotations_never_count() -> None:
    raw = b.studio_task(1, b.annotation(1, minute=9, was_cancelled=True), b.annotation(2), b.annotation(3, draft=True))
    selection = select(tasks(raw))
    assert not selection.imported
    (decision,) = selection.decisions
    assert (decision.completion_id, decision.rule) == (2, "only")
    assert decision.lost == ((1, "cancelled"), (3, "not_submitted"))


def test_priority_beats_star_and_time_and_unlisted_come_last() -> None:
    made = (
        b.completion(1, "ann", minute=1),
        b.completion(2, "bob", minute=5, starred=True),
        b.completion(3, "cid", minute=9),
    )
    assert decide(*made, priority=("ann",)).completion_id == 1
    assert decide(*made, priority=("dan", "bob")).completion_id == 2
    assert decide(*made, team_order=("cid", "bob", "ann")).completion_id == 3
    assert decide(*made, priority=("ANN",), team_order=("cid",)).completion_id == 1
    assert decide(*made).completion_id == 2


def test_an_exact_name_beats_one_in_another_case() -> None:
    made = (b.completion(1, "Ann"), b.completion(2, "ann", minute=5))
    assert decide(*made, priority=("ann", "Ann")).completion_id == 2
    assert decide(*made, priority=("Ann", "ann")).completion_id == 1
    assert decide(*made, priority=("ANN",)).completion_id == 2


def test_time_is_utc_and_never_the_local_time_of_submission() -> None:
    older = b.completion(9, minute=1, submitted_at="2039-01-01T00:00:00")
    newer = b.completion(1, minute=2, submitted_at="2001-01-01T00:00:00")
    assert decide(older, newer).completion_id == 1
    offset = b.completion(2, updated_at="2024-03-04T11:00:00+00:30")  # 10:30 UTC
    assert decide(b.completion(3, minute=31), offset).completion_id == 3
    assert decide(b.completion(3, minute=29), offset).completion_id == 2


def test_equal_times_go_to_the_larger_id_and_unreadable_ones_are_the_oldest() -> None:
    assert decide(b.completion(1), b.completion(10), b.completion(9)).completion_id == 10
    odd = b.completion(99, updated_at="long ago", created_ago="once")
    assert decide(odd, b.completion(1)).completion_id == 1
    assert "unreadable_time" in codes(select(tasks(b.task(1, odd, b.completion(1)))))


def test_policy_latest_knows_neither_order_nor_star() -> None:
    made = (b.completion(1, "ann", starred=True), b.completion(2, "bob", minute=5))
    decision = decide(*made, policy="latest", priority=("ann",))
    assert (decision.completion_id, decision.rule, decision.lost) == (2, "latest", ((1, "older"),))


def test_an_empty_submitted_result_is_taken() -> None:
    assert decide(b.completion(1, result=[])).completion_id == 1


# Imported completions


def test_an_imported_project_counts_as_submitted_and_says_so_once() -> None:
    selection = select(tasks(b.task(1, b.imported(1)), b.task(2, b.imported(2), b.draft(3, starred=True)), b.task(3)))
    assert selection.imported
    assert [d.completion_id for d in selection.decisions] == [1, 3, None]
    assert codes(selection).count("imported_project") == 1


@pytest.mark.parametrize("position", [0, 1, 2])
def test_one_submitted_completion_anywhere_ends_that(position: int) -> None:
    raws = [
        b.task(1, b.imported(1, review_status="accepted")),
        b.task(2, b.imported(2), b.draft(4, minute=3)),
    ]
    raws.insert(position, b.task(3, b.completion(3)))
    selection = select(tasks(*raws))
    assert not selection.imported
    assert [d.completion_id for d in selection.decisions] == [None, None, 3]
    assert selection.decisions[1].lost == ((2, "not_submitted"), (4, "not_submitted"))
    assert codes(selection) == ["accepted_not_submitted"]
    included = select(tasks(*raws), include_imported=True)
    assert [d.completion_id for d in included.decisions] == [1, 2, 3]
    assert included.decisions[1].lost == ((4, "not_submitted"),)


def test_label_studio_annotations_are_no_import() -> None:
    assert not select(tasks(b.studio_task(1, b.annotation(1)))).imported


# What is said


def test_where_the_order_came_from() -> None:
    raws = tasks(b.task(1, b.completion(1, "ann"), b.completion(2, "bob")))
    assert (select(raws, priority=("bob",), team_order=("ann",)).order_from) == "priority option"
    assert select(raws, team_order=("ann", "bob")).order_used == ("ann", "bob")
    fallback = select(raws)
    assert (fallback.order_from, fallback.order_used, codes(fallback)) == (
        "fallback",
        (),
        ["priority_fallback"],
    )
    assert codes(select(raws, policy="latest")) == []
    assert codes(select(raws, priority=("zed", "ann"))) == ["unknown_priority", "unlisted_annotator"]


def test_an_unstarred_pick_and_an_empty_selection_are_findings() -> None:
    raws = tasks(b.task(1, b.completion(1, starred=True)), b.task(2, b.completion(2)))
    assert codes(select(raws)) == ["taken_unstarred"]
    assert codes(select(tasks(b.task(1)))) == ["nothing_selected"]
    assert plain(select([]).to_dict()) == {
        "policy": "priority",
        "tasks": 0,
        "selected": [],
        "not_selected": [],
        "findings": [],
    }


def test_numbers_come_before_texts() -> None:
    raws = [b.task(n, b.completion(1)) for n in ("b", 10, "a", 9)]
    assert [d.task_id for d in select(tasks(*raws)).decisions] == [9, 10, "a", "b"]


def test_the_pieces_of_json_are_the_object() -> None:
    selection = select(tasks(*b.team_tasks()))
    assert json.loads("".join(selection.json_pieces())) == plain(selection.to_dict())
    assert json.loads("".join(select([]).json_pieces())) == plain(select([]).to_dict())


# Accounting


def test_a_funnel_whose_sums_break_is_refused() -> None:
    good = Funnel((Stage("a", "tasks", 5, {"x": 2}), Stage("b", "spans", 9), Stage("c", "tasks", 3)))
    good.check()
    assert [stage.left for stage in good] == [3, 9, 3]
    for bad in (Stage("d", "tasks", 4), Stage("d", "tasks", 3, {"x": 4}), Stage("d", "tasks", 3, {"x": -1})):
        with pytest.raises(ValueError, match="stage d"):
            (good + Funnel((bad,))).check()


# Real data


def _spans(project: Project, selection: Selection) -> dict[Any, Any]:
    taken = {d.task_id: d.completion_id for d in selection.decisions}
    return {
        task.id: sorted(
            (r.start, r.end, r.labels)
            for c in task.completions
            if c.id == taken[task.id]
            for r in read_regions(c.result)[0]
        )
        for task in project.tasks()
    }


def test_the_documented_rule_finds_the_good_completions_of_a_team(tmp_path: Path, shared_data: Path) -> None:
    team = shared_data / "projects/ncbi-disease-team.zip"
    good = open_project(shared_data / "projects/ncbi-disease.zip")
    wanted = _spans(good, select_project(good))
    project = open_project(team)
    assert len(wanted) == 792
    assert _spans(project, select_project(project)) == wanted
    with zipfile.ZipFile(team) as archive:
        raws = json.loads(archive.read("result.json"))
        files = {name: archive.read(name) for name in ("config.xml", "project.json")}
    rng = random.Random(7)  # noqa: S311 - a test's shuffle
    rng.shuffle(raws)
    for raw in raws:
        rng.shuffle(raw["completions"])
    shuffled = open_project(b.write_zip(tmp_path / "p.zip", {**files, "result.json": b.as_json(raws)}))
    assert _spans(shuffled, select_project(shuffled)) == wanted


def test_only_annotators_whose_completions_count_are_missed_in_the_order() -> None:
    def unlisted(*completions: dict[str, Any], **how: Any) -> list[tuple[str, tuple[str, ...]]]:
        raws = tasks(b.task(1, b.completion(1, "ann"), *completions), b.task(2, b.completion(9, "ann")))
        found = select(raws, team_order=("ann",), **how).findings
        return [(f.message, f.examples) for f in found if f.code == "unlisted_annotator"]

    not_counting = (b.draft(2, "bob"), b.completion(3, "cid", review_status="to correct"), b.imported(4, "model"))
    assert unlisted(*not_counting) == []
    told = unlisted(*not_counting, b.completion(5, "dan"))
    assert told == [("1 annotator is not in the team order", ("dan",))]
    told = unlisted(*not_counting, include_imported=True)
    assert told == [("1 annotator is not in the team order", ("model",))]
    raws = tasks(b.task(1, b.imported(1, "ann"), b.imported(2, "eve"), b.imported(3, "fay")))
    (finding,) = [f for f in select(raws, team_order=("ann",)).findings if f.code == "unlisted_annotator"]
    assert finding.message == "2 annotators are not in the team order"


def test_findings_of_a_selection_come_worst_first_with_ascending_tasks() -> None:
    stray = [b.task(n, b.completion(n, "bob" if n % 2 else "cid"), b.completion(99, "dan")) for n in (10, 9, 100, 2)]
    selection = select(tasks(b.task(1, b.completion(1, starred=True)), *stray))
    assert [f.severity for f in selection.findings] == ["warning", "info"]
    assert selection.findings[0].examples == ("task 2", "task 9", "task 10", "task 100")


def both_ways(*raws: dict[str, Any], **how: Any) -> Selection:
    one, other = (select(tasks(*order), **how) for order in (raws, raws[::-1]))
    assert one.to_dict() == other.to_dict()
    return one


@pytest.mark.parametrize("include_imported", [False, True])
def test_rows_of_label_studio_zero_stay_submitted_wherever_the_submitted_task_stands(include_imported: bool) -> None:
    zero = {"id": 11, "created_at": 1_600_000_000, "result": []}
    drafted = b.draft(12, "bob", minute=9)
    selection = both_ways(
        b.task(1, zero, drafted), b.task(2, b.completion(21)), priority=["ann"], include_imported=include_imported
    )
    assert (selection.decisions[0].completion_id, selection.decisions[0].lost) == (11, ((12, "not_submitted"),))


def test_tasks_without_the_tags_count_in_no_finding_wherever_they_stand() -> None:
    accepted = b.draft(11, review_status="accepted")
    selection = both_ways(b.task(1, accepted), b.task(2, b.completion(21), tags=["Train"]), tags=["Train"])
    assert "accepted_not_submitted" not in codes(selection)


def test_annotators_of_drafts_are_no_finding_wherever_they_stand() -> None:
    raws = b.task(1, b.draft(11, "bob")), b.task(2, b.completion(21))
    assert "unlisted_annotator" not in codes(both_ways(*raws, team_order=["ann"], include_imported=True))


def test_the_examples_of_a_finding_are_the_first_tasks_however_they_stand() -> None:
    raws = [b.task(n, b.completion(2 * n, "bob"), b.completion(2 * n + 1, "cid")) for n in range(1, 13)]
    (finding,) = [f for f in both_ways(*raws).findings if f.code == "priority_fallback"]
    assert finding.examples == ("task 1", "task 2", "task 3", "task 4", "task 5")

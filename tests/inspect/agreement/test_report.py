from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.core.errors import UsageError
from alabtrain.core.json import plain
from alabtrain.inspect.agreement import agreement
from alabtrain.inspect.agreement.coefficients import NOTHING_SHARED
from alabtrain.inspect.agreement.counting import UNNAMED, Counting
from alabtrain.inspect.agreement.spans import NO_TASK
from alabtrain.project.project import open_project
from alabtrain.selection.select import Selection
from tests.support import builders as b
from tests.support import selection as selecting
from tests.support.agreement import TEAM, compare, pair_task, values
from tests.support.selection import tasks


def test_of_each_annotator_the_completion_counts_that_the_selection_would_take() -> None:
    good, bad = [b.region(5, 10)], [b.region(28, 33)]
    raw = b.task(
        1,
        b.completion(1, "ann", result=good, starred=True),
        b.completion(2, "ann", result=bad, minute=9),
        b.completion(3, "bob", result=bad, minute=1),
        b.completion(4, "bob", result=good, minute=2),
        b.completion(5, "bob", result=bad, minute=3, review_status="rejected"),
        b.completion(6, "cid", result=bad, was_cancelled=True),
        b.draft(7, "cid", result=bad),
        b.completion(8, "dan", result=bad, minute=8),
        b.completion(9, "dan", result=good, review_status="accepted"),
    )
    report = compare(raw)
    assert report.annotators == ("ann", "bob", "dan")
    assert [pair.micro.f1 for pair in report.spans.pairs] == [1.0, 1.0, 1.0]
    assert report.completions.to_dict() == {
        "name": "one of each annotator",
        "unit": "completions",
        "entered": 9,
        "lost": {"cancelled": 1, "not_submitted": 1, "rejected": 1, "other_accepted": 1, "not_starred": 1, "older": 1},
        "left": 3,
    }


def test_completions_without_a_name_are_not_compared() -> None:
    raw = b.studio_task(1, b.annotation(1, None), b.annotation(2, "bob@x.org"), b.annotation(3, 7))
    report = compare(raw)
    assert report.annotators == ("7", "bob@x.org")
    assert report.completions.lost == {UNNAMED: 1}
    assert [(f.code, f.severity) for f in report.findings if f.code == UNNAMED] == [(UNNAMED, "warning")]


def test_an_imported_project_counts_as_submitted() -> None:
    raws = [b.task(1, b.imported(1, "ann"), b.imported(2, "bob"))]
    report = compare(*raws)
    assert (report.annotators, report.shared, report.spans.overall.f1) == (("ann", "bob"), 1, 1.0)
    raws.append(b.task(2, b.completion(3, "ann")))
    assert compare(*raws).annotators == ("ann",)
    assert compare(*raws, include_imported=True).annotators == ("ann", "bob")


def test_tags_and_reviews_narrow_what_is_compared() -> None:
    raws = [
        {**pair_task(1, b.RESULT, b.RESULT), "tags": ["Train"]},
        b.task(2, b.completion(3, "ann", review_status="accepted"), b.completion(4, "bob")),
    ]
    assert (compare(*raws).shared, compare(*raws, tags=["train"]).shared) == (2, 1)
    assert compare(*raws, tags=["train"]).completions.lost == {"tag_filter": 2}
    assert compare(*raws, reviewed_only=True).annotators == ("ann",)


def test_annotators_without_a_task_in_common() -> None:
    report = compare(b.task(1, b.completion(1, "ann")), b.task(2, b.completion(2, "bob")))
    printed = values(report)
    assert (printed["shared"], "no task" in printed["why"]) == (0, True)
    pair = printed["ner"]["pairs"][0]
    assert (pair["tasks"], pair["f1"], pair["overlap_f1"], pair["why"]) == (0, None, None, NO_TASK)
    pair = printed["classification"]["mood"]["pairs"][0]
    assert (pair["n"], pair["agreement"], pair["kappa"], pair["why"]) == (0, None, None, NOTHING_SHARED)
    assert printed["classification"]["mood"]["alpha"] is None


def test_one_annotator_and_none() -> None:
    report = compare(b.task(1, b.completion(1)), b.task(2, b.completion(2)))
    assert (report.annotators, report.spans.pairs, report.shared) == (("ann",), (), 0)
    assert report.why == "there is only one annotator (ann), but agreement needs two"
    assert report.priority.effects[0].taken == 2
    assert compare(b.task(1)).why == "no completion counts, so there is nothing to compare"
    assert values(compare())["tasks"] == 0


def test_types_narrow_what_is_compared() -> None:
    raw = pair_task(1, b.RESULT, b.RESULT)
    assert compare(raw).types == ("ner", "assertion", "classification")
    report = compare(raw, types=["classification"])
    assert (report.types, report.spans, report.statuses) == (("classification",), None, None)
    assert list(report.choices) == ["mood", "topics"]
    report = compare(raw, types=["ner"])
    assert (report.spans.overall.f1, report.choices) == (1.0, {})
    only_labels = (
        "<View><Labels name='l' toName='t'><Label value='Symptom'/></Labels><Text name='t' value='$text'/></View>"
    )
    with pytest.raises(UsageError, match="no labels or choices for it") as caught:
        compare(raw, types=["assertion"], config=only_labels)
    assert caught.value.hint == "annotators can be compared on: ner"


def test_without_a_config_labels_are_spans_and_choices_are_several() -> None:
    report = compare(pair_task(1, b.RESULT, b.RESULT), pair_task(2, [b.choice("mood", "calm")], []), config=None)
    assert report.types == ("ner", "classification")
    assert {label: score.same for label, score in report.spans.labels.items()} == {
        "Absent": 1,
        "Remedy": 1,
        "Symptom": 2,
    }
    assert (report.choices["mood"].mode, report.choices["mood"].pairs[0].only_one) == ("multiple", 1)
    assert "no_config" in {finding.code for finding in report.findings}
    with pytest.raises(UsageError, match="without a labeling config"):
        compare(types=["assertion"], config=None)


def test_what_is_not_compared_at_all_is_named() -> None:
    config = """<View><Image name="i" value="$image"/>
      <RectangleLabels name="box" toName="i"><Label value="Total"/></RectangleLabels>
      <Choices name="legible" toName="i" perRegion="true"><Choice value="yes"/></Choices>
      <Relations><Relation value="of"/></Relations></View>"""
    report = compare(pair_task(1, [], []), config=config)
    assert report.types == ()
    (finding,) = [finding for finding in report.findings if finding.code == "not_compared"]
    assert finding.examples == ("boxes", "relations", "choices per region (legible)")
    assert plain(report.priority.effects[1].first) == {"tasks": 1, "differing": None}


# Priority


def test_the_effect_of_priority_by_hand() -> None:
    one, other = [b.region(5, 10)], [b.region(28, 33)]
    accepted = b.task(
        3, b.completion(31, "ann", result=one), b.completion(32, "bob", result=other, review_status="accepted")
    )
    alone = b.task(4, b.completion(41, "bob", result=one))
    report = compare(pair_task(1, one, other), pair_task(2, one, one), accepted, alone, team=("ann", "bob"))
    ann, bob = report.priority.effects
    assert plain(ann) == {
        "annotator": "ann",
        "position": 1,
        "tasks": 3,
        "shared": 3,
        "taken": 2,
        "first": {"tasks": 0, "differing": 0},
        "last": {"tasks": 2, "differing": 1},
    }
    assert (bob.position, bob.tasks, bob.shared, bob.taken) == (2, 4, 3, 2)
    assert (bob.first.tasks, bob.first.differing, bob.last.tasks) == (2, 1, 0)
    assert dict(report.priority.rules) == {"accepted": 1, "priority": 2}


def test_one_who_stands_last_comes_behind_those_whom_the_order_does_not_name() -> None:
    report = compare(pair_task(1, [b.region(5, 10)], []), team=("ann",))
    ann, bob = report.priority.effects
    assert (ann.position, ann.taken, ann.last.tasks) == (1, 1, 1)
    assert (bob.position, bob.taken, bob.first.tasks) == (None, 0, 1)


def test_the_policy_latest_knows_no_priority() -> None:
    report = compare(pair_task(1, [], []), policy="latest")
    assert [(effect.first, effect.last) for effect in report.priority.effects] == [(None, None)] * 2
    assert "newest" in values(report)["priority"]["why"]
    assert compare(pair_task(1, [], [])).priority.why == ""


# Properties of whole projects

names = st.sampled_from(["ann", "Ann", "bob", "cid"])
items = st.lists(
    st.sampled_from(
        [
            b.region(5, 10),
            b.region(28, 33),
            b.region(28, 33, "Remedy"),
            b.region(28, 33, "Absent"),
            b.region(28, 33, "Past"),
            b.choice("mood", "calm"),
            b.choice("mood", "worried"),
            b.choice("topics", "A", "B"),
            b.choice("topics", "C"),
        ]
    ),
    max_size=4,
)


@st.composite
def projects(draw: st.DrawFn) -> list[dict[str, Any]]:
    submitted = draw(st.sampled_from([st.just(True), st.just(False), st.booleans()]))
    raws = []
    for number in range(draw(st.integers(0, 4))):
        made = []
        for at in range(draw(st.integers(0, 4))):
            one = b.completion(
                10 * number + at,
                draw(names),
                minute=draw(st.integers(0, 3)),
                submitted=draw(submitted),
                starred=draw(st.booleans()),
                result=draw(items),
                review_status=draw(st.sampled_from([None, None, "accepted", "rejected"])),
            )
            made.append(
                one if draw(st.integers(0, 4)) else b.imported(10 * number + at, draw(names), result=draw(items))
            )
        raws.append(b.task(number, *made, tags=draw(st.sampled_from([["x"], []]))))
    return raws


options = st.fixed_dictionaries(
    {},
    optional={
        "tags": st.just(["X"]),
        "task_ids": st.just(["1", "3"]),
        "reviewed_only": st.booleans(),
        "priority": st.lists(names, max_size=3, unique=True),
        "policy": st.sampled_from(["priority", "latest"]),
        "include_imported": st.booleans(),
    },
)


@given(projects(), options, st.randoms(use_true_random=False))
def test_order_in_the_file_never_matters(raws: list[Any], how: dict[str, Any], rng: random.Random) -> None:
    first = compare(*raws, **how)
    rng.shuffle(raws)
    for raw in raws:
        rng.shuffle(raw["completions"])
    assert compare(*raws, **how) == first
    values(first)


def selected(raws: list[Any], how: dict[str, Any]) -> Selection:
    return selecting.select(tasks(*raws), team_order=TEAM, **how)


@given(projects(), options)
def test_what_counts_is_what_the_selection_chooses_from(raws: list[Any], how: dict[str, Any]) -> None:
    selection = selected(raws, how)
    counting = Counting(selection, selecting.options(**how))
    taken = {}
    for task in tasks(*raws):
        judged = counting.judge(task)
        taken[task.id] = counting.winner(judged, judged.own).completion_id
    assert taken == {d.task_id: d.completion_id for d in selection.decisions}
    assert counting.entered == sum(len(raw["completions"]) for raw in raws)
    assert counting.to_stage().left == counting.annotators.total()


@given(projects(), st.permutations(["ann", "Ann", "bob", "cid"]), st.booleans())
def test_the_effect_of_priority_is_that_of_another_order(
    raws: list[Any], order: list[str], reviewed_only: bool
) -> None:
    how = {"reviewed_only": reviewed_only}
    present = selected(raws, {**how, "priority": order})
    report = compare(*raws, priority=order, **how)
    for effect in report.priority.effects:
        others = [name for name in order if name != effect.annotator]
        for change, moved in ((effect.first, [effect.annotator, *others]), (effect.last, [*others, effect.annotator])):
            then = selected(raws, {**how, "priority": moved})
            both = zip(present.decisions, then.decisions, strict=True)
            assert change.tasks == sum(now.completion_id != other.completion_id for now, other in both)
            assert change.differing <= change.tasks
        assert effect.taken == sum(decision.annotator == effect.annotator for decision in present.decisions)


@given(st.lists(items, min_size=1, max_size=5))
def test_identical_annotators_agree_in_full(results: list[list[Any]]) -> None:
    report = compare(*(pair_task(n, result, result, result) for n, result in enumerate(results)))
    found = [pair.micro.f1 for pair in report.spans.pairs] + [pair.micro.overlap_f1 for pair in report.spans.pairs]
    for classes in (report.statuses, *report.choices.values()):
        found += [classes.alpha, classes.agreement]
        found += [number for pair in classes.pairs for number in (pair.kappa, pair.agreement)]
        assert not any(pair.only_one for pair in classes.pairs)
    assert set(found) <= {None, 1.0}
    assert all(not change.differing for effect in report.priority.effects for change in (effect.first, effect.last))


# Real projects


def test_the_clinic_example(clinic: Path) -> None:
    report = agreement(open_project(clinic))
    assert (report.annotators, report.tasks, report.shared) == (TEAM, 211, 130)
    assert [pair.tasks for pair in report.spans.pairs] == [120, 35, 25] if report.spans else False
    assert [(e.annotator, e.taken, e.first and e.first.tasks) for e in report.priority.effects] == [
        ("ann", 161, 0),
        ("bob", 0, 105),
        ("cid", 47, 20),
    ]
    # The careful two agree better with each other than with the careless one.
    for kind in (report.choices["urgency"], report.choices["topics"], report.statuses):
        assert kind is not None
        kappas = {pair.annotators: pair.kappa or 0.0 for pair in kind.pairs}
        assert kappas["ann", "cid"] > 0.8 > 0.5 > max(kappas["ann", "bob"], kappas["bob", "cid"])


def test_real_exports(shared_data: Path) -> None:
    report = agreement(open_project(shared_data / "exports" / "alab_demo.json"))
    assert report.spans is not None
    assert (report.shared, report.spans.overall.spans, report.spans.overall.f1) == (3, (35, 35), 1.0)
    # The two differ in the choices only, which one of them never made.
    sentiment = report.choices["sentiment"]
    assert (sentiment.n, sentiment.pairs[0].only_one, sentiment.alpha) == (0, 3, None)
    assert [effect.first and effect.first.differing for effect in report.priority.effects] == [3, 0]
    report = agreement(open_project(shared_data / "projects" / "ncbi-disease-team.zip"))
    assert (report.tasks, report.shared, report.types) == (792, 621, ("ner",))
    assert dict(report.priority.rules) == {"accepted": 177, "priority": 444}

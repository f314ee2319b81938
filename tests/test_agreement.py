from __future__ import annotations

import json
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alabtrain.agreement import AgreementReport, agreement
from alabtrain.agreement.classes import SeveralCounter, SingleCounter
from alabtrain.agreement.coefficients import NOTHING_SHARED, ONE_CLASS, Unit, alpha, kappa
from alabtrain.agreement.counting import UNNAMED, Counting
from alabtrain.agreement.spans import NO_SPAN, NO_TASK, SpanCounter
from alabtrain.config import parse_config
from alabtrain.errors import UsageError
from alabtrain.examples.spans import Span
from alabtrain.project import Project, open_project
from alabtrain.select import Selection, select
from tests import builders as b
from tests.selecting import tasks

CONFIG = """<View>
  <Labels name="label" toName="text">
    <Label value="Symptom"/>
    <Label value="Remedy"/>
    <Label value="Absent" assertion="true"/>
    <Label value="Past" assertion="true"/>
  </Labels>
  <Choices name="mood" toName="text" choice="single"><Choice value="calm"/><Choice value="worried"/></Choices>
  <Choices name="topics" toName="text" choice="multiple">
    <Choice value="A"/><Choice value="B"/><Choice value="C"/>
  </Choices>
  <Text name="text" value="$text"/>
</View>
"""
TEAM = ("ann", "bob", "cid")
slow_start = settings(deadline=None, max_examples=60)  # the first example imports scikit-learn


def project(*raws: dict[str, Any], config: str | None = CONFIG, team: tuple[str, ...] = TEAM) -> Project:
    """Return what `agreement` needs of a project, without a file."""
    parsed = parse_config(config.encode(), where="config.xml") if config else None
    made = SimpleNamespace(tasks=lambda: iter(tasks(*raws)), config=parsed, team_order=team, findings=[])
    return cast(Project, made)


def compare(*raws: dict[str, Any], config: str | None = CONFIG, team: tuple[str, ...] = TEAM, **how: Any) -> Any:
    return agreement(project(*raws, config=config, team=team), **how)


def pair_task(number: int, *results: list[Any], by: tuple[str, ...] = TEAM) -> dict[str, Any]:
    """Return a task that several annotated, each with one of the results."""
    made = [b.completion(10 * number + at, by[at], result=result) for at, result in enumerate(results)]
    return b.task(number, *made)


def values(report: AgreementReport) -> Any:
    """Return the report as JSON says it; a number that JSON does not know is an error."""
    return json.loads(json.dumps(report.to_dict(), allow_nan=False))


# Spans


def test_f1_of_spans_by_hand() -> None:
    ann = [b.region(5, 10), b.region(28, 33), b.region(41, 50, "Remedy")]
    bob = [b.region(5, 10), b.region(28, 30), b.region(41, 50)]
    pair = compare(pair_task(1, ann, bob)).ner.pairs[0]
    assert (pair.annotators, pair.tasks, pair.why) == (("ann", "bob"), 1, "")
    assert (pair.micro.spans, pair.micro.same) == ((3, 3), 1)
    assert (pair.micro.f1, pair.micro.overlap_f1) == (0.333333, 0.666667)
    symptom, remedy = pair.labels["Symptom"], pair.labels["Remedy"]
    assert (symptom.spans, symptom.same, symptom.f1, symptom.overlap_f1) == ((2, 3), 1, 0.4, 0.8)
    assert (remedy.spans, remedy.f1, remedy.overlap_f1) == ((1, 0), 0.0, 0.0)


def test_all_pairs_are_added_up() -> None:
    two, one = [b.region(5, 10), b.region(28, 33)], [b.region(5, 10)]
    ner = compare(pair_task(1, two, two, one), pair_task(2, one, [])).ner
    assert [(pair.annotators, pair.tasks, pair.micro.f1) for pair in ner.pairs] == [
        (("ann", "bob"), 2, 0.8),
        (("ann", "cid"), 1, 0.666667),
        (("bob", "cid"), 1, 0.666667),
    ]
    assert (ner.overall.spans, ner.overall.same) == ((3 + 2 + 2, 2 + 1 + 1), 2 + 1 + 1)
    assert ner.overall.f1 == round(2 * 4 / 11, 6)
    assert ner.labels["Symptom"] == ner.overall


def test_repaired_and_overlapping_spans_are_compared_as_they_were_meant() -> None:
    blank = b.region(4, 10)  # " cough"
    inner, outer = b.region(5, 10), b.region(0, 10)
    report = compare(pair_task(1, [blank, outer], [inner, outer, inner]))
    assert (report.ner.pairs[0].micro.spans, report.ner.pairs[0].micro.f1) == ((2, 2), 1.0)
    assert [(f.code, f.count) for f in report.findings if "span" in f.message] == [("trimmed_blanks", 1)]


def test_what_cannot_be_compared_is_told() -> None:
    odd = {**b.region(5, 10), "value": {"start": 5, "end": 10, "text": "tough", "labels": ["Symptom"]}}
    unlabeled = {**b.region(5, 10), "value": {"start": 5, "end": 10}}
    strange = b.region(5, 10, "Strange")
    no_text = {**pair_task(2, [b.region(5, 10)], []), "data": {"title": "x"}}
    report = compare(pair_task(1, [odd, unlabeled, strange], []), no_text)
    found = {finding.code: finding.count for finding in report.findings}
    assert found == {"misaligned": 1, "region_without_label": 1, "unknown_label": 1, "no_text": 1}
    assert (report.shared, report.ner.pairs[0].tasks, report.ner.pairs[0].why) == (2, 1, NO_SPAN)


def test_the_report_says_why_spans_have_no_kappa() -> None:
    printed = values(compare(pair_task(1, [], [])))
    assert printed["ner"]["kappa"] is None
    assert "negatives" in printed["ner"]["why_no_kappa"]


spans = st.frozensets(
    st.builds(
        lambda start, length, label: Span(start, start + length, label),
        st.integers(0, 20),
        st.integers(1, 8),
        st.sampled_from("xy"),
    ),
    max_size=6,
)


@slow_start
@given(st.lists(st.tuples(spans, spans), max_size=4))
def test_spans_agree_both_ways(texts: list[tuple[frozenset[Span], frozenset[Span]]]) -> None:
    there, back = SpanCounter(), SpanCounter()
    for one, other in texts:
        there.add({"ann": one, "bob": other})
        back.add({"ann": other, "bob": one})
    first, second = (counter.result(["ann", "bob"]).overall for counter in (there, back))
    assert first.spans == second.spans[::-1]
    assert (first.same, first.f1, first.overlap_f1) == (second.same, second.f1, second.overlap_f1)
    marked = sum(len(one) + len(other) for one, other in texts)
    touching = sum(
        any(s.label == o.label and s.start < o.end and o.start < s.end for o in others)
        for one, other in texts
        for these, others in ((one, other), (other, one))
        for s in these
    )
    assert first.overlap_f1 == (round(touching / marked, 6) if marked else None)
    assert first.f1 is None or 0 <= first.f1 <= (first.overlap_f1 or 0) <= 1


# Classes


def moods(*said: tuple[str | None, str | None]) -> list[dict[str, Any]]:
    return [
        pair_task(n, *([b.choice("mood", mood)] if mood else [] for mood in both)) for n, both in enumerate(said, 1)
    ]


def test_kappa_and_alpha_of_single_choice_by_hand() -> None:
    raws = moods(("calm", "calm"), ("calm", "calm"), ("worried", "worried"), ("calm", "worried"), ("calm", None))
    mood = compare(*raws).classification["mood"]
    pair = mood.pairs[0]
    # 3 of 4 the same; by chance 3/4 * 2/4 + 1/4 * 2/4 = 1/2.
    assert (pair.n, pair.only_one, pair.agreement, pair.kappa, pair.why) == (4, 1, 0.75, 0.5, "")
    # Five calm and three worried: observed 2/8, expected 2 * 5 * 3 / (8 * 7).
    assert (mood.mode, mood.unit, mood.n, mood.agreement, mood.alpha) == ("single", "tasks", 4, 0.75, 0.533333)


def test_alpha_is_that_of_the_textbook() -> None:
    """Krippendorff's own example of three coders with gaps (Computing Krippendorff's Alpha-Reliability, 2011)."""
    rows = ["*****34121133*3", "1*213343*******", "**21344*21133*4"]
    counter = SingleCounter("tasks")
    for column in zip(*rows, strict=True):
        said = zip("abc", column, strict=True)
        counter.add({name: frozenset(value.strip("*")) for name, value in said})
    result = counter.result("abc")
    assert (result.alpha, result.n) == (0.691358, 12)


def test_multiple_choice_is_yes_or_no_for_each() -> None:
    said = [(["A"], ["A"]), (["A", "B"], ["A"]), (["B"], ["B"]), ([], ["C"])]
    raws = [
        pair_task(n, *([b.choice("topics", *ticked)] if ticked else [] for ticked in both))
        for n, both in enumerate(said, 1)
    ]
    topics = compare(*raws).classification["topics"]
    pair = topics.pairs[0]
    assert (pair.n, pair.only_one, pair.agreement) == (3, 1, 0.666667)
    # B: 2 of 3 the same; by chance 2/3 * 1/3 + 1/3 * 2/3 = 4/9.
    assert {name: score.coefficient for name, score in pair.choices.items()} == {"A": 1.0, "B": 0.4}
    assert pair.kappa == 0.7
    # B: three of six say yes: observed 2/6, expected 2 * 3 * 3 / (6 * 5).
    assert {name: score.coefficient for name, score in topics.choices.items()} == {"A": 1.0, "B": 0.444444}
    assert (topics.alpha, topics.averaged, topics.n) == (0.722222, 2, 3)


def test_three_annotators_of_multiple_choice() -> None:
    """Of yes and no: (3 yes), (2 of 3 yes), (0 of 2 yes): observed (0 + 2 + 0) / 8, expected 2 * 5 * 3 / (8 * 7)."""
    counter = SeveralCounter("tasks", "multiple")
    ticked, other = frozenset({"A"}), frozenset({"B"})
    counter.add({"ann": ticked, "bob": ticked, "cid": ticked})
    counter.add({"ann": ticked, "bob": ticked, "cid": other})
    counter.add({"ann": other, "bob": other, "cid": frozenset()})
    assert counter.result(TEAM).choices["A"].coefficient == round(1 - (2 / 8) / (30 / 56), 6)


def test_statuses_are_compared_on_spans_with_the_same_edges() -> None:
    def marks(*said: tuple[int, int, str, str | None]) -> list[Any]:
        regions = [b.region(start, end, label) for start, end, label, _ in said]
        return regions + [b.region(start, end, status) for start, end, _, status in said if status]

    ann = marks((5, 10, "Symptom", "Past"), (28, 33, "Symptom", "Absent"), (41, 50, "Remedy", None))
    bob = marks(
        (5, 10, "Symptom", "Past"), (28, 33, "Remedy", "Past"), (41, 50, "Remedy", "Absent"), (0, 4, "Symptom", "Past")
    )
    cid = marks((5, 9, "Symptom", "Past"))
    assertion = compare(pair_task(1, ann, bob, cid), types=["assertion"]).assertion
    assert (assertion.unit, assertion.n) == ("spans", 2)
    assert [(pair.n, pair.only_one, pair.agreement, pair.kappa) for pair in assertion.pairs] == [
        (2, 1, 0.5, 0.0),
        (0, 0, None, None),
        (0, 0, None, None),
    ]


@pytest.mark.parametrize("mode", ["single", "multiple"])
def test_where_all_say_the_same_there_is_a_reason_instead_of_a_number(mode: str) -> None:
    config = CONFIG.replace('choice="single"', f'choice="{mode}"')
    mood = compare(*moods(("calm", "calm"), ("calm", "calm")), config=config).classification["mood"]
    assert (mood.alpha, mood.why, mood.agreement) == (None, ONE_CLASS, 1.0)
    assert (mood.pairs[0].kappa, mood.pairs[0].why, mood.pairs[0].agreement) == (None, ONE_CLASS, 1.0)


def test_an_annotator_who_never_varies_has_a_kappa_of_nought() -> None:
    pair = compare(*moods(("calm", "calm"), ("calm", "worried"))).classification["mood"].pairs[0]
    assert (pair.agreement, pair.kappa) == (0.5, 0.0)


def test_choices_that_tasks_bring_are_not_kept() -> None:
    config = CONFIG.replace('name="topics"', 'name="topics" value="$options"')
    raws = [
        pair_task(1, [b.choice("topics", "secret words")], [b.choice("topics", "secret words")]),
        pair_task(2, [b.choice("topics", "secret words")], [b.choice("topics", "other words")]),
    ]
    report = compare(*raws, config=config)
    topics = report.classification["topics"]
    assert (topics.mode, topics.n, topics.agreement, topics.alpha) == ("dynamic", 2, 0.5, None)
    assert (topics.pairs[0].agreement, topics.pairs[0].kappa) == (0.5, None)
    assert "brings its own" in topics.why
    assert "words" not in json.dumps(values(report))


two = st.sampled_from([None, "x", "y", "z"])


@slow_start
@given(st.lists(st.tuples(two, two), max_size=12))
def test_classes_agree_both_ways_and_are_never_nan(things: list[tuple[str | None, str | None]]) -> None:
    for make in (lambda: SingleCounter("tasks"), lambda: SeveralCounter("tasks", "multiple")):
        there, back = make(), make()
        for one, other in things:
            sets = frozenset({one} - {None}), frozenset({other} - {None})
            there.add(cast(Any, {"ann": sets[0], "bob": sets[1]}))
            back.add(cast(Any, {"ann": sets[1], "bob": sets[0]}))
        first, second = (counter.result(["ann", "bob"]) for counter in (there, back))
        assert first == second
        numbers = [first.alpha, first.agreement, first.pairs[0].kappa, first.pairs[0].agreement]
        assert all(number is None or -1 <= number <= 1 for number in numbers)
        assert (first.alpha is None) == bool(first.why)
        assert (first.pairs[0].kappa is None) == bool(first.pairs[0].why)


@slow_start
@given(st.dictionaries(st.tuples(st.sampled_from("xyz"), st.sampled_from("xyz")), st.integers(0, 9), max_size=9))
def test_coefficients_are_their_definitions(joint: dict[tuple[str, str], int]) -> None:
    """Both once more from their definitions; of two annotators the things that both judged are all units."""
    n = sum(joint.values())
    units: dict[Unit, int] = {}
    for (one, other), count in joint.items():
        unit: Unit = ((one, 2),) if one == other else tuple(sorted([(one, 1), (other, 1)]))
        units[unit] = units.get(unit, 0) + count
    found, overall = kappa(joint), alpha(units)
    if len({name for said, count in joint.items() if count for name in said}) < 2:
        assert (found.value, overall.value) == (None, None)
        assert found.why == (ONE_CLASS if n else NOTHING_SHARED)
        return
    observed = sum(count for (one, other), count in joint.items() if one == other) / n
    rows = {name: sum(count for (one, _), count in joint.items() if one == name) for name in "xyz"}
    columns = {name: sum(count for (_, other), count in joint.items() if other == name) for name in "xyz"}
    chance = sum(rows[name] * columns[name] for name in "xyz") / n**2
    assert found.value == pytest.approx((observed - chance) / (1 - chance), abs=1e-6)
    met = {name: rows[name] + columns[name] for name in "xyz"}
    expected = 1 - sum(count * (count - 1) for count in met.values()) / (2 * n * (2 * n - 1))
    assert overall.value == pytest.approx(1 - (1 - observed) / expected, abs=1e-6)


# Which completions count


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
    assert [pair.micro.f1 for pair in report.ner.pairs] == [1.0, 1.0, 1.0]
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
    assert (report.annotators, report.shared, report.ner.overall.f1) == (("ann", "bob"), 1, 1.0)
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
    assert (report.annotators, report.ner.pairs, report.shared) == (("ann",), (), 0)
    assert report.why == "completions of one annotator only (ann): agreement needs two"
    assert report.priority.effects[0].taken == 2
    assert compare(b.task(1)).why == "no completion counts: nothing to compare"
    assert values(compare())["tasks"] == 0


def test_types_narrow_what_is_compared() -> None:
    raw = pair_task(1, b.RESULT, b.RESULT)
    assert compare(raw).types == ("ner", "assertion", "classification")
    report = compare(raw, types=["classification"])
    assert (report.types, report.ner, report.assertion) == (("classification",), None, None)
    assert list(report.classification) == ["mood", "topics"]
    report = compare(raw, types=["ner"])
    assert (report.ner.overall.f1, report.classification) == (1.0, {})
    only_labels = (
        "<View><Labels name='l' toName='t'><Label value='Symptom'/></Labels><Text name='t' value='$text'/></View>"
    )
    with pytest.raises(UsageError, match="nothing for it") as caught:
        compare(raw, types=["assertion"], config=only_labels)
    assert caught.value.hint == "annotators can be compared on: ner"


def test_without_a_config_labels_are_spans_and_choices_are_several() -> None:
    report = compare(pair_task(1, b.RESULT, b.RESULT), pair_task(2, [b.choice("mood", "calm")], []), config=None)
    assert report.types == ("ner", "classification")
    assert {label: score.same for label, score in report.ner.labels.items()} == {"Absent": 1, "Remedy": 1, "Symptom": 2}
    assert (report.classification["mood"].mode, report.classification["mood"].pairs[0].only_one) == ("multiple", 1)
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
    assert report.priority.effects[1].first.to_dict() == {"tasks": 1, "differing": None}


# Priority


def test_the_effect_of_priority_by_hand() -> None:
    one, other = [b.region(5, 10)], [b.region(28, 33)]
    accepted = b.task(
        3, b.completion(31, "ann", result=one), b.completion(32, "bob", result=other, review_status="accepted")
    )
    alone = b.task(4, b.completion(41, "bob", result=one))
    report = compare(pair_task(1, one, other), pair_task(2, one, one), accepted, alone, team=("ann", "bob"))
    ann, bob = report.priority.effects
    assert ann.to_dict() == {
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
        "reviewed_only": st.booleans(),
        "priority": st.lists(names, max_size=3, unique=True),
        "policy": st.sampled_from(["priority", "latest"]),
        "include_imported": st.booleans(),
    },
)


@slow_start
@given(projects(), options, st.randoms(use_true_random=False))
def test_order_in_the_file_never_matters(raws: list[Any], how: dict[str, Any], rng: random.Random) -> None:
    first = compare(*raws, **how)
    rng.shuffle(raws)
    for raw in raws:
        rng.shuffle(raw["completions"])
    assert compare(*raws, **how) == first
    values(first)


def selected(raws: list[Any], how: dict[str, Any]) -> Selection:
    return select(tasks(*raws), team_order=TEAM, **how)


@slow_start
@given(projects(), options)
def test_what_counts_is_what_the_selection_chooses_from(raws: list[Any], how: dict[str, Any]) -> None:
    selection = selected(raws, how)
    flags = {"tags": (), "reviewed_only": False, "include_imported": False}
    counting = Counting(selection, **{name: how.get(name, value) for name, value in flags.items()})  # type: ignore[arg-type]
    taken = {}
    for task in tasks(*raws):
        judged = counting.judge(task)
        taken[task.id] = counting.winner(judged, judged.own).completion_id
    assert taken == {d.task_id: d.completion_id for d in selection.decisions}
    assert counting.entered == sum(len(raw["completions"]) for raw in raws)
    assert counting.to_stage().left == counting.annotators.total()


@slow_start
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


@slow_start
@given(st.lists(items, min_size=1, max_size=5))
def test_identical_annotators_agree_in_full(results: list[list[Any]]) -> None:
    report = compare(*(pair_task(n, result, result, result) for n, result in enumerate(results)))
    found = [pair.micro.f1 for pair in report.ner.pairs] + [pair.micro.overlap_f1 for pair in report.ner.pairs]
    for classes in (report.assertion, *report.classification.values()):
        found += [classes.alpha, classes.agreement]
        found += [number for pair in classes.pairs for number in (pair.kappa, pair.agreement)]
        assert not any(pair.only_one for pair in classes.pairs)
    assert set(found) <= {None, 1.0}
    assert all(not change.differing for effect in report.priority.effects for change in (effect.first, effect.last))


# Real projects


def test_the_clinic_example(clinic: Path) -> None:
    report = agreement(open_project(clinic))
    assert (report.annotators, report.tasks, report.shared) == (TEAM, 211, 130)
    assert [pair.tasks for pair in report.ner.pairs] == [120, 35, 25] if report.ner else False
    assert [(e.annotator, e.taken, e.first and e.first.tasks) for e in report.priority.effects] == [
        ("ann", 161, 0),
        ("bob", 0, 105),
        ("cid", 47, 20),
    ]
    # The careful two agree better with each other than with the careless one.
    for kind in (report.classification["urgency"], report.classification["topics"], report.assertion):
        assert kind is not None
        kappas = {pair.annotators: pair.kappa or 0.0 for pair in kind.pairs}
        assert kappas["ann", "cid"] > 0.8 > 0.5 > max(kappas["ann", "bob"], kappas["bob", "cid"])


def test_real_exports(shared_data: Path) -> None:
    report = agreement(open_project(shared_data / "exports" / "alab_demo.json"))
    assert report.ner is not None
    assert (report.shared, report.ner.overall.spans, report.ner.overall.f1) == (3, (35, 35), 1.0)
    # The two differ in the choices only, which one of them never made.
    sentiment = report.classification["sentiment"]
    assert (sentiment.n, sentiment.pairs[0].only_one, sentiment.alpha) == (0, 3, None)
    assert [effect.first and effect.first.differing for effect in report.priority.effects] == [3, 0]
    report = agreement(open_project(shared_data / "projects" / "ncbi-disease-team.zip"))
    assert (report.tasks, report.shared, report.types) == (792, 621, ("ner",))
    assert dict(report.priority.rules) == {"accepted": 177, "priority": 444}

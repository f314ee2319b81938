from __future__ import annotations

import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.annotations.spans import Span
from alabtrain.inspect.agreement.classes import SeveralCounter, SingleCounter
from alabtrain.inspect.agreement.coefficients import NOTHING_SHARED, ONE_CLASS, Unit, alpha, kappa
from alabtrain.inspect.agreement.spans import NO_SPAN, SpanCounter
from tests.support import builders as b
from tests.support.agreement import CONFIG, TEAM, compare, pair_task, values


def test_f1_of_spans_by_hand() -> None:
    ann = [b.region(5, 10), b.region(28, 33), b.region(41, 50, "Remedy")]
    bob = [b.region(5, 10), b.region(28, 30), b.region(41, 50)]
    pair = compare(pair_task(1, ann, bob)).spans.pairs[0]
    assert (pair.annotators, pair.tasks, pair.why) == (("ann", "bob"), 1, "")
    assert (pair.micro.spans, pair.micro.same) == ((3, 3), 1)
    assert (pair.micro.f1, pair.micro.overlap_f1) == (0.333333, 0.666667)
    symptom, remedy = pair.labels["Symptom"], pair.labels["Remedy"]
    assert (symptom.spans, symptom.same, symptom.f1, symptom.overlap_f1) == ((2, 3), 1, 0.4, 0.8)
    assert (remedy.spans, remedy.f1, remedy.overlap_f1) == ((1, 0), 0.0, 0.0)


def test_all_pairs_are_added_up() -> None:
    two, one = [b.region(5, 10), b.region(28, 33)], [b.region(5, 10)]
    ner = compare(pair_task(1, two, two, one), pair_task(2, one, [])).spans
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
    assert (report.spans.pairs[0].micro.spans, report.spans.pairs[0].micro.f1) == ((2, 2), 1.0)
    assert [(f.code, f.count) for f in report.findings if "span" in f.message] == [("trimmed_blanks", 1)]


def test_what_cannot_be_compared_is_told() -> None:
    odd = {**b.region(5, 10), "value": {"start": 5, "end": 10, "text": "tough", "labels": ["Symptom"]}}
    unlabeled = {**b.region(5, 10), "value": {"start": 5, "end": 10}}
    strange = b.region(5, 10, "Strange")
    no_text = {**pair_task(2, [b.region(5, 10)], []), "data": {"title": "x"}}
    report = compare(pair_task(1, [odd, unlabeled, strange], []), no_text)
    found = {finding.code: finding.count for finding in report.findings}
    assert found == {"misaligned": 1, "region_without_label": 1, "unknown_label": 1, "no_text": 1}
    assert (report.shared, report.spans.pairs[0].tasks, report.spans.pairs[0].why) == (2, 1, NO_SPAN)


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
    mood = compare(*raws).choices["mood"]
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
    topics = compare(*raws).choices["topics"]
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
    assertion = compare(pair_task(1, ann, bob, cid), types=["assertion"]).statuses
    assert (assertion.unit, assertion.n) == ("spans", 2)
    assert [(pair.n, pair.only_one, pair.agreement, pair.kappa) for pair in assertion.pairs] == [
        (2, 1, 0.5, 0.0),
        (0, 0, None, None),
        (0, 0, None, None),
    ]


@pytest.mark.parametrize("mode", ["single", "multiple"])
def test_where_all_say_the_same_there_is_a_reason_instead_of_a_number(mode: str) -> None:
    config = CONFIG.replace('choice="single"', f'choice="{mode}"')
    mood = compare(*moods(("calm", "calm"), ("calm", "calm")), config=config).choices["mood"]
    assert (mood.alpha, mood.why, mood.agreement) == (None, ONE_CLASS, 1.0)
    assert (mood.pairs[0].kappa, mood.pairs[0].why, mood.pairs[0].agreement) == (None, ONE_CLASS, 1.0)


def test_an_annotator_who_never_varies_has_a_kappa_of_nought() -> None:
    pair = compare(*moods(("calm", "calm"), ("calm", "worried"))).choices["mood"].pairs[0]
    assert (pair.agreement, pair.kappa) == (0.5, 0.0)


def test_choices_that_tasks_bring_are_not_kept() -> None:
    config = CONFIG.replace('name="topics"', 'name="topics" value="$options"')
    raws = [
        pair_task(1, [b.choice("topics", "secret words")], [b.choice("topics", "secret words")]),
        pair_task(2, [b.choice("topics", "secret words")], [b.choice("topics", "other words")]),
    ]
    report = compare(*raws, config=config)
    topics = report.choices["topics"]
    assert (topics.mode, topics.n, topics.agreement, topics.alpha) == ("dynamic", 2, 0.5, None)
    assert (topics.pairs[0].agreement, topics.pairs[0].kappa) == (0.5, None)
    assert "has its own choices" in topics.why
    assert "words" not in json.dumps(values(report))


two = st.sampled_from([None, "x", "y", "z"])


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

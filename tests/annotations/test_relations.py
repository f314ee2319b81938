from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.annotations.reader import AnnotationReader, Reading
from alabtrain.annotations.relations import HINTS, LOSSES, Relation, RelationReading
from alabtrain.annotations.request import Request
from alabtrain.annotations.spans import Span
from alabtrain.core.findings import pluralize
from alabtrain.project.parsing import parse_task
from alabtrain.project.project import open_project
from alabtrain.reports.words import loss
from alabtrain.selection.select import select_project
from tests.support import builders as b

COUGH, FEVER, TEA = b.region(5, 10), b.region(28, 33), b.region(41, 50, "Remedy")
C, F, T = Span(5, 10, "Symptom"), Span(28, 33, "Symptom"), Span(41, 50, "Remedy")
ABSENT = b.region(28, 33, "Absent")
BOX = {"id": "box", "type": "rectanglelabels", "value": {"x": 1, "rectanglelabels": ["Total"]}}
REQUEST = Request(labels={"Symptom", "Remedy"}, ignored={"Absent"}, relations={"eases", "causes"})
ANY = Request(relations=())


def read_all(*result: Any, request: Request = REQUEST, **data: Any) -> Reading:
    raw = b.task(1, b.completion(1001, result=list(result)), data=data or {"text": b.TEXT})
    task = parse_task(raw, where="test")
    return AnnotationReader(request).read(task, task.completions[0])


def read(
    *relations: Any, request: Request = REQUEST, regions: tuple[Any, ...] = (COUGH, FEVER, TEA)
) -> RelationReading:
    return read_all(*regions, *relations, request=request).relations


def arrow(one: Any, other: Any, *labels: Any, **fields: Any) -> dict[str, Any]:
    ids = [end["id"] if isinstance(end, dict) else end for end in (one, other)]
    return {"type": "relation", "from_id": ids[0], "to_id": ids[1], "labels": list(labels or ["eases"]), **fields}


def codes(reading: RelationReading) -> list[str]:
    return [incident.code for incident in reading.lost]


def test_a_relation_connects_two_spans() -> None:
    reading = read(b.relation(TEA["id"], COUGH["id"]))
    assert reading.relations == [Relation(T, C, "eases")]
    (relation,) = reading.relations
    assert (relation.from_id, relation.to_id, relation.item) == ("r41-50-Remedy", "r5-10-Symptom", 3)
    assert (relation.direction, reading.entered, reading.lost) == ("right", 1, [])


def test_left_swaps_the_ends_and_bi_is_kept() -> None:
    assert read(arrow(COUGH, TEA, direction="left")).relations == [Relation(T, C, "eases")]
    for one, other in ((COUGH, TEA), (TEA, COUGH)):
        reading = read(arrow(one, other, direction="bi"))
        assert reading.relations == [Relation(C, T, "eases", "bi")]
        assert reading.relations[0].from_id == COUGH["id"]


@pytest.mark.parametrize("direction", [None, ""])
def test_without_a_direction_it_goes_right(direction: Any) -> None:
    assert read(arrow(TEA, COUGH, direction=direction)).relations == [Relation(T, C, "eases")]
    assert read(arrow(TEA, COUGH)).relations == [Relation(T, C, "eases")]


@pytest.mark.parametrize("direction", ["up", "RIGHT", 1, ["right"], {"bi": 1}])
def test_an_unknown_direction_is_not_guessed(direction: Any) -> None:
    reading = read(arrow(TEA, COUGH, direction=direction))
    assert [(i.code, i.region_id, i.label) for i in reading.lost] == [("unknown_direction", TEA["id"], "eases")]


def test_each_label_is_a_relation_of_its_own() -> None:
    reading = read(arrow(TEA, COUGH, "eases", "causes", "eases", "odd"))
    assert reading.relations == [Relation(T, C, "causes"), Relation(T, C, "eases")]
    assert ([(i.code, i.label) for i in reading.lost], reading.entered) == ([("unknown_relation", "odd")], 3)


@pytest.mark.parametrize("fields", [{}, {"labels": []}, {"labels": None}, {"labels": [3, {}, ""]}, {"labels": {}}])
def test_a_relation_without_a_label(fields: dict[str, Any]) -> None:
    item = {"type": "relation", "from_id": TEA["id"], "to_id": COUGH["id"], "direction": "right", **fields}
    assert codes(read(item)) == ["relation_without_label"]
    assert read(item, request=ANY).relations == [Relation(T, C, "")]


def test_any_label_counts_where_none_is_asked_for() -> None:
    assert [one.label for one in read(arrow(TEA, COUGH, "odd"), request=ANY).relations] == ["odd"]
    assert read({**arrow(TEA, COUGH), "labels": "eases"}).relations == [Relation(T, C, "eases")]


@pytest.mark.parametrize("name", ["gone", "", None, 7, 1.5, True, ["a"], {"id": "a"}])
def test_an_end_that_does_not_exist(name: Any) -> None:
    # The other end is named: there the relation can be found.
    for item in (arrow(TEA, name), arrow(name, TEA), arrow(name, TEA, direction="left")):
        assert [(i.code, i.region_id) for i in read(item).lost] == [("end_missing", TEA["id"])]
    assert [(i.code, i.region_id) for i in read(arrow(name, name)).lost] == [("end_missing", "")]
    assert codes(read({"type": "relation"})) == ["relation_without_label"]
    assert codes(read({"type": "relation"}, request=ANY)) == ["end_missing"]


def test_ids_may_be_numbers() -> None:
    regions = (b.region(5, 10, id=1), b.region(41, 50, "Remedy", id="2"))
    for one, other in ((2, 1), ("2", "1")):
        assert read(arrow(one, other), regions=regions).relations == [Relation(T, C, "eases")]


def test_a_region_without_an_id_is_no_end() -> None:
    nameless = {**COUGH, "id": None}
    assert codes(read(arrow(TEA, "#0"), regions=(nameless, TEA))) == ["end_missing"]
    assert codes(read(arrow(TEA, None), regions=(nameless, TEA))) == ["end_missing"]


@pytest.mark.parametrize(
    "end",
    [
        b.region(5, 10, id="e", text="x" * 50),  # its offsets do not match
        b.region(5, 10, "Odd", id="e"),  # a label that the config does not have
        {"id": "e", "type": "labels"},
        {"id": "e", "type": "labels", "value": {"start": 5, "end": 10, "labels": []}},
        {"id": "e", "type": "paragraphlabels", "value": {}},
        {**ABSENT, "id": "e"},  # a label that is no NER label
    ],
)
def test_an_end_that_is_lost_itself(end: dict[str, Any]) -> None:
    for item in (arrow("e", TEA), arrow(TEA, "e"), arrow("e", "e2", direction="bi")):
        reading = read(item, regions=(end, {**end, "id": "e2"}, TEA))
        assert [(i.code, i.region_id) for i in reading.lost] == [("end_lost", "e")]


def test_an_end_in_another_text_is_lost() -> None:
    title = b.region(5, 10, to_name="title", id="e")
    request = Request(text_name="text", relations=())
    assert codes(read(arrow(TEA, "e"), regions=(title, TEA), request=request)) == ["end_lost"]


def test_an_end_that_is_no_span() -> None:
    choice = b.choice("mood", "calm")
    for end in (BOX, choice):
        reading = read(arrow(TEA, end), regions=(TEA, BOX, choice))
        assert [(i.code, i.region_id) for i in reading.lost] == [("end_not_span", end["id"])]


def test_what_is_noted_on_a_region_has_its_id() -> None:
    note = {"id": TEA["id"], "type": "textarea", "value": {"start": 41, "end": 50, "text": ["hot"]}}
    assert read(arrow(TEA, COUGH), regions=(note, COUGH, TEA, note)).relations == [Relation(T, C, "eases")]


def test_a_span_is_not_related_to_itself() -> None:
    for item in (arrow(TEA, TEA), arrow(TEA, TEA, direction="bi")):
        assert [(i.code, i.region_id) for i in read(item).lost] == [("relation_to_itself", TEA["id"])]
    twice = {**TEA, "id": "again"}
    assert codes(read(arrow(TEA, twice), regions=(TEA, twice))) == ["relation_to_itself"]
    # Two labels on the same words are two spans.
    other = b.region(41, 50)
    assert read(arrow(TEA, other), regions=(TEA, other)).relations == [Relation(T, Span(41, 50, "Symptom"), "eases")]


def test_the_same_relation_counts_once() -> None:
    item = arrow(TEA, COUGH)
    reading = read(item, item, arrow(COUGH, TEA, direction="left"), arrow(COUGH, TEA), arrow(TEA, COUGH, "causes"))
    assert reading.relations == [Relation(C, T, "eases"), Relation(T, C, "causes"), Relation(T, C, "eases")]
    assert [(i.code, i.region_id, i.label) for i in reading.lost] == [("duplicate_relation", TEA["id"], "eases")] * 2
    twice = {**TEA, "id": "again"}
    reading = read(arrow(TEA, COUGH), arrow(twice, COUGH), regions=(TEA, COUGH, twice))
    assert (reading.relations[0].from_id, [i.region_id for i in reading.lost]) == ("again", [TEA["id"]])


def test_one_way_is_contained_in_both_ways() -> None:
    both = arrow(TEA, COUGH, direction="bi")
    reading = read(arrow(TEA, COUGH), arrow(COUGH, TEA), both, arrow(COUGH, TEA, direction="bi"))
    assert reading.relations == [Relation(C, T, "eases", "bi")]
    assert codes(reading) == ["duplicate_relation"] * 3


def test_an_id_of_different_spans_is_no_end() -> None:
    regions = (COUGH, b.region(28, 33, id="e"), b.region(41, 50, "Remedy", id="e"))
    assert [(i.code, i.region_id) for i in read(arrow(COUGH, "e"), regions=regions).lost] == [("ambiguous_end", "e")]
    # Two labels on one region are one end: the first by name.
    both = (COUGH, b.region(41, 50, id="e"), b.region(41, 50, "Remedy", id="e"))
    assert read(arrow("e", COUGH), regions=both).relations == [Relation(T, C, "eases")]
    several = b.region(41, 50, id="e")
    several["value"]["labels"] = ["Symptom", "Remedy", "Odd"]
    assert read(arrow("e", COUGH), regions=(COUGH, several)).relations == [Relation(T, C, "eases")]


def test_a_span_that_overlaps_a_longer_one_is_an_end() -> None:
    longer = b.region(0, 10)
    reading = read_all(longer, COUGH, TEA, arrow(TEA, COUGH), request=REQUEST)
    assert [span.start for span in reading.spans.spans] == [0, 41]
    assert reading.relations.relations == [Relation(T, C, "eases")]


def test_offsets_of_ends_are_repaired_as_those_of_spans_are() -> None:
    text = "😀 Tea for coughs."
    tea, coughs = (b.region(start, end, text=text, id=name) for start, end, name in ((2, 5, "t"), (10, 16, "c")))
    for item in (tea, coughs):
        item["value"] |= {"start": item["value"]["start"] + 1, "end": item["value"]["end"] + 1}
    (relation,) = read_all(tea, coughs, arrow("t", "c"), text=text).relations.relations
    assert [text[span.start : span.end] for span in (relation.from_span, relation.to_span)] == ["Tea", "coughs"]


def test_relations_of_a_task_without_text_are_counted() -> None:
    reading = read_all(COUGH, TEA, BOX, arrow(TEA, COUGH), arrow(TEA, BOX), arrow(TEA, "gone"), text=" ").relations
    assert (codes(reading), reading.entered) == (["text_missing", "end_not_span", "end_missing"], 3)


def test_every_reason_has_its_text() -> None:
    assert HINTS.keys() <= LOSSES.keys()
    for code, text in LOSSES.items():
        assert loss(code, "relations", 2) == pluralize(text, 2)
        assert loss(code, "relations", 1) != loss(code, "relations", 2)


def test_nothing_of_the_text_is_shown() -> None:
    reading = read(arrow(TEA, "No fever."), arrow("honey tea", "Mild cough"), arrow(TEA, BOX), arrow(COUGH, COUGH))
    assert len(reading.lost) == 4
    shown = repr(reading.lost)
    assert not [words for words in ("fever", "honey", "cough") if words in shown.lower()]


# Most relations connect two of a few regions, so that they meet each other.
FIXED = [b.region(5, 10, id="a"), b.region(41, 50, "Remedy", id="b"), b.region(5, 10, id="twin")]
PAIRS = st.one_of(
    st.sampled_from([("a", "b"), ("b", "a"), ("twin", "b"), ("a", "twin")]),
    st.tuples(*[st.sampled_from(["a", "c", 1, "1", "gone", "box", None])] * 2),
)
ARROWS = st.builds(
    lambda ends, labels, direction: arrow(*ends, direction=direction) | {"labels": labels},
    PAIRS,
    st.sampled_from([["eases"], ["eases", "odd"], ["eases", "causes"], [None], []]),
    st.sampled_from(["right", "left", "bi", None, "up"]),
)
REGIONS = st.builds(
    lambda edges, label, name, text: b.region(*edges, label, id=name, text=text),
    st.sampled_from([(5, 10), (41, 50), (0, 10)]),
    st.sampled_from(["Symptom", "Remedy", "Absent", "Odd"]),
    st.sampled_from(["a", "c", 1, "box", None]),
    st.sampled_from([b.TEXT, b.TEXT, "x" * 60]),
)


@given(
    st.lists(REGIONS, max_size=3), st.lists(ARROWS, min_size=1, max_size=8), st.sampled_from([REQUEST, ANY]), st.data()
)
def test_nothing_vanishes_and_the_order_does_not_matter(
    regions: list[Any], arrows: list[Any], request: Request, data: st.DataObject
) -> None:
    result = [*FIXED, *regions, BOX, *arrows]
    reading = read_all(*result, request=request).relations
    assert reading.entered == len(reading.relations) + len(reading.lost)
    assert reading.entered == sum(max(1, len({name for name in item["labels"] if name})) for item in arrows)
    assert reading.relations == sorted(reading.relations)
    assert {incident.code for incident in reading.lost} <= LOSSES.keys()
    assert {result[one.item]["type"] for one in (*reading.relations, *reading.lost)} <= {"relation"}
    for one in reading.relations:
        assert (one.from_span != one.to_span, one.direction in ("right", "bi")) == (True, True)
    ways = Counter((one.from_span, one.to_span, one.label) for one in reading.relations)
    ways.update((one.to_span, one.from_span, one.label) for one in reading.relations if one.direction == "bi")
    assert set(ways.values()) <= {1}
    other = read_all(*data.draw(st.permutations(result)), request=request).relations
    assert [(one, one.from_id, one.to_id) for one in other.relations] == [
        (one, one.from_id, one.to_id) for one in reading.relations
    ]
    assert Counter(other.lost) == Counter(reading.lost)


@given(
    st.fixed_dictionaries(
        {"type": st.just("relation")},
        optional={
            name: st.recursive(
                st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3)),
                lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=2), inner)),
                max_leaves=3,
            )
            for name in ("from_id", "to_id", "direction", "labels", "id", "value")
        },
    )
)
def test_foreign_values_are_counted(item: dict[str, Any]) -> None:
    reading = read(item, request=ANY)
    assert reading.entered == len(reading.lost) >= 1


def test_all_relations_of_a_real_project_are_read(shared_data: Path) -> None:
    project = open_project(shared_data / "projects" / "conll04-relations.zip")
    assert project.config is not None
    labels = {relation.name for relation in project.config.relations}
    assert labels == {"Kill", "Live_In", "Located_In", "OrgBased_In", "Work_For"}
    reader = AnnotationReader(Request(relations=labels))
    kept: Counter[str] = Counter()
    for task in project.tasks():
        reading = reader.read(task, task.completions[0]).relations
        assert reading.lost == []
        kept.update(one.label for one in reading.relations)
    assert kept == {"Live_In": 521, "OrgBased_In": 452, "Located_In": 406, "Work_For": 401, "Kill": 268}


def test_the_relations_of_a_real_export_keep_their_direction(shared_data: Path) -> None:
    project = open_project(shared_data / "exports" / "alab_demo.json")
    chosen = {decision.task_id: decision.completion_id for decision in select_project(project).decisions}
    reader = AnnotationReader(Request(ignored={"ABSENT"}, relations=()))
    relations: list[Relation] = []
    for task in project.tasks():
        (completion,) = [one for one in task.completions if one.id == chosen[task.id]]
        reading = reader.read(task, completion).relations
        assert reading.lost == []
        relations += reading.relations
    assert Counter((one.from_span.label, one.label, one.to_span.label) for one in relations) == {
        ("DATE", "is_date_of", "PROBLEM"): 6,
        ("TREATMENT", "is_treatment_of", "PROBLEM"): 2,
        ("TEST", "is_test_of", "PROBLEM"): 2,
    }
    # The product's own helper gives the ends in text order instead.
    assert any(one.from_span > one.to_span for one in relations)

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.annotations.account import ItemAccount
from alabtrain.annotations.items import read_regions
from alabtrain.annotations.reader import NOT_TRAINED, USED, AnnotationReader, Reading
from alabtrain.annotations.relations import RelationReading
from alabtrain.annotations.request import Request, request_everything
from alabtrain.core.funnel import Funnel
from alabtrain.labeling.config import parse_config
from alabtrain.pages.words import read_pages
from alabtrain.project.parsing import parse_task
from alabtrain.project.records import Task
from tests.support import builders as b

CONFIG = parse_config(
    b"""<View>
  <Labels name="label" toName="text"><Label value="Drug"/><Label value="Dose"/>
    <Label value="Absent" assertion="true"/></Labels>
  <Choices name="mood" toName="text"><Choice value="calm"/><Choice value="tense"/></Choices>
  <Choices name="about" toName="text" choice="multiple"><Choice value="a"/><Choice value="b"/></Choices>
  <Rating name="stars" toName="text"/>
  <RectangleLabels name="box" toName="image"><Label value="Total"/></RectangleLabels>
  <Text name="text" value="$text"/><Image name="image" value="$image"/>
</View>""",
    where="config.xml",
)
TEXT = "Ibuprofen 400 mg, no paracetamol."
PAGE = {"image": "p.png", "ocr_text": [[{"text": "Total", "x": 0, "y": 0, "width": 10, "height": 5}]]}
EVERYTHING = request_everything(CONFIG)


def task_of(result: list[dict[str, Any]], data: dict[str, Any] | None = None) -> Task:
    completion = {"id": 11, "created_username": "ann", "submitted_at": "2023-01-01T10:00:00Z", "result": result}
    raw = {"id": 1, "data": {"text": TEXT} if data is None else data, "completions": [completion]}
    return parse_task(raw, where="tasks.json")


def read(result: list[dict[str, Any]], request: Request = EVERYTHING, data: dict[str, Any] | None = None) -> Reading:
    task = task_of(result, data)
    return AnnotationReader(request).read(task, task.completions[0], read_pages(task, "image"))


def span(start: int, end: int, *labels: str, name: str | int = "r") -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": list(labels), "text": TEXT[start:end]}
    return {"id": name, "from_name": "label", "to_name": "text", "type": "labels", "value": value}


def choice(group: str, *values: str) -> dict[str, Any]:
    return {
        "id": f"c{group}",
        "from_name": group,
        "to_name": "text",
        "type": "choices",
        "value": {"choices": list(values)},
    }


STARS = {"id": "s", "from_name": "stars", "to_name": "text", "type": "rating", "value": {"rating": 3}}
ARROW = {"type": "relation", "from_id": "r", "to_id": "q", "direction": "right"}


def fates(reading: Reading) -> list[str]:
    return [item.fate for item in reading.items]


def test_each_item_is_used_lost_or_not_trained_on() -> None:
    reading = read([
        span(0, 9, "Drug"), span(0, 9, "Absent"), span(10, 16, "Dose"), span(10, 13, "Dose"), span(0, 9, "Other"),
        choice("mood", "calm"), choice("about", "c"), STARS, ARROW, {"type": "labels", "from_name": "label"}, {},
    ])  # fmt: skip
    assert fates(reading) == [
        USED, USED, USED, "overlap", "unknown_label", USED, "unknown_choice", NOT_TRAINED, NOT_TRAINED,
        "region_without_value", NOT_TRAINED,
    ]  # fmt: skip
    assert [item.control for item in reading.items][7:9] == ["stars (rating)", "relation"]


def test_an_item_with_several_labels_is_used_if_one_of_them_is() -> None:
    assert fates(read([span(0, 9, "Other", "Drug")])) == [USED]


def test_what_was_not_asked_for_is_not_trained_on() -> None:
    only_mood = Request(spans=False, groups=CONFIG.usable_choices[:1])
    reading = read([span(0, 9, "Drug"), choice("mood", "calm"), choice("about", "a")], only_mood)
    assert fates(reading) == [NOT_TRAINED, USED, NOT_TRAINED]


def test_relations_that_were_asked_for_are_used_or_lost() -> None:
    result = [span(0, 9, "Drug"), span(10, 16, "Dose", name="q"), ARROW, {**ARROW, "to_id": "none"}]
    reading = read(result, Request(relations=()))
    assert fates(reading) == [USED, USED, USED, "end_missing"]
    (relation,) = reading.relations.relations
    assert (relation.from_span.label, relation.to_span.label, relation.item) == ("Drug", "Dose", 2)
    assert fates(read(result, Request(relations={"eases"})))[2:] == ["relation_without_label"] * 2


def test_no_model_is_trained_on_relations_so_nobody_asks_for_them() -> None:
    assert (EVERYTHING.relations, request_everything(None).relations) == (None, None)


def test_relations_need_spans_and_so_these_are_read() -> None:
    result = [span(0, 9, "Drug"), span(10, 16, "Dose", name="q"), ARROW]
    assert fates(read(result, Request(spans=False, relations=()))) == [USED] * 3
    assert fates(read(result, Request(spans=False))) == [NOT_TRAINED] * 3


@pytest.mark.parametrize(("data", "code"), [({}, "no_text"), ({"text": " "}, "empty_text"), ({"text": 1}, "no_text")])
def test_without_a_text_everything_about_it_is_lost(data: dict[str, Any], code: str) -> None:
    reading = read([span(0, 9, "Drug"), span(0, 9, "Absent"), choice("mood", "calm"), STARS], data=data)
    assert (reading.text, reading.no_text) == (None, code)
    assert fates(reading) == ["text_missing", "text_missing", "text_missing", NOT_TRAINED]


def test_the_account_names_the_controls_that_are_not_trained_on() -> None:
    account = ItemAccount()
    account.take(read([span(0, 9, "Drug"), STARS, STARS, ARROW]).items)
    (finding,) = account.findings()
    assert (finding.code, finding.count, finding.examples) == (NOT_TRAINED, 3, ("stars (rating): 2", "relation: 1"))
    assert account.by_control()["label (labels)"] == {USED: 1}


def test_regions_are_read_and_broken_ones_counted() -> None:
    html = {"id": "h", "from_name": "l", "type": "hypertextlabels",
            "value": {"start": "/p[1]", "end": "/p[1]", "text": "x", "hypertextlabels": ["A", "B"],
                      "globalOffsets": {"start": 4, "end": 5}}}  # fmt: skip
    broken: list[dict[str, Any]] = [
        {"type": "labels", "id": "a"},
        {"type": "labels", "value": {"start": 1, "end": 2, "labels": []}},
        {"type": "labels", "value": {"start": 1, "end": 2, "labels": [{}]}},
        {"type": "choices", "value": []},
        {"type": "paragraphlabels", "value": {}},
        {"type": ["labels"]},
        {},
    ]
    found, lost = read_regions([*b.RESULT, html, *broken])
    assert [(r.start, r.end, r.labels) for r in found] == [
        (5, 10, ("Symptom",)), (28, 33, ("Symptom",)), (28, 33, ("Absent",)), (41, 50, ("Remedy",)),
        (4, 5, ("A", "B")),
    ]  # fmt: skip
    assert Counter(code for code, _item in lost) == {
        "region_without_value": 1, "region_without_label": 2, "unsupported_region": 1,
    }  # fmt: skip
    assert [item for _code, item in lost] == [7, 8, 9, 11]


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "start": st.one_of(st.integers(-2, 40), st.none(), st.text(max_size=2)),
        "end": st.one_of(st.integers(-2, 40), st.floats()),
        "text": st.one_of(st.sampled_from(["Ibuprofen", "400 mg", ""]), st.none()),
        "labels": st.lists(st.sampled_from(["Drug", "Dose", "Absent", "Other"]), max_size=3),
        "rectanglelabels": st.lists(st.sampled_from(["Total", "Other"]), max_size=2),
        "choices": st.lists(st.sampled_from(["calm", "tense", "a", "b", "c"]), max_size=3),
        "x": st.floats(0, 100), "y": st.floats(0, 100), "width": st.floats(0, 100), "height": st.floats(0, 100),
    },
)  # fmt: skip
ITEMS = st.fixed_dictionaries(
    {"type": st.sampled_from(["labels", "choices", "rectanglelabels", "rating", "relation", "textarea", "paragraphlabels", 7])},
    optional={
        "id": st.one_of(st.sampled_from(["r", "q"]), st.integers(0, 2), st.none()),
        "from_name": st.sampled_from(["label", "mood", "about", "box", "stars", ""]),
        "to_name": st.sampled_from(["text", "image", "", "other"]),
        "value": st.one_of(VALUES, st.none(), st.text(max_size=2)),
        "original_width": st.just(100), "original_height": st.just(100),
    },
)  # fmt: skip
NAMES = st.sampled_from(["r", "q", 0, "0"])
MARKED = st.builds(
    lambda edges, label, name: span(*edges, label, name=name),
    st.sampled_from([(0, 9), (10, 16), (10, 13), (21, 32)]),
    st.sampled_from(["Drug", "Dose", "Absent"]),
    NAMES,
)
ARROWS = st.fixed_dictionaries(
    {"type": st.just("relation")},
    optional={
        "from_id": st.one_of(NAMES, st.none()), "to_id": st.one_of(NAMES, st.just([])),
        "direction": st.sampled_from(["right", "left", "bi", "up", None, 1]),
        "labels": st.one_of(
            st.lists(st.sampled_from(["eases", "harms", "", 3]), max_size=3), st.just("eases"), st.none()
        ),
    },
)  # fmt: skip
RESULTS = st.lists(st.one_of(ITEMS, MARKED, ARROWS), max_size=8)
REQUESTS = st.builds(
    Request,
    spans=st.booleans(),
    labels=st.one_of(st.none(), st.sets(st.sampled_from(["Drug", "Dose", "Absent"]))),
    ignored=st.sets(st.sampled_from(["Absent"])),
    statuses=st.one_of(st.none(), st.sets(st.sampled_from(["Absent", "Dose"]))),
    unlabeled_status=st.one_of(st.none(), st.just("Present")),
    groups=st.one_of(st.none(), st.sampled_from([(), CONFIG.usable_choices, CONFIG.usable_choices[:1]])),
    only_group=st.booleans(),
    choices_without_text=st.booleans(),
    boxes=st.booleans(),
    box_labels=st.one_of(st.none(), st.sets(st.sampled_from(["Total"]))),
    relations=st.one_of(st.none(), st.sets(st.sampled_from(["eases", "harms"]))),
)
DATA = st.sampled_from([{"text": TEXT}, {"text": " "}, {}, {"text": TEXT, **PAGE}, PAGE])


@given(RESULTS, REQUESTS, DATA)
def test_items_in_are_items_used_lost_and_not_trained_on(
    result: list[dict[str, Any]], request: Request, data: dict[str, Any]
) -> None:
    reading = read(result, request, data)
    assert len(reading.items) == len(result)
    account = ItemAccount()
    account.take(reading.items)
    stage = account.to_stage()
    assert stage.entered == len(result)
    assert stage.left == fates(reading).count(USED)
    Funnel((stage,)).check()
    assert sum(sum(by_fate.values()) for by_fate in account.by_control().values()) == len(result)
    # What was read balances in its own unit, too.
    assert reading.spans.entered == len(reading.spans.spans) + len(reading.spans.lost)
    assert reading.statuses.entered == len(reading.statuses.statuses) + len(reading.statuses.lost)
    assert reading.boxes.entered == len(reading.boxes.boxes) + len(reading.boxes.lost)
    assert reading.relations.entered == len(reading.relations.relations) + len(reading.relations.lost)
    for classes in reading.choices.values():
        assert classes.entered == len(classes.values) + len(classes.lost)
    # Relations are none of the others' business.
    of_relations = [item.fate for item in reading.items if "relation" in item.control]
    if request.relations is None:
        assert (set(of_relations) <= {NOT_TRAINED}, reading.relations) == (True, RelationReading())
    else:
        assert NOT_TRAINED not in of_relations


@given(st.lists(st.one_of(MARKED, ARROWS, ITEMS), max_size=9), REQUESTS, DATA, st.data())
def test_relations_do_not_depend_on_the_order_of_the_items(
    result: list[dict[str, Any]], request: Request, data: dict[str, Any], draw: st.DataObject
) -> None:
    mine, theirs = (read(items, request, data) for items in (result, draw.draw(st.permutations(result))))
    assert mine.relations.relations == theirs.relations.relations
    ids = [[(one.from_id, one.to_id) for one in reading.relations.relations] for reading in (mine, theirs)]
    assert ids[0] == ids[1]
    assert Counter(mine.relations.lost) == Counter(theirs.relations.lost)
    fates = [Counter(item for item in reading.items if "relation" in item.control) for reading in (mine, theirs)]
    assert fates[0] == fates[1]

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.annotations.items import Region
from alabtrain.annotations.spans import Span, read_spans
from alabtrain.annotations.statuses import LOSSES, NOTES, REPAIRS, Status, StatusReading, read_statuses
from alabtrain.core.errors import InputError
from alabtrain.documents.document import Documents
from alabtrain.documents.split import Split
from alabtrain.documents.texts import DocumentRequest, read_documents
from alabtrain.project.parsing import parse_task
from alabtrain.project.project import open_project
from alabtrain.selection.options import SelectionOptions
from alabtrain.selection.select import select, select_project
from tests.support import builders as b

TEXT = "No fever. Severe chest pain (cough) since Monday."
FEVER, PAIN, COUGH = (3, 8), (17, 27), (29, 34)
SAID = {"Absent", "Present"}


def region(start: int, end: int, *labels: str, name: str = "", text: str | None = None) -> Region:
    stored = TEXT[start:end] if text is None else text
    return Region(name or f"{start}-{end}-{labels[0]}", "label", start, end, stored, labels)


def read(*regions: Region, unlabeled: str | None = None, text: str = TEXT) -> StatusReading:
    placed = read_spans(text, regions, {"Problem", "Sign"}, SAID).aligned
    return read_statuses(text, regions, placed, SAID, unlabeled)


def codes(reading: StatusReading) -> list[str]:
    return [incident.code for incident in reading.lost]


def test_a_status_is_a_second_region_on_the_same_words() -> None:
    reading = read(region(*FEVER, "Problem"), region(*FEVER, "Absent", name="s"), region(*PAIN, "Problem"))
    assert reading.statuses == [Status(*FEVER, "Absent", "Problem")]
    assert reading.statuses[0].region_id == "s"
    assert (reading.entered, reading.lost, reading.repaired) == (1, [], [])
    assert [(i.code, i.region_id, i.label) for i in reading.noted] == [
        ("span_without_status", "17-27-Problem", "Problem")
    ]


def test_one_region_may_have_both_labels() -> None:
    assert read(region(*FEVER, "Absent", "Problem")).statuses == [Status(*FEVER, "Absent", "Problem")]


@pytest.mark.parametrize(
    ("ner", "status"),
    [
        (FEVER, (3, 9)),  # "fever" and "fever."
        ((3, 9), FEVER),
        (COUGH, (28, 35)),  # "cough" and "(cough)"
        ((29, 35), (28, 34)),  # "cough)" and "(cough"
        ((28, 35), COUGH),
        (FEVER, (2, 10)),  # with blanks too
    ],
)
def test_edges_may_differ_by_blanks_and_punctuation(ner: tuple[int, int], status: tuple[int, int]) -> None:
    reading = read(region(*ner, "Problem"), region(*status, "Absent"))
    assert reading.statuses == [Status(*ner, "Absent", "Problem")]
    assert "trimmed_edges" in [incident.code for incident in reading.repaired]
    assert (reading.lost, reading.noted) == ([], [])


def test_a_status_that_ends_at_punctuation_is_kept() -> None:
    for end, mark in ((8, "."), (34, ")")):
        assert TEXT[end] == mark
        start = end - 5
        assert len(read(region(start, end, "Problem"), region(start, end, "Absent")).statuses) == 1
        with_mark = read(region(start, end + 1, "Problem"), region(start, end + 1, "Absent"))
        assert with_mark.statuses == [Status(start, end + 1, "Absent", "Problem")]
        assert with_mark.repaired == []


def test_the_same_edges_beat_those_that_differ() -> None:
    reading = read(region(3, 9, "Problem"), region(*FEVER, "Sign"), region(*FEVER, "Absent"), region(3, 9, "Present"))
    assert reading.statuses == [Status(3, 8, "Absent", "Sign"), Status(3, 9, "Present", "Problem")]
    # What was marked twice, with and without its punctuation, was judged once.
    reading = read(region(3, 9, "Problem"), region(*FEVER, "Sign"), region(*FEVER, "Absent"), unlabeled="Present")
    assert (reading.statuses, reading.noted) == ([Status(3, 8, "Absent", "Sign")], [])


def test_the_nearest_of_several_regions_is_meant() -> None:
    reading = read(region(28, 34, "Sign"), region(*COUGH, "Problem"), region(28, 35, "Absent"))
    assert reading.statuses == [Status(28, 34, "Absent", "Sign")]


def test_a_status_on_other_words_is_lost() -> None:
    reading = read(region(*FEVER, "Problem"), region(0, 8, "Absent"), region(*FEVER, "Unknown"))
    assert (codes(reading), reading.entered) == (["status_without_span"], 1)
    assert codes(read(region(*FEVER, "Absent"))) == ["status_without_span"]
    assert codes(read(region(*FEVER, "Other"), region(*FEVER, "Absent"))) == ["status_without_span"]


def test_different_statuses_lose_each_other_and_equal_ones_count_once() -> None:
    problem = region(*FEVER, "Problem")
    reading = read(problem, region(*FEVER, "Absent"), region(3, 9, "Present"), region(*FEVER, "Absent", name="again"))
    assert (reading.statuses, codes(reading)) == ([], ["two_statuses"] * 3)
    # Something was said of it: it is not one of those that an option gives a status.
    assert read(problem, region(*FEVER, "Absent"), region(*FEVER, "Present"), unlabeled="Past").noted == []
    reading = read(problem, region(*FEVER, "Absent", name="b"), region(3, 9, "Absent", name="a"))
    assert reading.statuses[0].region_id == "a"
    assert [(i.code, i.region_id) for i in reading.lost] == [("duplicate_status", "b")]


def test_offsets_are_repaired_as_those_of_spans_are() -> None:
    text = "😀 No fever."
    spans = [Span(5, 10, "Problem")]
    shifted = Region("s", "label", 6, 11, "fever", ("Absent",))
    reading = read_statuses(text, [shifted], spans, SAID)
    assert reading.statuses == [Status(5, 10, "Absent", "Problem")]
    assert [incident.code for incident in reading.repaired] == ["utf16_offsets"]
    wrong = Region("s", "label", 5, 10, "cough", ("Absent",))
    assert codes(read_statuses(text, [wrong], spans, SAID)) == ["misaligned"]


def test_a_status_of_a_region_that_overlaps_a_longer_one_is_kept() -> None:
    regions = [region(10, 27, "Problem"), region(*PAIN, "Sign"), region(*PAIN, "Absent")]
    assert read_spans(TEXT, regions, None, SAID).spans == [Span(10, 27, "Problem")]
    reading = read(*regions)
    assert reading.statuses == [Status(*PAIN, "Absent", "Sign")]
    assert [incident.label for incident in reading.noted] == ["Problem"]


def test_words_with_several_ner_labels_have_one_status() -> None:
    regions = [region(*FEVER, "Sign"), region(*FEVER, "Problem"), region(*FEVER, "Absent")]
    assert read(*regions).statuses == read(*regions[::-1]).statuses == [Status(*FEVER, "Absent", "Problem")]


def test_regions_without_a_status_may_be_given_one() -> None:
    reading = read(region(*FEVER, "Problem"), region(*FEVER, "Absent"), region(*PAIN, "Sign"), unlabeled="Present")
    assert reading.statuses == [Status(*FEVER, "Absent", "Problem"), Status(*PAIN, "Present", "Sign")]
    assert (reading.entered, reading.statuses[1].region_id) == (2, "17-27-Sign")
    assert [incident.code for incident in reading.noted] == ["status_given"]


def test_words_of_nothing_but_punctuation_match_by_their_edges_only() -> None:
    text = "Babinski ++ --"
    spans = [Span(9, 11, "Sign"), Span(12, 14, "Sign")]
    item = Region("s", "label", 12, 14, "--", ("Absent",))
    assert read_statuses(text, [item], spans, SAID).statuses == [Status(12, 14, "Absent", "Sign")]
    assert codes(read_statuses(text, [item], spans[:1], SAID)) == ["status_without_span"]


def test_a_status_in_another_text_is_lost() -> None:
    item = Region("s", "label", 3, 8, "fever", ("Absent",), "title")
    reading = read_statuses(TEXT, [item], [Span(3, 8, "Problem")], SAID, text_name="body")
    assert (reading.statuses, codes(reading)) == ([], ["other_text"])


REGIONS = st.lists(
    st.tuples(
        st.integers(0, len(TEXT)),
        st.integers(0, 12),
        st.lists(st.sampled_from(["Problem", "Sign", "Absent", "Present", "Odd"]), min_size=1, max_size=2, unique=True),
    ),
    max_size=12,
)


@given(REGIONS, st.sampled_from([None, "Present", "Other"]), st.data())
def test_nothing_vanishes_and_the_order_does_not_matter(
    cases: list[tuple[int, int, list[str]]], unlabeled: str | None, data: st.DataObject
) -> None:
    regions = [region(s, s + n, *labels, name=str(i)) for i, (s, n, labels) in enumerate(cases)]
    reading = read(*regions, unlabeled=unlabeled)
    assert reading.entered == len(reading.statuses) + len(reading.lost)
    given_ones = sum(incident.code == "status_given" for incident in reading.noted)
    assert reading.entered == sum(label in SAID for item in regions for label in item.labels) + given_ones
    assert {incident.code for incident in reading.lost} <= LOSSES.keys()
    assert {incident.code for incident in reading.repaired} <= REPAIRS.keys()
    assert {incident.code for incident in reading.noted} <= NOTES.keys()
    edges = Counter((status.start, status.end) for status in reading.statuses)
    assert set(edges.values()) <= {1}
    placed = {(span.start, span.end) for span in read_spans(TEXT, regions, {"Problem", "Sign"}, SAID).aligned}
    assert edges.keys() <= placed
    other = read(*data.draw(st.permutations(regions)), unlabeled=unlabeled)
    assert [(s, s.region_id) for s in other.statuses] == [(s, s.region_id) for s in reading.statuses]
    for mine, theirs in ((reading.lost, other.lost), (reading.repaired, other.repaired), (reading.noted, other.noted)):
        assert Counter(mine) == Counter(theirs)


def documents_of(*results: list[Any], text: str = b.TEXT, **options: Any) -> Documents:
    tasks = [
        parse_task(b.task(n, b.completion(n * 1000 + 1, result=result), data={"text": text}), where="test")
        for n, result in enumerate(results, 1)
    ]
    asked = {"labels": {"Symptom", "Remedy"}, "statuses": {"Absent"}, **options}
    return read_documents(tasks, select(tasks).decisions, request=DocumentRequest(**asked), split=Split(False, 0.0, 1))


def test_documents_have_statuses_and_their_account() -> None:
    documents = documents_of(b.RESULT, [b.region(5, 10), b.region(0, 10, "Absent")])
    assert documents.documents[0].statuses == (Status(28, 33, "Absent", "Symptom"),)
    assert [span.label for span in documents.documents[0].spans] == ["Symptom", "Symptom", "Remedy"]
    stages = {stage.name: stage for stage in documents.funnel}
    assert list(stages) == ["read text", "place in text", "pair statuses", "read results"]
    assert (stages["place in text"].entered, stages["place in text"].left) == (4, 4)
    stage = stages["pair statuses"]
    assert (stage.unit, stage.entered, dict(stage.lost)) == ("statuses", 2, {"status_without_span": 1})
    found = {finding.code: finding for finding in documents.findings}
    assert (found["span_without_status"].count, found["span_without_status"].severity) == (3, "info")
    assert found["status_without_span"].examples == ("task 2, region r0-10-Absent (Absent)",)
    assert "--unlabeled-status" in found["span_without_status"].hint
    documents.funnel.check()


def test_given_statuses_enter_the_account() -> None:
    documents = documents_of(b.RESULT, unlabeled_status="Present")
    assert [status.label for status in documents.documents[0].statuses] == ["Present", "Absent", "Present"]
    stage = documents.funnel.stages[2]
    assert (stage.entered, stage.left) == (3, 3)
    (finding,) = [finding for finding in documents.findings if finding.code == "status_given"]
    assert finding.message == "2 NER regions without an assertion label were given a status"


def test_an_account_of_its_own_for_each_kind_of_example() -> None:
    wrong = b.region(28, 33, "Absent", text="x" * 40)
    documents = documents_of([b.region(28, 33), b.region(5, 10, text="x" * 40), wrong, wrong])
    assert [dict(stage.lost) for stage in documents.funnel if stage.unit != "items"] == [
        {},
        {"misaligned": 1},
        {"misaligned": 2},
    ]
    messages = [finding.message for finding in documents.findings if finding.code == "misaligned"]
    assert messages == [
        "left out: 1 span whose offsets do not match its text",
        "left out: 2 assertion labels whose offsets do not match their text",
    ]


def test_the_spans_are_the_same_whether_statuses_are_read_or_not() -> None:
    results = [b.RESULT, [b.region(0, 10), b.region(5, 10), b.region(5, 10, "Absent"), b.region(5, 10, "Odd")]]
    without = documents_of(*results, statuses=None, ignored={"Absent"})
    both = documents_of(*results)
    assert [d.spans for d in without.documents] == [d.spans for d in both.documents]
    assert without.funnel.stages[:2] == both.funnel.stages[:2]
    assert all(not document.statuses for document in without.documents)


def test_a_label_of_both_kinds_is_no_status() -> None:
    documents = documents_of([b.region(5, 10)], statuses={"Absent", "Symptom"})
    assert [len(document.spans) for document in documents.documents] == [1]
    assert documents.documents[0].statuses == ()


def test_statuses_of_a_task_without_text_are_counted() -> None:
    documents = documents_of(b.RESULT, text=" ")
    assert [dict(stage.lost) for stage in documents.funnel if stage.unit != "items"] == [
        {"empty_text": 1},
        {"text_missing": 3},
        {"text_missing": 1},
    ]


@pytest.mark.parametrize(
    ("result", "code"),
    [
        ([b.region(28, 33), b.region(28, 34, "Absent")], "trimmed_edges"),
        ([b.region(28, 33, "Absent")], "status_without_span"),
    ],
)
def test_strict_refuses_what_was_repaired_or_lost(result: list[Any], code: str) -> None:
    with pytest.raises(InputError, match="--strict: assertion label ") as caught:
        documents_of(result, strict=True)
    assert caught.value.code == code
    # A region without a status is no fault.
    assert documents_of([b.region(28, 33)], strict=True, unlabeled_status="Present").documents[0].statuses


DEMO = """<View>
  <Labels name="label" toName="text">
    <Label value="PROBLEM"/><Label value="TREATMENT"/><Label value="TEST"/><Label value="DATE"/>
    <Label value="ABSENT" assertion="true"/>
  </Labels>
  <Choices name="sentiment" toName="text"><Choice value="Male"/><Choice value="Female"/></Choices>
  <Text name="text" value="$text"/>
</View>
"""


@pytest.mark.parametrize("priority", [(), ("annotator.one",), ("annotator.three",)])
def test_no_absent_of_a_real_export_is_lost(shared_data: Path, tmp_path: Path, priority: tuple[str, ...]) -> None:
    (tmp_path / "config.xml").write_text(DEMO)
    project = open_project(shared_data / "exports" / "alab_demo.json", config=tmp_path / "config.xml")
    selection = select_project(project, SelectionOptions(priority=tuple(priority)))
    assert project.config is not None
    options = DocumentRequest(
        labels={label.name for label in project.config.ner_labels},
        ignored={"ABSENT"},
        statuses={"ABSENT"},
        groups=(project.config.choices[0],),
    )
    documents = read_documents(project.tasks(), selection.decisions, request=options, split=Split(False, 0.0, 1))
    said = [(status.label, status.span_label) for d in documents.documents for status in d.statuses]
    assert said == [("ABSENT", "PROBLEM")] * 7
    # Four of them stand before a full stop or a bracket, where the product's own helper loses them.
    after = [d.text[status.end] for d in documents.documents for status in d.statuses]
    assert sum(char in ".)" for char in after) == 4
    assert [stage.name for stage in documents.funnel if stage.lost and stage.unit != "items"] == []
    (stage,) = [stage for stage in documents.funnel if stage.unit == "statuses"]
    assert (stage.entered, stage.left) == (7, 7)
    # Only annotator.three said of whom the texts are.
    group = project.config.choices[0].name
    chosen = [document.choices.get(group) for document in documents.documents]
    assert chosen == ([None] * 3 if priority == ("annotator.one",) else [("Female",), ("Female",), ("Male",)])


def test_all_statuses_of_a_real_project_are_accounted_for(shared_data: Path) -> None:
    project = open_project(shared_data / "projects" / "clinical-context.zip")
    assert project.config is not None
    statuses = {label.name for label in project.config.assertion_labels}
    options = DocumentRequest(
        labels={label.name for label in project.config.ner_labels}, ignored=statuses, statuses=statuses
    )
    decisions = select_project(project).decisions
    documents = read_documents(project.tasks(), decisions, request=options, split=Split(True, 0.0, 1))
    (stage,) = [stage for stage in documents.funnel if stage.unit == "statuses"]
    assert stage.entered == 2365 == stage.left + sum(stage.lost.values())
    kept = Counter(status.label for document in documents.documents for status in document.statuses)
    assert kept.total() == stage.left
    assert kept == {"Present": 1647, "Absent": 491, "Past": 227}

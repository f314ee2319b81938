from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.annotations.classes import LOSSES, ClassReading, read_classes
from alabtrain.cli import run
from alabtrain.core.errors import InputError
from alabtrain.documents.document import Documents
from alabtrain.documents.split import Split
from alabtrain.documents.texts import DocumentRequest, read_documents
from alabtrain.labeling.config import Choices
from alabtrain.project.parsing import parse_task
from alabtrain.project.project import open_project
from alabtrain.selection.select import select, select_project
from tests.support import builders as b

MOOD = Choices("mood", "text", "single", choices=("worried", "calm"))
MANY = Choices("mood", "text", "multiple", choices=("worried", "calm", "tired"))


def codes(reading: ClassReading) -> list[str]:
    return [incident.code for incident in reading.lost]


def chosen(*names: str, **fields: Any) -> dict[str, Any]:
    return {**b.choice("mood", *names), **fields}


def test_a_choice_is_read_by_the_name_of_its_group() -> None:
    reading = read_classes([*b.RESULT, b.choice("colour", "red"), chosen("calm", from_name="moods")], MOOD)
    assert (reading.values, reading.entered, reading.lost) == (("calm",), 1, [])


def test_an_item_without_a_group_counts_where_there_is_one_group_only() -> None:
    item = chosen("calm")
    del item["from_name"]
    assert read_classes([item], MOOD).entered == 0
    assert read_classes([item], MOOD, only_group=True).values == ("calm",)
    assert read_classes([b.choice("colour", "red")], MOOD, only_group=True).entered == 0


def test_several_values_come_in_the_order_of_the_config_then_by_name() -> None:
    assert read_classes([chosen("tired", "worried")], MANY).values == ("worried", "tired")
    free = Choices("mood", mode="multiple", choices=("b",), dynamic=True)
    assert read_classes([chosen("c", "a", "b")], free).values == ("b", "a", "c")


def test_two_values_of_a_single_choice_lose_each_other() -> None:
    reading = read_classes([chosen("calm"), chosen("worried"), chosen("calm")], MOOD)
    assert (reading.values, codes(reading)) == ((), ["several_choices"] * 3)
    # What the config does not have is lost by its own name, and still contradicts the other.
    reading = read_classes([chosen("calm", "bored")], MOOD)
    assert (reading.values, sorted(codes(reading))) == ((), ["several_choices", "unknown_choice"])


def test_a_repeated_value_counts_once() -> None:
    reading = read_classes([chosen("calm"), chosen("calm", "calm")], MOOD)
    assert (reading.values, codes(reading), reading.entered) == (("calm",), ["duplicate_choice"] * 2, 3)


def test_values_that_the_group_does_not_have_are_lost() -> None:
    reading = read_classes([chosen("calm", "bored")], MANY)
    assert (reading.values, [(i.code, i.label) for i in reading.lost]) == (("calm",), [("unknown_choice", "bored")])
    for group in (Choices("mood"), Choices("mood", dynamic=True, choices=("calm",))):
        assert read_classes([chosen("bored")], group).values == ("bored",)


def test_a_choice_of_a_region_is_not_for_the_task() -> None:
    with_place = chosen("calm")
    with_place["value"] |= {"start": 0, "end": 4}
    reading = read_classes([with_place, chosen("worried", id="r5-10-Symptom"), b.region(5, 10)], MOOD)
    assert (reading.values, codes(reading)) == ((), ["per_region", "per_region"])
    assert reading.lost[1].region_id == "r5-10-Symptom"
    box = {"type": "rectanglelabels", "id": 7, "value": {"x": 1, "rectanglelabels": ["Box"]}}
    assert codes(read_classes([box, chosen("calm", id=7)], MOOD)) == ["per_region"]
    assert read_classes([chosen("calm", id="same"), chosen("calm", id="same")], MOOD).values == ("calm",)


def test_nothing_chosen_is_no_value_and_no_loss() -> None:
    reading = read_classes([chosen()], MANY)
    assert (reading.values, reading.entered, reading.lost) == ((), 0, [])


@pytest.mark.parametrize(
    "value", [None, 3, "calm", [], {}, {"choices": None}, {"choices": [["calm"]]}, {"choices": [""]}]
)
def test_what_is_no_choice_is_counted(value: object) -> None:
    reading = read_classes([chosen(value=value), chosen("calm", id={"a": 1}, to_name=4)], MOOD)
    assert (reading.values, codes(reading), reading.entered) == (("calm",), ["choice_without_value"], 2)


def test_choices_for_another_text_are_lost() -> None:
    reading = read_classes([chosen("calm", to_name="title")], MOOD, text_name="text")
    assert (reading.values, codes(reading)) == ((), ["other_text"])
    other = Choices("mood", "title, body", choices=("calm",))
    item = chosen("calm", to_name="")
    assert read_classes([item], other, text_name="body").values == ("calm",)
    assert codes(read_classes([item], other, text_name="text")) == ["other_text"]


def test_choices_that_the_tasks_bring_are_not_shown() -> None:
    # They may be text of the task.
    reading = read_classes([chosen("No fever", "Mild cough")], Choices("mood", dynamic=True))
    assert codes(reading) == ["several_choices"] * 2
    assert "fever" not in repr(reading.lost)


ITEMS = st.builds(
    lambda name, values, place, number: {
        "type": "choices",
        "id": number,
        "value": {"choices": values, **({"start": 1} if place else {})},
        **({"from_name": name} if name else {}),
    },
    st.sampled_from(["mood", "colour", ""]),
    st.lists(st.sampled_from(["calm", "worried", "tired", "odd", "", None]), max_size=4),
    st.booleans(),
    st.sampled_from(["c", "r1", 7]),
)
GROUPS = st.sampled_from([MOOD, MANY, Choices("mood"), Choices("mood", mode="multiple", dynamic=True)])


@given(st.lists(ITEMS, max_size=6), GROUPS, st.booleans(), st.data())
def test_nothing_vanishes_and_the_order_does_not_matter(
    items: list[dict[str, Any]], group: Choices, only: bool, data: st.DataObject
) -> None:
    items = [*items, b.region(0, 4, id="r1")]
    reading = read_classes(items, group, only_group=only)
    assert reading.entered == len(reading.values) + len(reading.lost)
    assert {incident.code for incident in reading.lost} <= LOSSES.keys()
    assert group.mode == "multiple" or len(reading.values) <= 1
    other = read_classes(data.draw(st.permutations(items)), group, only_group=only)
    assert (other.values, sorted(codes(other))) == (reading.values, sorted(codes(reading)))


def read(*results: list[Any], text: str = b.TEXT, **options: Any) -> Documents:
    tasks = [
        parse_task(b.task(n, b.completion(n * 1000 + 1, result=result), data={"text": text}), where="test")
        for n, result in enumerate(results, 1)
    ]
    return read_documents(
        tasks, select(tasks).decisions, request=DocumentRequest(**options), split=Split(False, 0.0, 1)
    )


def test_documents_have_the_classes_that_were_asked_for() -> None:
    results = [[chosen("calm")], [], [chosen("calm", "worried")], [chosen("calm", "calm", "odd")]]
    documents = read(*results, groups=(MOOD,), spans=False)
    assert [document.choices for document in documents.documents] == [{"mood": ("calm",)}, {}, {}, {}]
    stages = {stage.name: stage for stage in documents.funnel}
    assert list(stages) == ["read text", "read choices", "read results"]
    stage = stages["read choices"]
    assert (stage.unit, stage.entered, stage.left) == ("choices", 6, 1)
    assert dict(stage.lost) == {"several_choices": 4, "unknown_choice": 1}
    found = {finding.code: finding for finding in documents.findings}
    assert (found["no_choice"].count, found["no_choice"].severity) == (3, "info")
    assert found["no_choice"].message == "3 chosen tasks have no usable choice, so they are not used for classification"
    assert found["several_choices"].examples == ("task 3 (calm)", "task 3 (worried)", "task 4 (calm)")
    assert found["unknown_choice"].message == "left out: 1 choice that the labeling config does not have"
    documents.funnel.check()


def test_nothing_of_choices_where_they_were_not_asked_for() -> None:
    documents = read([chosen("calm"), chosen("odd"), b.region(5, 10)])
    assert [document.choices for document in documents.documents] == [{}]
    assert [stage.name for stage in documents.funnel] == ["read text", "place in text", "read results"]
    (finding,) = documents.findings
    assert (finding.code, finding.severity, finding.examples) == ("not_trained_on", "info", ("mood (choices): 2",))


def test_choices_of_a_task_without_text_are_counted() -> None:
    documents = read([chosen("calm", "worried"), b.region(5, 10)], groups=(MANY,), text=" ")
    assert [dict(stage.lost) for stage in documents.funnel if stage.unit != "items"] == [
        {"empty_text": 1},
        {"text_missing": 1},
        {"text_missing": 2},
    ]
    assert "no_choice" not in {finding.code for finding in documents.findings}


def test_strict_refuses_a_lost_choice() -> None:
    with pytest.raises(InputError, match=r"--strict: choice that the labeling config does not have") as caught:
        read([chosen("odd")], groups=(MOOD,), strict=True)
    assert (caught.value.where, caught.value.code) == ("task 1 (odd)", "unknown_choice")
    assert read([], [chosen("calm")], groups=(MOOD,), strict=True).documents[1].choices == {"mood": ("calm",)}


@pytest.mark.parametrize(
    ("name", "group", "tasks", "values"),
    [
        ("clinical-context", "temporality", 2365, 2365),
        ("clinical-context", "experiencer", 2365, 2365),
        ("goemotions", "emotion", 10000, 9119 + 2 * 861 + 3 * 20),
    ],
)
def test_the_choices_of_real_projects_are_all_read(
    shared_data: Path, name: str, group: str, tasks: int, values: int
) -> None:
    project = open_project(shared_data / "projects" / f"{name}.zip")
    assert project.config is not None
    wanted = next(choices for choices in project.config.choices if choices.name == group)
    documents = read_documents(
        project.tasks(),
        select_project(project).decisions,
        request=DocumentRequest(text_key=project.config.text_key, groups=(wanted,), spans=False, strict=True),
        split=Split(True, 0.0, 1),
    )
    assert len(documents.documents) == tasks
    assert sum(len(document.choices.get(group, ())) for document in documents.documents) == values
    assert documents.funnel.stages[1].entered == values


def test_dropout_means_nothing_for_a_network_without_it(clinic: Path) -> None:
    arguments = ["train", str(clinic), "--type", "classification", "--dropout", "0.2"]
    assert run(arguments) == 2
    assert not Path("runs").exists()

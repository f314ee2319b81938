from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from alabtrain.core.json import to_json
from tests.support import builders as b
from tests.support.checks import GROUPS, Check, check_tasks, codes, found, moods, note


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return partial(check_tasks, tmp_path)


def test_a_single_status_or_class_cannot_be_learned(check: Check) -> None:
    config = b.CONFIG.replace('<Label value="Absent"', '<Label value="Past" assertion="true"/><Label value="Absent"')
    absent = [b.region(28, 33), b.region(28, 33, "Absent"), b.choice("mood", "calm")]
    past = [b.region(28, 33), b.region(28, 33, "Past"), b.choice("mood", "worried")]
    report = check([note(1, *absent), note(2, *absent), note(3, *past, tags=("Test",))], config=config)
    status, mood = found(report, "one_status"), found(report, "one_class")
    assert (status.severity, status.count, status.examples) == ("warning", 2, ("Absent",))
    assert status.message.startswith("2 training entities with a status have the same one")
    assert (mood.severity, mood.count, mood.examples) == ("warning", 2, ("calm (2)",))
    assert mood.message == "2 training tasks have the same class in mood: a model cannot learn a single class"
    assert codes(check([note(1, *absent), note(3, *past)], config=config)).isdisjoint({"one_status", "one_class"})


def test_choices(check: Check) -> None:
    other = b.choice("mood", "bored")
    report = check([note(1, b.choice("mood", "calm", "worried")), note(2, b.choice("colour", "red")), note(3, other)])
    assert found(report, "several_choices").examples == ("task 1 (mood)",)
    assert found(report, "several_choices").count == 2
    assert found(report, "unknown_group").examples == ("colour",)
    assert found(report, "no_choice_made").count == 1
    assert found(report, "unknown_label").examples == ("bored (1)",)


def test_groups_that_are_left_are_told_softly(check: Check) -> None:
    marked = GROUPS.replace('name="topics"', 'name="topics" train="true"')
    report = check(moods(2, 2), config=marked)
    assert found(report, "few_examples").severity == "info"
    assert {f.severity for f in report.findings if f.code == "unused_label"} == {"warning"}
    # The group that is trained has no example, though another one has.
    assert found(report, "no_examples").message.startswith("there is no usable example for classification")
    assert "no_examples" not in codes(check(moods(2, 2), config=GROUPS))


def test_choices_of_a_task_without_text_are_no_examples(check: Check) -> None:
    report = check([note(1, b.choice("mood", "calm"), text=" "), note(2, b.choice("mood", "worried"))], config=GROUPS)
    assert report.counts["labels"] == {"classification:mood": {"worried": {"train": 1, "test": 0}}}
    assert found(report, "empty_text").count == 1


def test_choices_that_the_tasks_bring_are_never_shown(check: Check) -> None:
    config = GROUPS.replace('name="mood" toName="text">', 'name="mood" toName="text" value="$options">')
    config = config.replace('<Choice value="calm"/><Choice value="worried"/>', "")
    tasks = [note(n, b.choice("mood", "a patient's words"), tags=("Test",) if n else ()) for n in range(4)]
    tasks.append(note(5, b.choice("mood", "a patient's words", "other patient's words")))
    report = check(tasks, config=config)
    assert "patient" not in to_json(report.to_dict())
    assert (found(report, "one_class").count, found(report, "several_choices").count) == (1, 2)


def test_a_group_without_choices_takes_any(check: Check) -> None:
    config = GROUPS.replace('<Choice value="calm"/><Choice value="worried"/>', "")
    report = check(moods(2, 3), config=config)
    assert "unknown_label" not in codes(report)
    assert found(report, "few_examples").examples == ("calm (2)", "worried (3)")


def test_of_several_texts_one_is_read(check: Check) -> None:
    config = b.CONFIG.replace("<Text ", '<Text name="title" value="$title"/><Text ')
    other, status = b.region(5, 10, to_name="title"), b.region(28, 33, "Absent", to_name="title")
    mood = {**b.choice("mood", "calm"), "to_name": "title"}
    report = check([note(1, b.region(28, 33), other, status, mood)], config=config)
    told = [finding.message for finding in report.findings if finding.code == "other_text"]
    assert told == [
        "not usable: 1 span of another text of the task",
        "not usable: 1 assertion label of another text of the task",
        "not usable: 1 choice for another text of the task",
    ]

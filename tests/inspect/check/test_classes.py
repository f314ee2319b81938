from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from alabtrain.core.json import to_json
from tests.support import builders as b
from tests.support.checks import Check, check_tasks, codes, found, note

GROUPS = """<View>
  <Choices name="mood" toName="text"><Choice value="calm"/><Choice value="worried"/></Choices>
  <Choices name="topics" toName="text" choice="multiple"><Choice value="sleep"/><Choice value="food"/></Choices>
  <Choices name="part" toName="text" perRegion="true"><Choice value="a"/></Choices>
  <Text name="text" value="$text"/>
</View>
"""


def moods(calm: int, worried: int, group: str = "mood") -> list[dict[str, Any]]:
    names = ["calm"] * calm + ["worried"] * worried
    return [note(n, b.choice(group, name), text=f"Note {n}.") for n, name in enumerate(names)]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return partial(check_tasks, tmp_path)


def test_an_assertion_label_is_not_unknown_and_needs_an_entity(check: Check) -> None:
    fever, cough = b.region(28, 33), b.region(5, 10)
    absent = b.region(28, 33, "Absent")
    loose = b.region(41, 50, "Absent")
    report = check([note(1, fever, absent, cough), note(2, loose), note(3, cough)])
    assert found(report, "status_without_span").examples == ("task 2, region r41-50-Absent (Absent)",)
    assert found(report, "span_without_status").count == 2
    assert report.counts["labels"]["assertion"] == {"Absent": {"train": 1, "test": 0}}
    assert "unknown_label" not in codes(report)


def test_an_assertion_label_matches_its_entity_but_for_blanks_and_punctuation(check: Check) -> None:
    report = check([note(1, b.region(28, 33), b.region(27, 34, "Absent"))])
    assert found(report, "trimmed_edges").severity == "info"
    assert "status_without_span" not in codes(report)
    report = check([note(1, b.region(28, 33), b.region(25, 33, "Absent"))])
    assert found(report, "status_without_span").count == 1


def test_assertion_labels_that_cannot_be_placed(check: Check) -> None:
    wrong = b.region(28, 33, "Absent")
    wrong["value"]["text"] = "other"
    report = check([note(1, b.region(28, 33), wrong)])
    assert found(report, "misaligned").message.startswith("not usable: 1 assertion label whose offsets")


def test_two_statuses_on_one_entity(check: Check) -> None:
    config = b.CONFIG.replace('<Label value="Absent"', '<Label value="Past" assertion="true"/><Label value="Absent"')
    report = check([note(1, b.region(28, 33), b.region(28, 33, "Absent"), b.region(28, 33, "Past"))], config=config)
    assert found(report, "two_statuses").count == 2
    assert report.counts["labels"].get("assertion") is None
    assert "overlap" not in codes(report)


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


def test_a_class_that_dominates_is_told(check: Check) -> None:
    finding = found(check(moods(96, 4), config=GROUPS), "one_class_dominates")
    assert (finding.severity, finding.examples) == ("info", ("calm (96)",))
    assert finding.message == "one class has 96.0 % of the training tasks in mood"
    assert "one_class_dominates" not in codes(check(moods(95, 5), config=GROUPS))
    assert "one_class_dominates" not in codes(check(moods(9, 0), config=GROUPS))
    multiple = GROUPS.replace('toName="text">', 'toName="text" choice="multiple">')
    assert "one_class_dominates" not in codes(check(moods(96, 4), config=multiple))
    assert "99.9 %" in found(check(moods(2999, 1), config=GROUPS), "one_class_dominates").message


def test_which_group_is_trained_is_told_where_there_are_several(check: Check) -> None:
    report = check(moods(2, 2), config=GROUPS)
    assert found(report, "choices_taken").examples == ("topics",)
    marked = GROUPS.replace('name="topics"', 'name="topics" train="true"')
    assert found(check(moods(2, 2), config=marked), "choices_taken").examples == ("mood",)
    both = marked.replace('name="mood"', 'name="mood" train="true"')
    report = check(moods(2, 2), config=both)
    assert found(report, "several_trained_choices").severity == "error"
    assert "choices_taken" not in codes(report)
    assert "choices_taken" not in codes(check([note(1, b.choice("mood", "calm"))]))


def test_groups_that_are_left_are_told_softly(check: Check) -> None:
    marked = GROUPS.replace('name="topics"', 'name="topics" train="true"')
    report = check(moods(2, 2), config=marked)
    assert found(report, "few_examples").severity == "info"
    assert {f.severity for f in report.findings if f.code == "unused_label"} == {"warning"}
    # The group that is trained has no example, though another one has.
    assert found(report, "no_examples").message.startswith("there is no usable example for classification")
    assert "no_examples" not in codes(check(moods(2, 2), config=GROUPS))


def test_choices_of_regions_and_of_no_group(check: Check) -> None:
    own, regional, nameless = b.choice("mood", "calm"), b.choice("mood", "worried"), b.choice("", "calm")
    regional["value"] |= {"start": 0, "end": 4}
    report = check([note(1, own, regional, b.choice("part", "a")), note(2, nameless)], config=GROUPS)
    assert found(report, "per_region").examples == ("task 1 (mood)",)
    assert report.counts["labels"] == {"classification:mood": {"calm": {"train": 1, "test": 0}}}
    assert "unknown_group" not in codes(report)


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


def test_only_labels_that_ever_have_an_assertion_are_missed_without(check: Check) -> None:
    symptom, absent = b.region(5, 10), b.region(5, 10, "Absent")
    remedy, other = b.region(41, 50, "Remedy"), b.region(28, 33)
    report = check([note(12, symptom, remedy), note(10, symptom, remedy, other), note(9, symptom, absent, remedy)])
    finding = found(report, "span_without_status")
    assert (finding.count, finding.examples) == (3, ("task 10", "task 12"))
    assert "span_without_status" not in codes(check([note(1, symptom, absent, remedy)]))
    assert "span_without_status" not in codes(check([note(1, symptom, remedy)]))


def test_a_group_may_have_braces_in_its_name(check: Check) -> None:
    config = b.CONFIG.replace('name="mood"', 'name="{mood} [a|b]"')
    report = check([note(1, b.region(5, 10))], config=config)
    assert found(report, "no_choice_made").message == "1 of 1 task has no choice in {mood} [a|b]"

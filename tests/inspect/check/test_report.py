from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from alabtrain.annotations import classes, statuses
from alabtrain.annotations.spans import LOSSES, REPAIRS
from alabtrain.core.findings import pluralize
from alabtrain.documents.copies import TextIndex
from alabtrain.documents.estimate import LONGEST
from alabtrain.inspect.check import run_checks
from alabtrain.project.project import open_project
from alabtrain.selection.select import select_project
from alabtrain.trainers.registry import types_in
from tests.support import builders as b
from tests.support.checks import Check, check_tasks, codes, found, note, words


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return partial(check_tasks, tmp_path)


def test_a_sound_project_has_nothing_to_complain_about(check: Check) -> None:
    config = b.CONFIG.replace('<Label value="Absent" assertion="true" background="#f1c40f"/>', "")
    mood = [b.choice("mood", "calm" if number % 2 else "worried") for number in range(150)]
    tasks = [words(number, "Symptom", "Remedy", tags=("Train" if number % 5 else "Test",)) for number in range(150)]
    for made, ticked in zip(tasks, mood, strict=True):
        made["completions"][0]["result"].append(ticked)
    report = check(tasks, config=config)
    assert codes(report) == {"memory"}
    assert report.types == ("ner", "classification")
    assert report.counts["labels"]["ner"]["Symptom"] == {"train": 120, "test": 30}
    assert report.counts["labels"]["classification:mood"]["calm"] == {"train": 60, "test": 15}
    assert (report.counts["selected"], report.counts["test"], report.counts["sentences"]) == (150, 30, 240)


def test_only_the_chosen_completions_count(check: Check) -> None:
    rejected = b.completion(2, "bob", minute=9, result=[b.region(5, 10, "Odd")], review_status="rejected")
    report = check([b.task(1, b.completion(1), rejected)])
    assert report.counts["labels"]["ner"] == {"Symptom": {"train": 2, "test": 0}, "Remedy": {"train": 1, "test": 0}}
    assert report.counts["labels"]["assertion"] == {"Absent": {"train": 1, "test": 0}}
    assert "unknown_label" not in codes(report)


def test_few_examples_are_those_of_the_training_part(check: Check) -> None:
    tasks = [words(number, "Symptom") for number in range(50)]
    tasks += [words(100 + number, "Remedy") for number in range(49)]
    tasks += [words(200 + number, "Remedy", tags=("test",)) for number in range(9)]
    assert found(check(tasks), "few_examples").examples == ("Remedy (49)",)


def test_labels_on_one_side_of_the_config(check: Check) -> None:
    config = b.CONFIG.replace("Remedy", "Home Remedy")
    tasks = [words(1, "Symptom", "home_remedy", "Dose"), words(2, "home_remedy")]
    report = check(tasks, config=config)
    spelling, unknown = found(report, "label_spelling"), found(report, "unknown_label")
    assert spelling.examples == ("'home_remedy' is 'Home Remedy' in the config",)
    assert unknown.examples == ("Dose (1)",)
    unused = [finding for finding in report.findings if finding.code == "unused_label"]
    assert [finding.examples for finding in unused] == [("Home Remedy",), ("Absent",), ("calm", "worried")]


def test_offsets_and_overlaps(check: Check) -> None:
    wrong = b.region(5, 10)
    wrong["value"]["text"] = "other"
    report = check([note(1, b.region(4, 11), b.region(5, 10, "Remedy"), wrong, {"type": "labels", "id": "x"})])
    assert found(report, "misaligned").count == 1
    assert found(report, "overlap").count == 1
    assert found(report, "trimmed_blanks").severity == "info"
    assert found(report, "region_without_value").count == 1


def test_utf16_offsets_are_told(check: Check) -> None:
    text = "Feels 😀 great, no fever. Nothing else."
    place = text.index("fever") + 1
    region = b.region(place, place + 5, text=text)
    region["value"]["text"] = "fever"
    assert found(check([note(1, region, text=text)]), "utf16_offsets").count == 1


def test_empty_results_are_told_and_no_fault(check: Check) -> None:
    report = check([note(1), words(2, "Symptom")])
    assert found(report, "empty_result").severity == "info"


def test_texts_on_both_sides_and_copies(check: Check) -> None:
    tasks = [
        note(1, text="Same words."),
        note(2, text="Same words. "),
        note(3, text="Same words.", tags=("Test",)),
        note(4, text="Others.", tags=("Test",)),
        note(5, text="Same words.", tags=("Test",)),
    ]
    report = check(tasks)
    leaked, copies = found(report, "text_in_train_and_test"), found(report, "duplicate_text")
    assert (leaked.count, leaked.examples) == (2, ("tasks 1 and 3",))
    assert (copies.count, copies.examples) == (2, ("task 1", "task 3"))
    assert "Same words" not in json.dumps(report.to_dict())


def test_labels_on_one_side_of_the_split(check: Check) -> None:
    report = check([words(1, "Symptom", "Remedy"), words(2, "Symptom", tags=("TEST",))])
    assert found(report, "label_not_in_test").examples == ("Remedy (1)",)
    report = check([words(1, "Symptom"), words(2, "Symptom", "Remedy", tags=("Test",))])
    assert found(report, "label_not_in_train").examples == ("Remedy (1)",)


def test_tags_of_the_split(check: Check) -> None:
    report = check([words(1, "Symptom", tags=("Train", "Test")), words(2, "Symptom")])
    assert found(report, "both_tags").examples == ("task 1",)
    assert report.failed
    assert found(check([words(1, "Symptom", tags=("Test",))]), "no_training_part").severity == "error"
    report = check([words(1, "Symptom", tags=("Test-Set",)), words(2, "Symptom", tags=("Train", "ward"))])
    assert found(report, "odd_tag").examples == ("Test-Set (1)",)
    assert found(report, "no_test_part").severity == "info"


def test_sentences_that_are_too_long(check: Check) -> None:
    long = "word " * LONGEST
    report = check([note(1, text=long), note(2, text="word. " * LONGEST)])
    assert (found(report, "long_sentence").count, found(report, "long_sentence").examples) == (1, ("task 1",))


def test_texts_that_are_not_there(check: Check) -> None:
    report = check([note(1, text=" "), {**note(2), "data": {"body": "x"}}, {**note(3), "data": {"text": 7}}])
    assert (found(report, "empty_text").count, found(report, "no_text").count) == (1, 2)


def test_labels_of_a_task_without_text_are_not_counted(check: Check) -> None:
    report = check([note(1, b.region(0, 1, "Odd", text=" "), text=" ")])
    assert "unknown_label" not in codes(report)
    unused = [finding.examples for finding in report.findings if finding.code == "unused_label"]
    assert unused == [("Symptom", "Remedy"), ("Absent",), ("calm", "worried")]


def test_findings_of_one_severity_come_in_the_order_of_their_subjects(check: Check) -> None:
    # Labels and spans, then each type in the order of its training, then other controls, then the split.
    mood, rating = b.choice("mood", "calm"), {"id": "r", "type": "rating", "from_name": "stars", "value": {"rating": 3}}
    report = check([note(1, b.region(28, 33), b.region(28, 33, "Absent"), b.region(5, 10), mood, rating), note(2)])
    infos = [finding.code for finding in report.findings if finding.severity == "info"]
    assert infos == [
        "empty_result",
        "span_without_status",
        "no_choice_made",
        "not_trained_on",
        "no_test_part",
        "memory",
    ]


def test_without_a_config_all_labels_are_ner_labels(check: Check) -> None:
    report = check([note(1, b.region(5, 10), b.choice("mood", "calm"))], config=None)
    assert found(report, "no_config").severity == "warning"
    assert report.types == ("ner", "classification")
    assert "unknown_label" not in codes(report)


def test_boxes(check: Check) -> None:
    config = (
        '<View><RectangleLabels name="l" toName="i"><Label value="KEY"/><Label value="VALUE"/></RectangleLabels>'
        '<Image name="i" value="$image"/></View>'
    )
    place = {"x_px": 0, "y_px": 0, "width_px": 9, "height_px": 9}
    boxes = [{"type": "rectanglelabels", "id": n, "value": {"rectanglelabels": [n], **place}} for n in ("KEY", "OTHER")]
    made = {**b.task(1, b.completion(1001, result=[*boxes, {"type": "rectanglelabels", "value": 3}]))}
    words = [[{"x": 1, "y": 1, "width": 5, "height": 5, "text": "Name"}]]
    report = check([{**made, "data": {"image": ["a.png"], "ocr_text": words}}], config=config)
    assert report.types == ("visual_ner",)
    assert report.counts["labels"] == {"visual_ner": {"KEY": {"train": 1, "test": 0}}}
    assert found(report, "unknown_label").examples == ("OTHER (1)",)
    assert found(report, "unused_label").examples == ("VALUE",)
    assert found(report, "box_without_label").count == 1
    assert "no_text" not in codes(report)


def test_nothing_selected_is_an_error(check: Check) -> None:
    report = check([b.task(1), b.task(2, b.completion(2001, review_status="rejected"))])
    assert found(report, "nothing_selected").severity == "error"
    assert "unused_label" not in codes(report)


def test_options_of_the_selection_apply(check: Check) -> None:
    report = check([words(1, "Symptom", tags=("a",)), words(2, "Remedy")], tags=("a",))
    assert (report.counts["tasks"], report.counts["selected"]) == (2, 1)
    assert list(report.counts["labels"]["ner"]) == ["Symptom"]


def test_errors_come_first_and_nothing_comes_twice(check: Check) -> None:
    config = b.CONFIG.replace('toName="text"', 'toName="nowhere"')
    report = check([words(1, "Symptom", tags=("Train", "Test")), words(2, "Symptom")], config=config)
    severities = [finding.severity for finding in report.findings]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)
    assert len(report.findings) == len(set(report.findings))


def test_the_order_of_the_tasks_does_not_matter(check: Check) -> None:
    tasks = [words(number, "Symptom", *(["Remedy"] if number % 3 else [])) for number in range(12)]
    one, other = check(tasks).to_dict(), check(tasks[::-1]).to_dict()
    assert one["counts"] == other["counts"]
    assert [f["message"] for f in one["findings"]] == [f["message"] for f in other["findings"]]


def test_the_index_keeps_no_text() -> None:
    index = TextIndex()
    index.add("a secret", "train", 1)
    assert "secret" not in repr(index)


@pytest.mark.parametrize(
    "name", ["ncbi-disease", "ncbi-disease-team", "clinical-context", "funsd", "goemotions", "sms-spam"]
)
def test_real_projects_have_no_errors(name: str, shared_data: Path) -> None:
    project = open_project(shared_data / "projects" / f"{name}.zip")
    report = run_checks(project, select_project(project))
    assert not report.failed
    assert report.types == types_in(project.config)
    assert report.counts["selected"] == report.counts["tasks"]


def test_messages_agree_with_their_number(check: Check) -> None:
    longer, shorter = b.region(0, 10), b.region(5, 10)
    one = check([note(1, longer, shorter)])
    assert found(one, "overlap").message == "not usable: 1 span that overlaps a longer or earlier one"
    two = check([note(1, longer, shorter), note(2, longer, shorter)])
    assert found(two, "overlap").message == "not usable: 2 spans that overlap a longer or earlier one"
    assert found(check([note(1), note(2, longer)]), "empty_result").message.startswith("1 chosen completion is empty")


def test_messages_have_a_form_for_one_of_every_kind() -> None:
    assert pluralize("{count} [task has|tasks have] none", 1) == "1 task has none"
    assert pluralize("{count} [task has|tasks have] none", 1472) == "1,472 tasks have none"
    told = [LOSSES, REPAIRS, classes.LOSSES, statuses.LOSSES, statuses.REPAIRS, statuses.NOTES]
    assert all("[" in text for texts in told for text in texts.values())

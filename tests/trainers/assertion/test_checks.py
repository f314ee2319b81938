from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.support import builders as b
from tests.support.checks import Check, check_tasks, codes, found, note


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


def test_only_labels_that_ever_have_an_assertion_are_missed_without(check: Check) -> None:
    symptom, absent = b.region(5, 10), b.region(5, 10, "Absent")
    remedy, other = b.region(41, 50, "Remedy"), b.region(28, 33)
    report = check([note(12, symptom, remedy), note(10, symptom, remedy, other), note(9, symptom, absent, remedy)])
    finding = found(report, "span_without_status")
    assert (finding.count, finding.examples) == (3, ("task 10", "task 12"))
    assert "span_without_status" not in codes(check([note(1, symptom, absent, remedy)]))
    assert "span_without_status" not in codes(check([note(1, symptom, remedy)]))

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.support import builders as b
from tests.support.checks import GROUPS, Check, check_tasks, codes, found, moods, note


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return partial(check_tasks, tmp_path)


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


def test_choices_of_regions_and_of_no_group(check: Check) -> None:
    own, regional, nameless = b.choice("mood", "calm"), b.choice("mood", "worried"), b.choice("", "calm")
    regional["value"] |= {"start": 0, "end": 4}
    report = check([note(1, own, regional, b.choice("part", "a")), note(2, nameless)], config=GROUPS)
    assert found(report, "per_region").examples == ("task 1 (mood)",)
    assert report.counts["labels"] == {"classification:mood": {"calm": {"train": 1, "test": 0}}}
    assert "unknown_group" not in codes(report)


def test_a_group_may_have_braces_in_its_name(check: Check) -> None:
    config = b.CONFIG.replace('name="mood"', 'name="{mood} [a|b]"')
    report = check([note(1, b.region(5, 10))], config=config)
    assert found(report, "no_choice_made").message == "1 of 1 task has no choice in {mood} [a|b]"

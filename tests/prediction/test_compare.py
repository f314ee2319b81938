"""Two models side by side: which labels and models are compared, on hand-made answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alabtrain.labeling.config import Label
from alabtrain.prediction.compare import compare, split_findings
from alabtrain.prediction.judge import Scored
from alabtrain.prediction.load import LoadedModel
from alabtrain.runs.run import read_run
from alabtrain.trainers.judging import JudgedTags
from alabtrain.trainers.model_type import NamedModel
from alabtrain.trainers.registry import model_type
from tests.support.run_folders import make_run


def label(name: str) -> Label:
    return Label(name, group="label", to_name="text")


def judged(run: str, labels: str, gold: list[list[str]], said: list[list[str]]) -> Scored:
    named = NamedModel("ner_x", model_type("ner"), tuple(map(label, labels.split())), run=run)
    known = tuple(labels.split())
    model = LoadedModel(named, (), (), "ner_chunk", known, run)
    return Scored(model, JudgedTags(known, frozenset(known), range(len(gold)), gold, said))


def test_only_labels_that_both_know_are_compared() -> None:
    both = [["B-Drug", "B-Dose"]] * 40
    only = [["B-Drug", "O"]] * 40
    # B finds all that A finds, and more: on what both know they are the same.
    first = judged("a", "Drug", only, only)
    second = judged("b", "Drug Dose", both, [["B-Drug", "O"]] * 20 + both[:20])
    (comparison,), (finding,) = compare([first, second], seed=1)
    assert [(d.difference, d.is_real) for d in comparison.differences] == [(0.0, False)] * 2
    assert (finding.code, finding.count, finding.examples) == ("other_labels", 1, ("Dose",))


def test_a_model_that_is_better_is_told_by_the_name_of_its_run() -> None:
    gold = [["B-Drug", "O"]] * 40
    wrong = [["O", "B-Drug"]] * 40
    (comparison,), findings = compare([judged("a", "Drug", gold, wrong), judged("b", "Drug", gold, gold)], seed=1)
    assert comparison.sentences[0].startswith("micro F1: b: ner_x is better by 1.000")
    assert findings == []


def test_a_model_without_a_counterpart_is_told() -> None:
    gold = [["B-Drug"]] * 3
    comparisons, findings = compare([judged("a", "Drug", gold, gold), judged("b", "Dose", gold, gold)], seed=1)
    assert comparisons == []
    assert [finding.code for finding in findings] == ["no_counterpart"] * 2


@pytest.mark.parametrize(("split", "told"), [("validation", ["trained_on_test"]), ("test", [])])
def test_a_run_that_was_not_divided_by_tags_is_told(tmp_path: Path, split: str, told: list[str]) -> None:
    run = make_run(tmp_path, ["ner"])
    (run / "metrics.json").write_text(json.dumps({"ner": {"split": split}}))
    assert [finding.code for finding in split_findings([read_run(run)])] == told

"""`--annotators`: completions of others are left out, and accounted for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alabtrain.cli import run
from alabtrain.selection.decisions import REASONS
from tests.support import builders as b
from tests.support.selection import select, tasks

TASKS = [
    b.task(1, b.completion(1001, "ann"), b.completion(1002, "bob")),
    b.task(2, b.completion(2001, "bob")),
    b.task(3, b.completion(3001, "Cid"), b.draft(3002)),
    b.task(4),
]


def test_only_completions_of_these_annotators_are_used_in_any_case() -> None:
    selection = select(tasks(*TASKS), annotators=["ANN", "cid"])
    assert {d.task_id: d.completion_id for d in selection.decisions} == {1: 1001, 2: None, 3: 3001, 4: None}
    lost = {d.task_id: d.lost for d in selection.decisions}
    assert lost[1] == ((1002, "other_annotator"),)
    assert lost[2] == ((2001, "other_annotator"),)
    assert lost[4] == ((None, "no_completion"),)


def test_what_is_left_out_is_in_the_account() -> None:
    stages = list(select(tasks(*TASKS), annotators=["ann"]).funnel)
    assert [dict(stage.lost)["other_annotator"] for stage in stages] == [1, 3]
    assert all(stage.entered == stage.left + sum(dict(stage.lost).values()) for stage in stages)
    assert REASONS["other_annotator"] == "the annotator is not in --annotators"


def test_an_annotator_without_a_completion_is_a_finding() -> None:
    selection = select(tasks(*TASKS), annotators=["ann", "zoe"])
    (unknown,) = (finding for finding in selection.findings if finding.code == "unknown_annotator")
    assert (unknown.message, unknown.examples) == ("1 name in --annotators has no completion", ("zoe",))
    assert "ann, bob" in unknown.hint


def test_without_the_option_everybody_counts() -> None:
    assert select(tasks(*TASKS)).taken == 3


@pytest.mark.parametrize("source", ["flag", "environment", "file"])
def test_it_is_an_option_of_the_command_line_as_the_others(
    source: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    b.write_project(Path("p.zip"), TASKS)
    if source == "environment":
        monkeypatch.setenv("ALABTRAIN_ANNOTATORS", "ann,cid")
    elif source == "file":
        Path("alabtrain.yaml").write_text("annotators: [ann, cid]\n", encoding="utf-8")
    flags = ["--annotators", "ann,cid"] if source == "flag" else []
    assert run(["select", "p.zip", "--json", *flags]) == 0
    selected = json.loads(capsys.readouterr().out)["selected"]
    assert [entry["completion_id"] for entry in selected] == [1001, 3001]

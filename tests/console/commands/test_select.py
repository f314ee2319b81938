from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from alabtrain.cli import run
from tests.support import builders as b

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def call(capsys: Capture, *arguments: str) -> tuple[int, str, str]:
    code = run(list(arguments))
    streams = capsys.readouterr()
    return code, streams.out, streams.err


def call_json(capsys: Capture, *arguments: str) -> Any:
    code, out, err = call(capsys, *arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def test_the_shape_of_select_json(here: Path, capsys: Capture) -> None:
    b.write_project(here / "p.zip", b.team_tasks())
    printed = call_json(capsys, "select", "p.zip")
    assert list(printed) == ["policy", "tasks", "selected", "not_selected", "findings"]
    assert (printed["policy"], printed["tasks"]) == ("priority", 8)
    assert printed["selected"][0] == {
        "task_id": 1,
        "completion_id": 1002,
        "annotator": "ann",
        "rule": "priority",
    }
    assert {"task_id": 6, "completion_id": None, "reason": "no_completion"} in printed["not_selected"]
    assert list(printed["findings"][0]) == ["code", "severity", "message", "count", "examples", "hint"]
    assert call_json(capsys, "select") == printed


def test_the_table_shows_every_count(here: Path, capsys: Capture) -> None:
    b.write_project(here / "p.zip", b.team_tasks())
    code, out, _ = call(capsys, "select")
    assert code == 0
    assert "5 of 8 tasks yield a completion; order: team order (ann, bob, cid)" in out
    for word in (
        "accepted",
        "priority",
        "starred",
        "latest",
        "only",
        "no_completion",
        "not_submitted",
        "rejected",
    ):
        assert word in out


def test_options_reach_the_selection(here: Path, capsys: Capture) -> None:
    b.write_project(here / "p.zip", b.team_tasks())
    (here / "r.csv").write_text("task_id,completion_id,review\n5,5001,accepted\n")
    (here / "t.csv").write_text("task_id,tag\n5,mine\n1,mine\n")
    options = ["--priority", "bob,ann", "--reviews", "r.csv", "--task-tags", "t.csv", "--tags", "MINE"]
    taken = call_json(capsys, "select", "p.zip", *options)["selected"]
    assert [(row["completion_id"], row["rule"]) for row in taken] == [(1001, "priority"), (5001, "accepted")]
    taken = call_json(capsys, "select", "p.zip", "--policy", "latest", "--reviewed-only")["selected"]
    assert [row["completion_id"] for row in taken] == [3001]


def test_settings_and_environment_reach_the_selection(
    here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    b.write_project(here / "p.zip", b.team_tasks())
    (here / "alabtrain.yaml").write_text("priority: [bob, ann]\noutput: runs\n")
    assert call_json(capsys, "select", "p.zip")["selected"][0]["completion_id"] == 1001
    monkeypatch.setenv("ALABTRAIN_PRIORITY", "ann")
    assert call_json(capsys, "select", "p.zip")["selected"][0]["completion_id"] == 1002
    assert sorted(p.name for p in here.iterdir()) == ["alabtrain.yaml", "p.zip"]


@pytest.mark.parametrize("output_format", ["json", "jsonl", "export"])
def test_select_writes_a_file_and_says_so_on_stderr(here: Path, capsys: Capture, output_format: str) -> None:
    b.write_project(here / "p.zip", b.team_tasks())
    code, out, err = call(capsys, "select", "p.zip", "-o", "out.x", "--format", output_format, "--json")
    assert (code, "wrote 5 completions" in err) == (0, True)
    assert len(json.loads(out)["selected"]) == 5
    assert (here / "out.x").is_file()


def test_errors_have_their_exit_codes_and_name_no_text(here: Path, capsys: Capture) -> None:
    assert call(capsys, "select")[0] == 2
    assert call(capsys, "select", "none.zip")[0] == 2
    b.write_json(here / "x.json", [b.task(17, b.completion(1, honeypot="secret words"))])
    code, out, err = call(capsys, "select", "x.json")
    assert (code, out) == (3, "")
    assert "task 17" in err
    assert "/completions/0/honeypot" in err
    assert "hint:" in err
    assert "secret" not in err


def test_why_tells_the_story_of_a_task(here: Path, capsys: Capture) -> None:
    b.write_project(here / "p.zip", b.team_tasks())
    story = call_json(capsys, "why", "p.zip", "1")
    assert (story["task_id"], story["completion_id"], story["rule"], story["tags"]) == (
        1,
        1002,
        "priority",
        ["Train"],
    )
    assert [c["verdict"] for c in story["completions"]] == ["lower_priority", "taken", "not_submitted"]
    taken = story["completions"][1]
    assert taken["spans"] == {"Absent": 1, "Remedy": 1, "Symptom": 2}
    assert (taken["choices"], taken["lost"], taken["items"]) == ({"mood": ["calm"]}, {}, 6)
    code, out, _ = call(capsys, "why", "1")
    assert code == 0
    assert "completion 1002 by ann is used" in out
    assert b.TEXT[:10] not in out


def test_why_counts_what_became_of_the_spans(here: Path, capsys: Capture) -> None:
    result = [b.region(4, 11), b.region(5, 10), b.region(28, 33), {"type": "labels"}]
    result[2]["value"]["text"] = "other"
    b.write_project(here / "p.zip", [b.task(1, b.completion(1, result=result))])
    (told,) = call_json(capsys, "why", "p.zip", "1")["completions"]
    assert told["spans"] == {"Symptom": 1}
    assert told["repaired"] == {"trimmed_blanks": 1}
    assert told["lost"] == {"region_without_value": 1, "misaligned": 1, "duplicate_span": 1}


def test_why_of_a_task_that_is_not_there(here: Path, capsys: Capture) -> None:
    b.write_project(here / "p.zip", b.team_tasks())
    code, _, err = call(capsys, "why", "p.zip", "99")
    assert (code, "no task 99" in err) == (2, True)
    assert call(capsys, "why", "p.zip")[0] == 2

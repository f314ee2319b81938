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
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(capsys: Capture, *arguments: str) -> tuple[int, str, str]:
    code = run(["check", *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_shape_of_check_json(here: Path, capsys: Capture) -> None:
    b.write_project(here / "p.zip", b.team_tasks())
    code, out, err = call(capsys, "p.zip", "--json")
    printed: dict[str, Any] = json.loads(out)
    assert (code, err) == (0, "")
    assert list(printed)[:2] == ["types", "findings"]
    assert printed["types"] == ["ner", "assertion", "classification"]
    keys = ["code", "severity", "message", "count", "examples", "hint"]
    assert printed["findings"]
    assert all(list(finding) == keys for finding in printed["findings"])
    assert {finding["severity"] for finding in printed["findings"]} <= {"error", "warning", "info"}


def test_tables_and_findings_for_people(here: Path, capsys: Capture) -> None:
    b.write_project(here / "p.zip", b.team_tasks())
    code, out, err = call(capsys, "p.zip")
    assert (code, err) == (0, "")
    assert "notes: 5 of 8 tasks yield a completion" in out
    for word in ("Spans by label", "Assertion labels", "Choices of mood", "Symptom", "█", "warning", "warnings"):
        assert word in out
    assert "cough" not in out
    assert "\x1b" not in out


def test_the_only_export_of_the_folder_is_meant(here: Path, capsys: Capture) -> None:
    b.write_project(here / "p.zip", b.team_tasks())
    assert call(capsys)[0] == 0


def test_an_error_ends_with_one_in_both_forms(here: Path, capsys: Capture) -> None:
    b.write_json(here / "tasks.json", [b.task(1)])
    code, out, err = call(capsys, "tasks.json")
    assert (code, err) == (1, "")
    assert "error" in out
    code, out, _ = call(capsys, "tasks.json", "--json")
    assert code == 1
    assert any(finding["severity"] == "error" for finding in json.loads(out)["findings"])


def test_a_broken_config_is_a_finding_or_an_error(here: Path, capsys: Capture) -> None:
    b.write_json(here / "tasks.json", b.team_tasks())
    (here / "odd.xml").write_text(b.CONFIG.replace('toName="text"', 'toName="nowhere"'))
    code, out, _ = call(capsys, "tasks.json", "--config", "odd.xml")
    assert code == 1
    assert "(line 2)" in out
    (here / "odd.xml").write_text(b.CONFIG.replace("</Labels>", ""))
    code, out, err = call(capsys, "tasks.json", "--config", "odd.xml")
    assert (code, out) == (3, "")
    assert "odd.xml, line 12" in err


def test_options_of_the_selection_reach_it(here: Path, capsys: Capture) -> None:
    b.write_project(here / "p.zip", b.team_tasks())
    _, out, _ = call(capsys, "p.zip", "--tags", "train", "--json")
    assert json.loads(out)["counts"]["selected"] == 2
    _, out, _ = call(capsys, "p.zip", "--priority", "nobody", "--json")
    assert "unknown_priority" in {finding["code"] for finding in json.loads(out)["findings"]}

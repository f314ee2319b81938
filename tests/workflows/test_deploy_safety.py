"""What a deployment must not break: the run that it comes from, and a project when it fails halfway."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pytest

from alabtrain.cli import run
from alabtrain.core.errors import SetupError
from alabtrain.labeling.patch import TrainedModel
from alabtrain.project.project import open_project
from alabtrain.runs.run import create_run, read_run
from alabtrain.workflows import deploy as deploying
from alabtrain.workflows.deploy import deploy
from tests.support import builders as b

NER = TrainedModel("spans", "ner_notes_annotation_manual", ("Symptom", "Remedy"))


@pytest.fixture
def finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a run that trained `NER` on `notes.zip`, both in the current folder."""
    monkeypatch.chdir(tmp_path)
    b.write_project(Path("notes.zip"), b.team_tasks())
    parameters = {"project": {"value": "notes.zip", "from": "flag"}}
    with create_run(
        Path("runs"), ["ner"], parameters=parameters, inputs={"notes.zip": "0"}, seed=1, versions={}
    ) as made:
        for state in ("selected", "prepared", "trained", "evaluated"):
            made.state(state)
        entry = {"type": "ner", "name": NER.name, "path": "model", "labels": list(NER.labels)}
        made.write_json("models.json", [entry])
    return made.final_path


@pytest.mark.parametrize("name", ["run.json", "models.json", "model/x.xml", "other.xml", "sub/../run.json"])
def test_the_files_of_a_run_are_not_written_over(finished: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in finished.iterdir()}
    for arguments in (["-o", str(finished / name)], ["--output", str(finished.absolute() / name)]):
        assert run(["deploy", str(finished), *arguments]) == 2
        assert "inside the run" in capsys.readouterr().err
    Path("link.xml").symlink_to(finished / "run.json")
    assert run(["deploy", str(finished), "-o", "link.xml"]) == 2
    assert {path: path.read_bytes() for path in finished.iterdir()} == before
    assert run(["deploy", str(finished), "-o", str(finished / "config.xml")]) == 0


@pytest.mark.parametrize("problem", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_second_file_that_fails_takes_the_first_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: BaseException
) -> None:
    files = b.members(b.team_tasks())
    project = open_project(b.write_folder(tmp_path / "p", files))
    real = Path.replace

    def second_fails(self: Path, target: Any) -> Path:
        if Path(target).name == "project.json":
            raise problem
        return real(self, target)

    monkeypatch.setattr(Path, "replace", second_fails)
    with pytest.raises((SetupError, KeyboardInterrupt)):
        deploy(project, [NER], out=None, in_place=True, dry_run=False)
    monkeypatch.undo()
    after = {path.name: path.read_bytes() for path in (tmp_path / "p").iterdir()}
    assert {name: after[name] for name in files} == files
    assert not [name for name in after if name.startswith("config.xml.bak") or name.endswith(".tmp")]


def test_a_later_deployment_is_recorded_in_the_run(finished: Path) -> None:
    before = json.loads((finished / "run.json").read_bytes())
    assert run(["deploy", str(finished), "--dry-run"]) == 0
    assert json.loads((finished / "run.json").read_bytes()) == before
    assert run(["deploy", str(finished)]) == 0
    assert run(["deploy", str(finished), "--in-place"]) == 0
    record = json.loads((finished / "run.json").read_bytes())
    entries = record.pop("deployments")
    assert record == before
    assert [entry["written"] for entry in entries] == [str(finished / "config.xml"), "notes.zip"]
    assert entries[0]["time"].endswith("Z")
    assert read_run(finished).state == "done"
    assert "deployed" in (finished / "train.log").read_text()


def test_nothing_is_recorded_where_nothing_was_written(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise SetupError("cannot be written")

    monkeypatch.setattr(deploying, "write_aside", refuse)
    assert run(["deploy", str(finished)]) == 4
    assert "deployments" not in json.loads((finished / "run.json").read_bytes())


def test_a_run_that_cannot_be_written_is_deployed_nevertheless(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = (finished / "run.json").read_bytes()

    def refuse(*_: Any) -> None:
        raise SetupError("cannot be written")

    monkeypatch.setattr("alabtrain.runs.record.write_aside", refuse)
    assert run(["deploy", str(finished), "--in-place"]) == 0
    assert (finished / "run.json").read_bytes() == record

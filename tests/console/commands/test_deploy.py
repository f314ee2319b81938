from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from alabtrain.cli import run
from alabtrain.core.errors import InputError
from alabtrain.labeling.patch import TrainedModel
from alabtrain.runs.run import create_run
from alabtrain.workflows.deploy import deploy_run
from tests.support import builders as b

NER = TrainedModel("spans", "ner_notes_annotation_manual", ("Symptom", "Remedy"))
PATCHED = b.CONFIG.replace('"Symptom"', f'"Symptom" model="{NER.name}"').replace(
    '"Remedy"', f'"Remedy" model="{NER.name}"'
)


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


def test_deploy_writes_into_the_run_by_default(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = Path("notes.zip").read_bytes()
    assert run(["deploy", str(finished)]) == 0
    assert (finished / "config.xml").read_text() == PATCHED
    assert Path("notes.zip").read_bytes() == before
    assert NER.name in capsys.readouterr().out


def test_deploy_in_place_and_json(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["deploy", str(finished), "--in-place", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["written"] == "notes.zip"
    assert Path(printed["backup"]).is_file()
    assert [(entry["label"], entry["old"]) for entry in printed["changed"]] == [("Symptom", None), ("Remedy", None)]
    assert not (finished / "config.xml").exists()
    with zipfile.ZipFile("notes.zip") as archive:
        assert archive.read("config.xml") == PATCHED.encode()
    assert run(["deploy", str(finished), "--in-place"]) == 0
    assert "already" in capsys.readouterr().err


def test_deploy_dry_run_prints_the_diff(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["deploy", str(finished), "--in-place", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("--- a/config.xml\n+++ b/config.xml\n@@")
    assert out.count("\n+ ") == 2
    assert sorted(path.name for path in Path().iterdir()) == ["notes.zip", "runs"]


def test_deploy_to_a_file_and_another_project(finished: Path) -> None:
    other = b.write_folder(Path("other"), b.members(b.team_tasks()))
    assert run(["deploy", str(finished), str(other), "--output", "new.xml"]) == 0
    assert Path("new.xml").read_text() == PATCHED


def test_deploy_says_what_is_wrong(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["deploy", "nowhere"]) == 2
    b.write_zip(Path("strange.zip"), b.members(b.team_tasks(), config=b.CONFIG.replace("Remedy", "Cure")))
    assert run(["deploy", str(finished), "strange.zip"]) == 3
    assert "Remedy" in capsys.readouterr().err
    Path("notes.zip").unlink()
    assert run(["deploy", str(finished)]) == 2
    assert "notes.zip" in capsys.readouterr().err


def test_a_run_that_is_not_done_is_not_deployed(finished: Path) -> None:
    record = json.loads((finished / "run.json").read_bytes())
    (finished / "run.json").write_text(json.dumps({**record, "state": "failed"}))
    with pytest.raises(InputError, match="failed"):
        deploy_run(finished)
    (finished / "run.json").write_text(json.dumps(record))
    (finished / "models.json").write_text('[{"name": "x"}]')
    with pytest.raises(InputError):
        deploy_run(finished)


def test_a_classifier_is_deployed_on_its_choices(finished: Path) -> None:
    name = "classification_mood_annotation_manual"
    entry = {"type": "classification", "name": name, "path": "model", "labels": ["calm", "worried"], "choices": "mood"}
    (finished / "models.json").write_text(json.dumps([entry]))
    assert run(["deploy", str(finished)]) == 0
    assert (finished / "config.xml").read_text() == b.CONFIG.replace('name="mood"', f'name="mood" model="{name}"')

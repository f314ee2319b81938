from __future__ import annotations

import json
import re

import pytest

from alabtrain.cli import run as alabtrain
from alabtrain.core.errors import TrainingError
from alabtrain.runs.run import create_run
from tests.support.run_folders import make_run


@pytest.fixture
def output(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    folder = tmp_path / "runs"
    with start(folder) as run:
        run.write_json("metrics.json", {"ner": {"split": "test", "entity": {"micro": {"f1": 0.8512}}}})
        run.write_json("models.json", [{"type": "ner", "name": "m", "path": "model", "labels": []}])
    with pytest.raises(TrainingError), start(folder) as run:
        raise TrainingError("the engine failed")
    (folder / "no run").mkdir()
    return folder


def start(folder):
    facts = {"parameters": {}, "inputs": {"data/clinic.zip": "ab"}, "seed": 1, "versions": {}}
    return create_run(folder, ["ner"], **facts)


def test_a_table_of_the_runs_in_the_default_folder(output, capsys):
    assert alabtrain(["runs"]) == 0
    shown = capsys.readouterr().out
    for cell in ("done", "failed", "ner", "clinic.zip", "0.851", "/model"):
        assert cell in shown
    assert "no run" not in shown


def test_the_table_tells_when_each_run_started_the_newest_first(output, capsys):
    record = next(output.glob("*-ner")) / "run.json"
    old = json.loads(record.read_text())
    record.write_text(json.dumps({**old, "started": "2024-03-04T10:11:12Z"}))
    assert alabtrain(["runs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("started (UTC)" in line for line in lines)
    starts = [line for line in lines if re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d ", line)]
    assert len(starts) == 2
    assert starts[1].startswith("2024-03-04 10:11  ")


def test_a_folder_that_was_named_must_be_there(output, capsys, monkeypatch):
    assert alabtrain(["runs", "--output", "nowhere"]) == 2
    assert "nowhere: no such folder" in capsys.readouterr().err
    monkeypatch.setenv("ALABTRAIN_OUTPUT", "nowhere")
    assert alabtrain(["runs"]) == 0


def test_json_is_one_object_with_paths_that_exist(output, capsys):
    assert alabtrain(["runs", "--output", str(output), "--json"]) == 0
    runs = json.loads(capsys.readouterr().out)["runs"]
    assert sorted(run["state"] for run in runs) == ["done", "failed"]
    done = next(run for run in runs if run["state"] == "done")
    assert (done["f1"], done["project"]) == (0.8512, "data/clinic.zip")
    assert (done["types"], done["f1s"]) == (["ner"], {"ner": 0.8512})
    assert done["models"][0]["path"] == f"{done['path']}/model"
    assert next(run for run in runs if run["state"] == "failed")["error"]["code"] == "training_failed"


def test_a_run_under_way_shows_its_state(output, capsys):
    with start(output) as run:
        run.state("prepared")
        assert alabtrain(["runs"]) == 0
        run_lines = [line for line in capsys.readouterr().out.splitlines() if "prepared" in line]
    assert len(run_lines) == 1


def test_no_runs_is_no_error(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert alabtrain(["runs"]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "no runs in runs\n")
    assert alabtrain(["runs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"runs": []}


def test_a_broken_run_hides_no_other(output, capsys):
    done = json.loads(shown(["runs", "--json"], capsys))["runs"]
    broken = next(output.glob("*-ner*/run.json"))
    broken.write_text("{")
    runs = {run["name"]: run for run in json.loads(shown(["runs", "--json"], capsys))["runs"]}
    assert len(runs) == len(done) == 2
    run = runs.pop(broken.parent.name)
    assert (run["state"], run["error"]["code"], run["models"]) == ("broken", "invalid_input", [])
    assert "not valid JSON" in run["error"]["message"]
    assert next(iter(runs.values())) in done
    assert "broken" in shown(["runs"], capsys)


def shown(arguments, capsys):
    assert alabtrain(arguments) == 0
    return capsys.readouterr().out


def test_a_run_of_several_types_shows_an_f1_for_each(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "200")
    made = make_run(tmp_path / "runs", ["ner", "assertion", "classification"])
    lines = shown(["runs", "--output", str(tmp_path / "runs")], capsys).splitlines()
    assert any("mixed" in line and "ner 0.878 · assertion 0.897 · classification 0.526" in line for line in lines)
    assert any("classification/model" in line for line in lines)
    (run,) = json.loads(shown(["runs", "--output", str(tmp_path / "runs"), "--json"], capsys))["runs"]
    assert (run["type"], run["types"], run["f1"]) == ("mixed", ["ner", "assertion", "classification"], None)
    assert {kind: round(f1, 3) for kind, f1 in run["f1s"].items()} == {
        "ner": 0.878,
        "assertion": 0.897,
        "classification": 0.526,
    }
    assert [model["path"] for model in run["models"]] == [f"{made}/{kind}/model" for kind in run["types"]]

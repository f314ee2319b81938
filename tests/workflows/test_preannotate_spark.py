"""Models that were trained and deployed, at work in the real engine: pre-annotation, evaluation, the store."""

from __future__ import annotations

import copy
import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from alabtrain.cli import run
from tests.support.training import answer

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

Answered = tuple[dict[str, Any], list[dict[str, Any]]]

NOTES = [
    "No fever. He denies chest pain and has a cough.\r\n\U0001f600 Given ibuprofen 400 mg, known asthma.",
    "Nothing.",
    "   ",
    "Chest X-ray normal, no pneumonia.",
]


@pytest.fixture(scope="module")
def project(mixed: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """New tasks under the config that the training deployed; the last one is annotated already."""
    tasks: list[dict[str, Any]] = [
        {
            "id": number,
            "data": {"text": text, "title": f"n{number}"},
            "completions": [],
            "predictions": [],
            "meta": {"x": 1},
        }
        for number, text in enumerate(NOTES, 1)
    ]
    tasks[3]["completions"] = [
        {"id": 4001, "submitted_at": "2024-03-04T10:00:00", "created_username": "ann", "result": []}
    ]
    path = tmp_path_factory.mktemp("new") / "new.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("result.json", json.dumps(tasks))
        archive.write(Path(mixed["run"]) / "config.xml", "config.xml")
    return path


def preannotate(project: Path, output: Path, *more: str) -> Answered:
    """Return what the command prints, and the tasks that it wrote."""
    told = answer("preannotate", str(project), "--output", str(output), *more)
    tasks: list[dict[str, Any]] = json.loads(output.read_text(encoding="utf-8"))
    return told, tasks


@pytest.fixture(scope="module")
def found(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Answered:
    """What the models of the config find in the new tasks."""
    return preannotate(project, tmp_path_factory.mktemp("found") / "out.json")


def test_the_tasks_come_back_with_all_their_fields_and_what_three_models_found(found: Answered) -> None:
    answer, tasks = found
    assert (answer["tasks"], answer["written"]) == (4, 2)
    assert answer["skipped"] == {"no_text": 1, "has_completion": 1}
    assert [model["type"] for model in answer["models"]] == ["ner", "assertion", "classification"]
    assert [task["id"] for task in tasks] == [1, 2]
    first = tasks[0]
    assert first["meta"] == {"x": 1}
    (made,) = first["predictions"]
    assert made["id"] == 1001
    by_type: dict[str, list[dict[str, Any]]] = {}
    for item in made["result"]:
        value = item["value"]
        if item["type"] == "labels":
            assert NOTES[0][value["start"] : value["end"]] == value["text"]
            assert 0 < item["score"] <= 1
        by_type.setdefault(item["from_name"], []).append(item)
    places = [
        (i["value"]["start"], i["value"]["end"]) for i in by_type["label"] if i["value"]["labels"][0] == "Problem"
    ]
    statuses = [i for i in by_type["label"] if i["value"]["labels"][0] in ("Present", "Absent", "Past", "Possible")]
    assert places
    assert {(i["value"]["start"], i["value"]["end"]) for i in statuses} >= set(places)
    assert len(by_type["urgency"]) == 1
    assert sum(answer["regions"].values()) == sum(
        len(item["value"].get("choices") or [1]) for task in tasks for item in task["predictions"][0]["result"]
    )


def test_predictions_of_an_earlier_call_are_replaced_and_others_stay(
    found: Answered, project: Path, tmp_path: Path
) -> None:
    tasks = copy.deepcopy(found[1])
    tasks[0]["predictions"].append({"id": 9, "created_username": "somebody", "result": []})
    with zipfile.ZipFile(project) as archive:
        config = archive.read("config.xml")
    again = tmp_path / "again.zip"
    with zipfile.ZipFile(again, "w") as archive:
        archive.writestr("result.json", json.dumps(tasks))
        archive.writestr("config.xml", config)
    _answer, tasks = preannotate(again, tmp_path / "out.json")
    assert [row["created_username"] for row in tasks[0]["predictions"]] == ["somebody", "alabtrain pre-annotation"]


def test_annotated_tasks_are_taken_when_asked_for(project: Path, tmp_path: Path) -> None:
    answer, tasks = preannotate(project, tmp_path / "out.json", "--overwrite")
    assert answer["written"] == 3
    assert tasks[-1]["completions"][0]["id"] == 4001
    assert tasks[-1]["predictions"][0]["id"] == 4002


def test_models_on_different_vectors_run_together(
    found: Answered, project: Path, random_ner: dict[str, Any], tmp_path: Path
) -> None:
    with zipfile.ZipFile(project) as archive:
        tasks, config = archive.read("result.json"), archive.read("config.xml").decode()
    config = config.replace('value="Test" model="ner_clinic_annotation_manual"', 'value="Test" model="ner_other"')
    assert "ner_other" in config
    two = tmp_path / "two.zip"
    with zipfile.ZipFile(two, "w") as archive:
        archive.writestr("result.json", tasks)
        archive.writestr("config.xml", config)
    answer, _tasks = preannotate(two, tmp_path / "out.json")
    assert [model["name"] for model in answer["models"]][:2] == ["ner_clinic_annotation_manual", "ner_other"]
    assert answer["regions"].get("Problem") == found[0]["regions"].get("Problem")


def test_an_evaluation_gives_the_scores_of_the_training(
    mixed: dict[str, Any], clinic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = str(Path(mixed["run"]) / "config.xml")
    assert run(["evaluate", str(clinic), "--config", config, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["documents"] == 40
    scores = {model["type"]: answer["metrics"][model["name"]] for model in answer["models"]}
    trained = mixed["metrics"]
    # A training scores tags; here the chunks count that the model makes of them.
    f1 = scores["ner"]["entity"]["micro"]["f1"]
    assert f1 == pytest.approx(trained["ner"]["entity"]["micro"]["f1"], abs=0.02)
    assert scores["ner"]["entity"]["micro"]["support"] == trained["ner"]["entity"]["micro"]["support"]
    assert scores["classification"]["confusion"] == trained["classification"]["confusion"]
    assert scores["assertion"]["accuracy"] == pytest.approx(trained["assertion"]["accuracy"], abs=0.02)
    assert sum(map(sum, (row.values() for row in scores["assertion"]["confusion"].values()))) == 157
    folder = Path(answer["run"])
    assert json.loads((folder / "run.json").read_text())["state"] == "done"
    assert json.loads((folder / "evaluation.json").read_text())["metrics"] == answer["metrics"]
    assert "ner_clinic_annotation_manual: micro F1" in (folder / "train.log").read_text()
    report = (folder / "report.html").read_text()
    assert "Evaluated on clinic.zip" in report
    assert "What was scored" in report
    assert run(["evaluate", str(clinic), "--config", config, "--tags", "nobody"]) == 6


def test_two_runs_are_compared_on_the_same_tasks(
    mixed: dict[str, Any], clinic: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "elsewhere" / Path(mixed["run"]).name
    shutil.copytree(mixed["run"], other)
    same = ["--compare", mixed["run"], str(other), "--runs", str(tmp_path / "runs")]
    assert run(["evaluate", str(clinic), *same, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [comparison["type"] for comparison in answer["comparisons"]] == ["ner", "assertion", "classification"]
    for comparison in answer["comparisons"]:
        for found in comparison["differences"]:
            assert (found["difference"], found["p"], found["real"]) == (0.0, 1.0, False)
            assert found["first"] > 0
    assert answer["comparisons"][0]["differences"][0]["texts"] == 40
    assert len(answer["metrics"]) == 6  # two runs of one name are told apart
    assert "Paired bootstrap" in (Path(answer["run"]) / "report.html").read_text()
    missing = ["--compare", mixed["run"], str(tmp_path / "nothing")]
    assert run(["evaluate", str(clinic), *missing]) == 2
    assert run(["evaluate", str(clinic), "--compare", mixed["run"], mixed["run"]]) == 2


def test_unannotated_tasks_are_ranked_with_reasons(
    mixed: dict[str, Any], clinic: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(clinic) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("result.json"))
        tasks = json.loads(archive.read(name))
    # Half of the tasks as they were before anybody annotated them.
    for task in tasks[::2]:
        task["completions"] = []
    project = tmp_path / "half.zip"
    with zipfile.ZipFile(project, "w") as archive:
        archive.writestr("result.json", json.dumps(tasks))
        archive.write(Path(mixed["run"]) / "config.xml", "config.xml")
    output = tmp_path / "next.csv"
    assert run(["rank", str(project), "--output", str(output), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    ranked = answer["tasks"]
    assert len(ranked) + sum(answer["skipped"].values()) == len(tasks)
    assert len({task["task_id"] for task in ranked}) == len(ranked)
    assert min(task["uncertainty"] for task in ranked) > 0  # the engine told how sure it was
    assert len({task["uncertainty"] for task in ranked}) > len(ranked) / 2
    assert 0 < max(task["nearness"] for task in ranked) <= 1
    assert answer["annotated"]["Problem"] > 100
    texts = {str(task["data"].get("text")) for task in tasks}
    assert not any(text in output.read_text() for text in texts)
    assert output.read_text().count("\n") == len(ranked) + 1
    # The models of a run do the same as those of the config.
    assert run(["rank", str(project), "--run", mixed["run"], "--json"]) == 0
    again = json.loads(capsys.readouterr().out)["tasks"]
    assert [task["task_id"] for task in again] == [task["task_id"] for task in ranked]


def test_a_model_that_is_nowhere_is_told(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--models", str(tmp_path / "empty"), "--output", str(tmp_path / "out.json")]
    assert run(["preannotate", str(project), *arguments]) == 4
    out, told = capsys.readouterr()
    assert out == ""
    assert "is not in the store" in told
    assert "vendor's hub" in told
    assert "Traceback" not in told
    assert not (tmp_path / "out.json").exists()


def test_a_package_of_a_model_is_imported_and_used(
    mixed: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "ner_clinic_annotation_manual"
    assert run(["models", "package", name, "--output", str(tmp_path)]) == 0
    package = capsys.readouterr().out.strip()
    other = ["--models", str(tmp_path / "other")]
    assert run(["models", "import", package, *other, "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["models"]
    assert (entry["name"], entry["source"], entry["embeddings"]) == (name, "imported", "word2vec")
    # Without a record, the engine itself tells what it is.
    bare = tmp_path / "bare"
    shutil.copytree(Path(mixed["run"]) / "assertion" / "model", bare)
    assert run(["models", "import", str(bare), "--name", "assertion_x", *other, "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["models"]
    assert entry["type"] == "assertion"
    assert entry["labels"] == ["Absent", "Past", "Possible", "Present"]
    assert run(["models", "import", mixed["run"], *other, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["models"]) == 3


def test_a_tagger_alone_is_imported_and_told_to_lack_its_embeddings(
    mixed: dict[str, Any], project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stages = Path(mixed["run"]) / "ner" / "model" / "stages"
    (tagger,) = (folder for folder in stages.iterdir() if "NerDL" in folder.name.replace("NER_DL", "NerDL"))
    other = ["--models", str(tmp_path / "other")]
    name = "ner_clinic_annotation_manual"
    assert run(["models", "import", str(tagger), "--name", name, *other, "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["models"]
    assert (entry["type"], entry["labels"]) == ("ner", ["Anatomy", "Problem", "Test", "Treatment"])
    assert run(["preannotate", str(project), "--no-hub", "--output", str(tmp_path / "out.json"), *other]) == 4
    assert "without its embeddings" in capsys.readouterr().err


def test_a_store_that_spark_reaches_holds_the_same(spark: SparkSession, mixed: dict[str, Any], tmp_path: Path) -> None:
    from alabtrain.store.store import HadoopStore, LocalStore, open_store

    local = open_store(os.environ["ALABTRAIN_MODELS"])
    assert isinstance(local, LocalStore)
    (entry, *_others) = local.entries()
    store = HadoopStore((tmp_path / "far").as_uri())
    assert store.entries() == []
    for _ in range(2):
        store.add(entry, local.folder / entry.name / "model", b"# card")
    assert store.entries() == [entry]
    assert store.card(entry.name) == b"# card"
    store.fetch(entry.name, tmp_path / "near")
    assert (tmp_path / "near" / "metadata").is_dir()
    (tmp_path / "far" / entry.name).rename(tmp_path / "far" / f".{entry.name}.0a1b2c")  # killed between two renames
    assert store.find(entry.name) is None
    os.utime(tmp_path / "far" / f".{entry.name}.0a1b2c" / "model.json", (0, 0))
    assert store.find(entry.name) == entry
    store.remove(entry.name)
    assert store.find(entry.name) is None

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from alabtrain.cli import run

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

LOAD = """
import sys
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession
session = SparkSession.builder.master("local[1]").config("spark.jars", sys.argv[1]).config("spark.ui.enabled", "false").getOrCreate()
model = PipelineModel.load(sys.argv[2])
frame = session.createDataFrame([["No fever. Given ibuprofen 400 mg, chest X-ray normal."]], "text string")
row = model.transform(frame).selectExpr("transform(token, t -> t.result) AS token", "transform(ner, t -> t.result) AS ner").head()
assert len(row.token) == len(row.ner) > 8, row
assert "alabtrain" not in sys.modules
print("tags:", len(row.ner))
"""


@pytest.fixture(scope="module")
def trained(quick_ner: dict[str, Any]) -> dict[str, Any]:
    """A quick training through the command line, in this process's session."""
    return quick_ner


def read(trained: dict[str, Any], name: str) -> Any:
    return json.loads((Path(trained["run"]) / name).read_text(encoding="utf-8"))


def test_the_answer_and_the_run_folder_have_the_stable_shapes(trained: dict[str, Any]) -> None:
    folder = Path(trained["run"])
    assert trained["state"] == "done"
    assert [(m["type"], m["name"]) for m in trained["models"]] == [("ner", "ner_clinic_annotation_manual")]
    assert Path(trained["models"][0]["path"]).is_dir()
    record = read(trained, "run.json")
    assert record["state"] == "done"
    assert record["parameters"]["epochs"] == {"value": 2, "from": "flag"}
    assert record["parameters"]["dropout"]["from"] == "default"
    assert set(record["versions"]) >= {"alabtrain", "pyspark", "spark-nlp", "python"}
    for name in (
        "train.log",
        "epochs.jsonl",
        "selection.jsonl",
        "funnel.json",
        "config.xml",
        "README.md",
        "report.html",
    ):
        assert (folder / name).stat().st_size > 0, name
    assert [p.name for p in folder.parent.iterdir()] == [folder.name]


def test_the_metrics_have_every_kind_of_score(trained: dict[str, Any]) -> None:
    ner = read(trained, "metrics.json")["ner"]
    assert ner == trained["metrics"]["ner"]
    assert ner["split"] == "test"
    assert set(ner["entity"]["labels"]) >= {"Problem", "Treatment", "Test", "Anatomy"}
    for kind in ("entity", "partial", "tag"):
        assert 0 <= ner[kind]["micro"]["f1"] <= 1
    assert ner["entity"]["micro"]["support"] == 315


def test_the_funnel_adds_up_to_what_was_trained(trained: dict[str, Any], clinic: Path) -> None:
    stages = {(s["name"], s["unit"]): s for s in read(trained, "funnel.json")["stages"]}
    for stage in stages.values():
        assert stage["entered"] == stage["left"] + sum(stage["lost"].values())
    with zipfile.ZipFile(clinic) as archive:
        tasks = json.loads(archive.read("result.json"))
    assert stages["selection", "tasks"]["entered"] == len(tasks)
    assert stages["selection", "completions"]["entered"] == sum(len(t["completions"]) for t in tasks)
    lines = (Path(trained["run"]) / "selection.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(tasks)


def test_the_log_is_complete(trained: dict[str, Any]) -> None:
    log = (Path(trained["run"]) / "train.log").read_text(encoding="utf-8")
    assert "Name of the selected graph" in log
    assert "Epoch 2/2 - " in log
    epochs = [
        json.loads(line) for line in (Path(trained["run"]) / "epochs.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert [epoch["epoch"] for epoch in epochs] == [1, 2]


def test_only_model_attributes_of_ner_labels_changed_in_the_config(trained: dict[str, Any], clinic: Path) -> None:
    with zipfile.ZipFile(clinic) as archive:
        before = archive.read("config.xml").decode()
    after = (Path(trained["run"]) / "config.xml").read_text(encoding="utf-8")
    assert after.count('model="ner_clinic_annotation_manual"') == 4
    assert after.replace(' model="ner_clinic_annotation_manual"', "") == before


def test_no_text_of_a_document_is_in_the_run(trained: dict[str, Any], clinic: Path) -> None:
    with zipfile.ZipFile(clinic) as archive:
        texts = [task["data"]["text"] for task in json.loads(archive.read("result.json"))]
    phrases = [text[:40] for text in texts if len(text) > 40]
    for path in Path(trained["run"]).iterdir():
        if path.is_file():
            content = path.read_text(encoding="utf-8")
            assert not [phrase for phrase in phrases if phrase in content], path.name


def test_the_model_loads_in_plain_spark_nlp(trained: dict[str, Any], tmp_path: Path) -> None:
    from alabtrain.spark.jars import fetch_jars
    from alabtrain.spark.java import find_java

    jars = ",".join(f"local:{jar}" for jar in fetch_jars())
    environment = {**os.environ, "JAVA_HOME": str(find_java().home), "PYSPARK_PYTHON": sys.executable}
    done = subprocess.run(
        [sys.executable, "-c", LOAD, jars, trained["models"][0]["path"]],
        capture_output=True, text=True, env=environment, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "tags:" in done.stdout


def test_a_random_split_validates_and_keeps_the_best_epoch(random_ner: dict[str, Any]) -> None:
    assert random_ner["metrics"]["ner"]["split"] == "validation"
    epochs = (Path(random_ner["run"]) / "epochs.jsonl").read_text(encoding="utf-8").splitlines()
    assert all(json.loads(line)["f1"] is not None for line in epochs)


def test_export_writes_the_same_sentences_in_all_parts(spark: SparkSession, clinic: Path, tmp_path: Path) -> None:
    for kind in ("conll", "jsonl"):
        assert run(["export", str(clinic), "--format", kind, "--split", "tags", "--output", str(tmp_path / kind)]) == 0
    conll = (tmp_path / "conll" / "test.conll").read_text(encoding="utf-8")
    records = [
        json.loads(line) for line in (tmp_path / "jsonl" / "test.jsonl").read_text(encoding="utf-8").split("\n") if line
    ]
    assert conll.count("-DOCSTART-") == len(records) == 40
    assert conll.count(" B-") == sum(len(record["spans"]) for record in records) == 315
    for record in records:
        for token in record["tokens"]:
            assert record["text"][token["start"] : token["end"]] == token["text"]

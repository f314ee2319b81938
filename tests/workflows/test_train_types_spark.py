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
from alabtrain.labeling.config import parse_config
from alabtrain.labeling.rules import validate
from alabtrain.store.store import LocalStore
from tests.support import builders as b
from tests.support.training import train

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

TYPES = ("ner", "assertion", "classification")
LOAD = """
import sys
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession
builder = SparkSession.builder.master("local[1]").config("spark.jars", sys.argv[1]).config("spark.ui.enabled", "false")
session = builder.getOrCreate()
model = PipelineModel.load(sys.argv[2])
text = "No fever. He denies chest pain and has a cough.\\r\\n\\U0001F600 Given ibuprofen, known asthma."
texts = [[text], ["Nothing."], [""]]
rows = model.transform(session.createDataFrame(texts, "text string")).select("ner_chunk", "assertion", "class").collect()
for row in rows:
    assert [c.begin for c in row.ner_chunk] == [a.begin for a in row.assertion], row
    assert all(0 <= float(a.metadata["confidence"]) <= 1 for a in row.assertion), row
assert len(rows[0].ner_chunk) > 1, rows[0]
assert [len(row["class"]) for row in rows] == [1, 1, 0], rows
assert "alabtrain" not in sys.modules
"""


def read(answer: dict[str, Any], name: str) -> Any:
    return json.loads((Path(answer["run"]) / name).read_text(encoding="utf-8"))


def test_one_command_trains_every_type_of_the_project(mixed: dict[str, Any]) -> None:
    folder = Path(mixed["run"])
    assert [(model["type"], model["name"]) for model in mixed["models"]] == [
        ("ner", "ner_clinic_annotation_manual"),
        ("assertion", "assertion_jsl_annotation_manual"),
        ("classification", "classification_urgency_annotation_manual"),
    ]
    assert set(mixed["metrics"]) == set(TYPES)
    assert mixed["not_trained"] == []
    for kind in TYPES:
        for name in ("model", "train.log", "epochs.jsonl"):
            assert (folder / kind / name).exists(), (kind, name)
    assert (folder / "pipeline").is_dir()
    record = read(mixed, "run.json")
    assert (record["type"], record["types"]) == ("mixed", list(TYPES))
    assert record["parameters"]["assertion.epochs"] == {"value": 8, "from": "flag"}
    assert record["parameters"]["classification.learning_rate"]["from"] == "default"


def test_the_scores_are_better_than_one_class_for_all(mixed: dict[str, Any]) -> None:
    for kind in ("assertion", "classification"):
        metrics = mixed["metrics"][kind]
        support = {name: entry["support"] for name, entry in metrics["labels"].items()}
        assert metrics["split"] == "test"
        assert metrics["accuracy"] > max(support.values()) / sum(support.values())


def test_every_status_and_choice_is_accounted_for(mixed: dict[str, Any], clinic: Path) -> None:
    stages = {(stage["name"], stage["unit"]): stage for stage in read(mixed, "funnel.json")["stages"]}
    for stage in stages.values():
        assert stage["entered"] == stage["left"] + sum(stage["lost"].values())
    placed = stages["place statuses", "statuses"]
    assert placed["entered"] == stages["pair statuses", "statuses"]["left"]
    assert stages["read choices", "choices"]["left"] > 0
    tested = mixed["metrics"]["assertion"]["micro"]["support"]
    assert 0 < tested < placed["left"]


def test_the_patched_config_is_valid_and_names_all_models(mixed: dict[str, Any], clinic: Path) -> None:
    after = (Path(mixed["run"]) / "config.xml").read_bytes()
    config = parse_config(after, where="config.xml")
    assert not [finding for finding in validate(config) if finding.severity == "error"]
    assert set(config.models) == {
        "ner_clinic_annotation_manual",
        "assertion_jsl_annotation_manual.model",
        "classification_urgency_annotation_manual",
    }
    with zipfile.ZipFile(clinic) as archive:
        assert parse_config(archive.read("config.xml"), where="before").models == ()


def test_no_text_of_a_document_is_in_the_run(mixed: dict[str, Any], clinic: Path) -> None:
    with zipfile.ZipFile(clinic) as archive:
        texts = [task["data"]["text"] for task in json.loads(archive.read("result.json"))]
    phrases = [text[:40] for text in texts if len(text) > 40]
    folder = Path(mixed["run"])
    for path in [*folder.iterdir(), *(p for kind in TYPES for p in (folder / kind).iterdir())]:
        if path.is_file():
            content = path.read_text(encoding="utf-8")
            assert not [phrase for phrase in phrases if phrase in content], path.name


def test_the_combined_pipeline_runs_in_plain_spark_nlp(mixed: dict[str, Any], tmp_path: Path) -> None:
    from alabtrain.spark.jars import fetch_jars
    from alabtrain.spark.java import find_java

    jars = ",".join(f"local:{jar}" for jar in fetch_jars())
    environment = {**os.environ, "JAVA_HOME": str(find_java().home), "PYSPARK_PYTHON": sys.executable}
    done = subprocess.run(
        [sys.executable, "-c", LOAD, jars, str(Path(mixed["run"]) / "pipeline")],
        capture_output=True, text=True, env=environment, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_status_does_not_depend_on_the_other_chunks_of_the_text(spark: SparkSession, mixed: dict[str, Any]) -> None:
    from pyspark.ml import PipelineModel
    from pyspark.sql import functions as f

    # The chunks are given: where the example's NER model sees them may differ by a token from one training to the next.
    model = PipelineModel.load(str(Path(mixed["run"]) / "assertion" / "model"))
    alone = [("No fever today.", ["fever"]), ("He denies chest pain and has a cough.", ["chest pain", "cough"])]
    made = (
        "transform(chunks, (c, i) -> named_struct('annotatorType', 'chunk', 'begin', instr(text, c.word) - 1, "
        "'end', instr(text, c.word) + length(c.word) - 2, 'result', c.word, 'metadata', map('entity', 'Problem', "
        "'sentence', string(c.sentence), 'chunk', string(i)), 'embeddings', cast(array() AS array<float>)))"
    )

    def statuses(texts: list[tuple[str, list[tuple[str, int]]]]) -> list[tuple[str, float]]:
        rows = [(number, text, chunks) for number, (text, chunks) in enumerate(texts)]
        frame = spark.createDataFrame(rows, "id long, text string, chunks array<struct<word: string, sentence: int>>")
        frame = frame.withColumn("ner_chunk", f.expr(made).alias("ner_chunk", metadata={"annotatorType": "chunk"}))
        found = "transform(assertion, a -> struct(a.result AS status, a.metadata['score_Absent'] AS score))"
        collected = model.transform(frame).orderBy("id").selectExpr(f"{found} AS found").collect()
        return [(one.status, float(one.score)) for row in collected for one in row.found]

    apart = statuses([(text, [(word, 0) for word in words]) for text, words in alone])
    both = [(word, number) for number, (_, words) in enumerate(alone) for word in words]
    together = statuses([(" ".join(text for text, _ in alone), both)])
    assert len(together) == len(both)
    assert [status for status, _ in together] == [status for status, _ in apart]
    assert [score for _, score in together] == pytest.approx([score for _, score in apart], abs=0.01)


def test_single_choice_keeps_the_best_class_or_has_a_network_for_one_vector(
    spark: SparkSession, mixed: dict[str, Any], few: Path, tmp_path: Path
) -> None:
    from pyspark.ml import PipelineModel

    vector = str(Path(mixed["run"]) / "classification" / "model")
    sequence = train(str(few), "--type", "classification", "--epochs", "1", "--runs", str(tmp_path))
    folders = {"MultiClassifierDLModel": sequence["models"][0]["path"], "ClassifierDLModel": vector}
    networks = {name: PipelineModel.load(folder) for name, folder in folders.items()}
    frame = spark.createDataFrame([["Chest pain since this morning, sent to the emergency room."], [""]], "text string")
    for name, model in networks.items():
        assert name in [type(stage).__name__ for stage in model.stages]
        first, second = model.transform(frame).collect()
        (best,) = first["class"]
        scores = {key: float(value) for key, value in best.metadata.items() if key in ("Routine", "Soon", "Emergency")}
        assert best.result == max(scores, key=scores.__getitem__)
        assert second["class"] == []
    topics = ["--choices", "topics", "--classifier", "classifierdl", "--type", "classification"]
    assert run(["train", str(few), *topics]) == 2


def test_a_group_of_several_choices_gets_a_threshold(spark: SparkSession, few: Path, tmp_path: Path) -> None:
    topics = ["--type", "classification", "--choices", "topics", "--epochs", "2"]
    answer = train(str(few), *topics, "--runs", str(tmp_path))
    assert answer["models"][0]["name"] == "classification_topics_annotation_manual"
    assert (Path(answer["run"]) / "model").is_dir()
    metrics = answer["metrics"]["classification"]
    assert metrics["mode"] == "multiple"
    assert 0.05 <= metrics["threshold"] <= 0.95
    assert read(answer, "run.json")["parameters"]["threshold"]["value"] == metrics["threshold"]
    assert {"subset_accuracy", "hamming_loss"} <= metrics.keys()
    assert "choices_taken" in [finding["code"] for finding in answer["findings"]]


def test_a_type_without_examples_is_reported_and_the_others_are_trained(
    spark: SparkSession, few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(few) as archive:
        tasks = json.loads(archive.read("result.json"))
        config = archive.read("config.xml")
        manifest = archive.read("project.json")
    for task in tasks:
        for completion in task["completions"]:
            completion["result"] = [item for item in completion["result"] if item["type"] != "choices"]
    project = tmp_path / "p.zip"
    with zipfile.ZipFile(project, "w") as archive:
        archive.writestr("result.json", json.dumps(tasks))
        archive.writestr("config.xml", config)
        archive.writestr("project.json", manifest)
    types = ["--type", "ner", "--type", "classification", "--epochs", "1", "--runs", str(tmp_path / "runs")]
    answer = train(str(project), *types)
    assert [entry["type"] for entry in answer["not_trained"]] == ["classification"]
    assert [model["type"] for model in answer["models"]] == ["ner"]
    assert read(answer, "not_trained.json") == answer["not_trained"]
    assert run(["train", str(project), *types, "--embeddings", "word2vec", "--strict"]) in (3, 6)


def test_a_type_that_no_graph_takes_is_left_out_and_the_others_are_trained_and_deployed(
    spark: SparkSession, tmp_path: Path
) -> None:
    labels = [f"L{number}" for number in range(20)]
    config = b.CONFIG.replace(
        '<Label value="Symptom"', "".join(f'<Label value="{n}"/>' for n in labels) + '<Label value="Symptom"'
    )
    tasks = []
    for number in range(40):
        text = f"{b.TEXT} Day {number}."
        result = [b.region(0, 10, labels[number % 20], text=text), b.choice("mood", ("calm", "worried")[number % 2])]
        tasks.append(b.task(number + 1, b.completion(1000 * number + 1001, result=result), data={"text": text}))
    project = b.write_project(tmp_path / "p.zip", tasks, config=config)
    store = tmp_path / "models"
    types = [
        "--type",
        "ner",
        "--type",
        "classification",
        "--classifier",
        "classifierdl",
        "--epochs",
        "1",
        "--deploy",
        "--models",
        str(store),
    ]
    answer = train(str(project), *types, "--runs", str(tmp_path / "runs"))
    assert [(entry["type"], entry["code"]) for entry in answer["not_trained"]] == [("ner", "no_graph")]
    assert [model["name"] for model in answer["models"]] == ["classification_mood_annotation_manual"]
    assert [entry.name for entry in LocalStore(store).entries()] == ["classification_mood_annotation_manual"]
    deployed = (Path(answer["run"]) / "config.xml").read_text(encoding="utf-8")
    assert "ner_" not in deployed
    assert "classification_mood_annotation_manual" in deployed

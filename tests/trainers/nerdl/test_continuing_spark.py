"""A NER model that continues another one, in the real engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from alabtrain.cli import run
from alabtrain.project.project import open_project
from tests.support.training import train

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

ENGLISH = ["--type", "ner", "--split", "tags"]
STILL = ["--epochs", "1", "--learning-rate", "1e-30"]


@pytest.fixture(scope="module")
def base(minilm_ner: dict[str, Any]) -> dict[str, Any]:
    """A model of the second part."""
    return minilm_ner


def test_without_learning_a_continued_model_says_what_its_base_says(
    base: dict[str, Any], clinic: Path, halves: Path, tmp_path: Path
) -> None:
    part = [str(clinic), *ENGLISH, "--task-tags", str(halves), "--tags", "first,Test", *STILL]
    continued = train(*part, "--base-model", base["run"], "--runs", str(tmp_path), embeddings="minilm")
    scores, of_base = continued["metrics"]["ner"]["entity"], base["metrics"]["ner"]["entity"]
    assert of_base["micro"]["f1"] > 0.3
    assert scores["labels"] == of_base["labels"]
    record = json.loads((Path(continued["run"]) / "run.json").read_text(encoding="utf-8"))
    assert record["parameters"]["base_model"] == {"value": base["run"], "from": "flag"}
    assert base["run"] in (Path(continued["run"]) / "README.md").read_text(encoding="utf-8")
    by_path = train(*part, "--base-model", base["models"][0]["path"], "--runs", str(tmp_path), embeddings="minilm")
    assert by_path["metrics"]["ner"]["entity"] == continued["metrics"]["ner"]["entity"]


def test_labels_that_come_and_go_are_told_or_refused(
    base: dict[str, Any], few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.xml"
    text = open_project(few).config.source.decode("utf-8")  # type: ignore[union-attr]
    config.write_text(text.replace('<Label value="Anatomy"', '<Label value="Organ"'), encoding="utf-8")
    arguments = [str(few), *ENGLISH, "--config", str(config), "--base-model", base["run"], *STILL]
    answer = train(*arguments, "--runs", str(tmp_path / "runs"), embeddings="minilm")
    lost = next(f for f in answer["findings"] if f["code"] == "lost_labels")
    assert (lost["count"], lost["examples"]) == (1, ["Anatomy"])
    assert answer["models"][0]["labels"] == ["Problem", "Test", "Treatment"]
    # The model of three labels gets the fourth one, or refuses it.
    arguments = [str(few), *ENGLISH, "--base-model", answer["run"], *STILL, "--runs", str(tmp_path / "more")]
    more = train(*arguments, embeddings="minilm")
    new = next(f for f in more["findings"] if f["code"] == "new_labels")
    assert new["examples"] == ["Anatomy"]
    assert "Anatomy" in more["models"][0]["labels"]
    assert run(["train", *arguments, "--embeddings", "minilm", "--no-new-labels"]) == 2
    assert "does not have the label 'Anatomy'" in capsys.readouterr().err


def test_other_vectors_are_refused_before_they_are_computed(
    base: dict[str, Any], few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--type", "ner", "--embeddings", "word2vec", "--base-model", base["models"][0]["path"]]
    assert run(["train", str(few), *arguments, "--runs", str(tmp_path)]) == 2
    assert "trained with other embeddings" in capsys.readouterr().err


def test_a_name_that_nobody_has_is_told(
    spark: SparkSession, few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--type", "ner", "--base-model", "ner_of_nobody", "--runs", str(tmp_path)]
    assert run(["train", str(few), *arguments]) == 4
    told = capsys.readouterr().err
    assert "'ner_of_nobody' (en) could not be loaded" in told
    assert "Traceback" not in told

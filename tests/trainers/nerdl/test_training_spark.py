"""Which epoch of a training the model is of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from alabtrain.documents.split import SplitOptions
from alabtrain.project.project import open_project
from alabtrain.selection.options import SelectionOptions
from alabtrain.spark.session import SparkOptions
from alabtrain.trainers.corpus import CorpusChoice
from alabtrain.trainers.factory import make_trainers
from alabtrain.workflows.train import train

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def test_the_best_epoch_is_kept_where_it_is_asked_for(spark: SparkSession, clinic: Path, tmp_path: Path) -> None:
    project = open_project(clinic)
    # A decay that the command line refuses: the rate grows from epoch to epoch, until the last one destroys the network.
    parameters = {"epochs": 4, "learning_rate": 0.005, "decay": -0.3333, "best_model": True}
    result = train(
        project=project, trainers=make_trainers(project.config, ("ner",), parameters),
        corpus=CorpusChoice(embeddings="word2vec", lang="en"), selection=SelectionOptions(),
        split=SplitOptions(split="random", seed=1), spark=SparkOptions(), output=tmp_path,
    )  # fmt: skip
    lines = (result.run / "epochs.jsonl").read_text(encoding="utf-8").splitlines()
    *others, last = (json.loads(line)["f1"] for line in lines)
    assert max(others) > last + 0.2
    found = result.metrics["ner"]["tag"]["micro"]["f1"]
    assert found == pytest.approx(max(others), abs=0.02)
    assert "last_epoch_fell" not in {finding.code for finding in result.findings}

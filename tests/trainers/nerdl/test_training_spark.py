"""Which epoch of a training the model is of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from alabtrain.documents.options import SplitOptions
from alabtrain.embeddings.options import EmbeddingOptions
from alabtrain.trainers.ner.options import NerOptions
from alabtrain.workflows.train import train
from alabtrain.workflows.train_config import TrainConfig
from alabtrain.workflows.workspace import Workspace

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def test_the_best_epoch_is_kept_where_it_is_asked_for(spark: SparkSession, clinic: Path, tmp_path: Path) -> None:
    ner = NerOptions(epochs=4, learning_rate=0.005, best_model=True)
    # A decay that the options refuse: the rate grows from epoch to epoch, until the last one destroys the network.
    object.__setattr__(ner, "decay", -0.3333)
    config = TrainConfig(
        types=("ner",), ner=ner, embeddings=EmbeddingOptions(embeddings="word2vec", lang="en"),
        split=SplitOptions(split="random", seed=1),
    )  # fmt: skip
    result = train(clinic, config, Workspace(runs=tmp_path))
    lines = (result.run / "epochs.jsonl").read_text(encoding="utf-8").splitlines()
    *others, last = (json.loads(line)["f1"] for line in lines)
    assert max(others) > last + 0.2
    found = result.metrics["ner"]["tag"]["micro"]["f1"]
    assert found == pytest.approx(max(others), abs=0.02)
    assert "last_epoch_fell" not in {finding.code for finding in result.findings}

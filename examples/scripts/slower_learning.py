"""A training script of one's own: NerDL at half the learning rate, with smaller steps, and the best epoch if asked.

    alabtrain train examples/clinic/clinic.zip --type ner --script examples/scripts/slower_learning.py

alabtrain reads the project, chooses the completions, makes the vectors and the tags, calls `train`, scores what it
returns and keeps it in a run folder. The script is run with your rights, and a copy of it stays in the run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from sparknlp.annotator import NerDLApproach


def train(
    session: SparkSession, training: DataFrame, test: DataFrame, parameters: dict[str, Any], log: Callable[[str], None]
) -> Any:
    """Return a fitted tagger with the output column `ner`.

    `training` and `test` hold a sentence per row: `sentence`, `token`, `embeddings`, and `label` with the IOB2 tags.
    `test` is what the model is scored on, so nothing here looks at it; `parameters["validation"]` is the path of a
    parquet of sentences that were held back to judge each epoch (None with `--validation 0`).
    """
    rate = parameters["learning_rate"] / 2
    tagger = (
        NerDLApproach()
        .setInputCols(["sentence", "token", "embeddings"])
        .setLabelColumn("label")
        .setOutputCol("ner")
        .setMaxEpochs(parameters["epochs"])
        .setLr(rate)
        .setPo(parameters["decay"])
        .setBatchSize(max(1, parameters["batch_size"] // 2))
        .setRandomSeed(parameters["seed"])
        .setIncludeConfidence(True)
        .setVerbose(0)
    )
    if parameters["validation"]:
        tagger = tagger.setTestDataset(parameters["validation"]).setUseBestModel(parameters["best_model"])
        tagger = tagger.setBestModelMetric("test_micro_f1")  # without this Spark NLP 5.5.3 keeps the last epoch
    log(f"{training.count()} sentences, {len(parameters['labels'])} labels, learning rate {rate}")
    return tagger.fit(training)

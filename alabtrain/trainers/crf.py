"""Train Spark NLP's linear-chain CRF (https://sparknlp.org/docs/en/annotators#nercrf) on the words of pages.

After Lafferty et al., "Conditional Random Fields", 2001 (https://repository.upenn.edu/handle/20.500.14332/6188).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alabtrain.engine.annotators import SENTENCE, TOKEN
from alabtrain.stages.crf import LAYOUT_VECTORS, POS
from alabtrain.trainers.background import run_aside
from alabtrain.trainers.nerdl import LABEL

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

EPOCHS = 12
L2 = 0.2
RATE = 0.003
"""The first step: with ten times as much the weights become no numbers on pages of a hundred words."""


def fit_crf(training: DataFrame, count: int, output: str, seed: int) -> Any:
    """Return a CRF trained on the column `label` of `training`, which has `count` rows.

    It descends in steps of `1 / (2 * L2 / count * (steps so far + c0))`. Spark NLP's default of c0 is made for tens of
    thousands of sentences; here it is what makes the first step `RATE`. Raises `TrainingError`, `Interrupted`.
    """
    from sparknlp.annotator import NerCrfApproach

    approach = (
        NerCrfApproach()
        .setInputCols([SENTENCE, TOKEN, POS, LAYOUT_VECTORS])
        .setLabelColumn(LABEL)
        .setOutputCol(output)
        .setMinEpochs(EPOCHS)
        .setMaxEpochs(EPOCHS)
        .setL2(L2)
        .setC0(max(1, round(count / (2 * L2 * RATE))))
        .setRandomSeed(seed)
        .setVerbose(0)
        .setIncludeConfidence(True)
    )
    return run_aside(lambda: approach.fit(training), lambda: None)

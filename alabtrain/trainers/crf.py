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

EPOCHS = 20
L2 = 0.1


def fit_crf(training: DataFrame, output: str, seed: int) -> Any:
    """Return a CRF trained on the column `label` of `training`. Raises `TrainingError`, `Interrupted`."""
    from sparknlp.annotator import NerCrfApproach

    approach = (
        NerCrfApproach()
        .setInputCols([SENTENCE, TOKEN, POS, LAYOUT_VECTORS])
        .setLabelColumn(LABEL)
        .setOutputCol(output)
        .setMinEpochs(EPOCHS)
        .setMaxEpochs(EPOCHS)
        .setL2(L2)
        .setRandomSeed(seed)
        .setVerbose(0)
        .setIncludeConfidence(True)
    )
    return run_aside(lambda: approach.fit(training), lambda: None)

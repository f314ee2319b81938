"""Train NerDL on tagged sequences of vectors, whatever they stand for: sentences, or the words around a chunk.

NerDL: https://sparknlp.org/docs/en/annotators#nerdl, after Chiu and Nichols, "Named Entity Recognition with
Bidirectional LSTM-CNNs", 2016 (https://arxiv.org/abs/1511.08308).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alabtrain.core.errors import SetupError, TrainingError
from alabtrain.core.events import Sink
from alabtrain.core.findings import Finding
from alabtrain.spark.background import run_aside
from alabtrain.trainers.engine_log import NerLog
from alabtrain.trainers.learning import fallen
from alabtrain.trainers.nerdl.continuing import Network, start_from
from alabtrain.trainers.nerdl.editions import OPEN, ner_approach
from alabtrain.trainers.nerdl.graph_files import Change, write_graphs
from alabtrain.trainers.nerdl.network import foresee_numbering, numbering_of
from alabtrain.trainers.nerdl.options import TaggerOptions
from alabtrain.trainers.nerdl.seeding import seed_order, seed_randomness

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

LABEL = "label"
# In 5.5.3 the metric's default is no name that the engine knows: it would keep no epoch but the last.
BEST_METRIC = "test_micro_f1"


@dataclass(frozen=True, slots=True)
class Fitted:
    """A NerDLModel, whether it is of the last epoch, and each epoch's validation F1; none without a validation part."""

    model: Any
    of_last: bool
    f1s: Sequence[float]

    def findings(self, kind: str) -> list[Finding]:
        """Return what is to be said of the training of a `kind` of model."""
        return fallen(kind, self.f1s) if self.of_last else []


def fit_tagger(
    training: DataFrame,
    columns: Sequence[str],
    output: str,
    parameters: TaggerOptions,
    *,
    seed: int,
    scratch: Path,
    held_back: str | None,
    sink: Sink,
    dimension: int,
    edition: str = OPEN,
    base: Network | None = None,
) -> Fitted:
    """Return NerDL trained on the column `label` of `training`, following its log.

    `training` is ordered, and has no column that can be sorted but the one that orders it: the engine sorts by the
    others. `columns` are those of sentences, tokens and vectors; `scratch` a folder that is not there yet, for the log
    and the graphs; `held_back` the place of a parquet that validates each epoch; `dimension` how many numbers a vector
    has; `edition` whose trainer is used (`trainers.editions`): it is taken to have NerDL's setters; `base` a network to
    start from (open edition). Raises `TrainingError`, `Interrupted`, `UsageError` when `base` is of another
    architecture, and `SetupError` when the trainer lacks a setter or the session has other graphs.
    """
    assert parameters.epochs is not None  # noqa: S101 - settled before
    scratch.mkdir()
    approach = ner_approach(edition)
    try:
        approach = _configured(approach, parameters, seed, scratch, held_back, edition)
    except AttributeError as problem:
        raise SetupError(
            f"{type(approach).__name__} has no {problem.name}",
            hint="--edition open trains without it",
            code="no_edition",
        ) from None
    numbering = None
    if edition == OPEN:
        changes: list[Change] = [partial(seed_randomness, seed=seed)]
        if base is not None:
            seed_order(seed)
            numbering = foresee_numbering(training, columns, LABEL, parameters.batch_size)
            changes.append(partial(start_from, network=base, numbering=numbering))
        approach = approach.setGraphFolder(write_graphs(approach, dimension, changes, scratch / "graphs"))
        seed_order(seed)
    approach = approach.setInputCols(list(columns)).setLabelColumn(LABEL).setOutputCol(output)
    follower = NerLog(scratch, sink, held_back is not None)
    model = run_aside(lambda: approach.fit(training), follower.look)
    follower.finish()
    if numbering is not None and numbering_of(model) != numbering:
        raise TrainingError("Spark NLP numbered the tags and characters in another way than was foreseen")
    return Fitted(model, not parameters.best_model, follower.f1s)


def _configured(
    approach: Any, parameters: TaggerOptions, seed: int, scratch: Path, held_back: str | None, edition: str
) -> Any:
    approach = (
        approach.setMaxEpochs(parameters.epochs)
        .setLr(parameters.learning_rate)
        .setPo(parameters.decay)
        .setDropout(parameters.dropout)
        .setBatchSize(parameters.batch_size)
        .setRandomSeed(seed)
        .setIncludeConfidence(True)
        .setVerbose(1)
        .setEnableOutputLogs(True)
        .setOutputLogsPath(str(scratch))
        .setEvaluationLogExtended(True)
    )
    if held_back is not None:
        approach = approach.setTestDataset(held_back).setUseBestModel(parameters.best_model)
        if edition == OPEN:
            approach = approach.setBestModelMetric(BEST_METRIC)
    return approach

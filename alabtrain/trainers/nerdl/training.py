"""Train NerDL on tagged sequences of vectors, such as sentences or the words around a chunk.

NerDL: https://sparknlp.org/docs/en/annotators#nerdl, after Chiu and Nichols, "Named Entity Recognition with
Bidirectional LSTM-CNNs", 2016 (https://arxiv.org/abs/1511.08308).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.core.errors import SetupError, TrainingError
from alabtrain.core.events import Sink
from alabtrain.core.findings import Finding
from alabtrain.spark.background import run_aside
from alabtrain.spark.types import Stage
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
# In 5.5.3 the default of this metric is unknown to the engine, so it would keep only the last epoch.
BEST_METRIC = "test_micro_f1"


@dataclass(frozen=True, slots=True)
class Fitted:
    """A NerDLModel, whether it is that of the last epoch, and the validation F1 of each epoch, if there is any."""

    model: Stage
    of_last: bool
    f1s: Sequence[float]

    def findings(self, model_type: str) -> list[Finding]:
        """Return the findings about the training of a model of this type."""
        return fallen(model_type, self.f1s) if self.of_last else []


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
    """Return NerDL trained on the column `label` of `training`, and report its log.

    `training` is ordered; its only sortable column is the one that orders it, as the engine sorts by all of them.
    `columns` are those of sentences, tokens and vectors. `scratch` is a folder for the log and the graphs, which must
    not exist yet. `held_back` is the location of a Parquet file that validates each epoch. `dimension` is that of the
    vectors. `edition` (`trainers.nerdl.editions`) selects the trainer, which must have NerDL's setters. `base` is a
    network to continue (open edition only).

    Raises:
        TrainingError: the engine fails.
        Interrupted: the user interrupts the training.
        UsageError: `base` has another architecture.
        SetupError: the trainer lacks a setter, or the session has other graphs.
    """
    assert parameters.epochs is not None  # noqa: S101 - the trainer has set it
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
        raise TrainingError("Spark NLP numbered the tags and characters differently than predicted")
    return Fitted(model, not parameters.best_model, follower.f1s)


def _configured(
    approach: Stage, parameters: TaggerOptions, seed: int, scratch: Path, held_back: str | None, edition: str
) -> Stage:
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

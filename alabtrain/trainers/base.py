"""What every trainer can do; `training.py` drives them and knows no more than this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from alabtrain.accounting import Funnel
from alabtrain.config import LabelingConfig
from alabtrain.engine.shared import SharedFolder
from alabtrain.events import Sink
from alabtrain.examples.split import Split
from alabtrain.findings import Finding
from alabtrain.project import Project
from alabtrain.select import Selection

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import SparkSession


@dataclass(frozen=True, slots=True)
class Job:
    """What one training is about: the project, its config, what was selected from it, and how it is divided."""

    project: Project
    config: LabelingConfig | None
    selection: Selection
    split: Split
    strict: bool


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the examples in one step: stages of the funnel, and findings."""

    funnel: Funnel
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One of the worst sentences, with its text: shown only when the user asks for text."""

    task_id: str
    text: str
    expected: Sequence[str]
    predicted: Sequence[str]


@dataclass(frozen=True, slots=True)
class Scores:
    """The entry of `metrics.json` for one type, and where the model was most wrong."""

    metrics: dict[str, Any]
    mistakes: Sequence[Mistake] = field(default_factory=tuple)


class Trainer(Protocol):
    """A type of model, from examples to scores; the methods are called in this order, each once."""

    type: str

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the model knows (after `read`)."""

    def read(self, job: Job) -> Account:
        """Read the examples; no Spark. Raises `NothingToTrain` when there are none."""

    def prepare(self, session: SparkSession, scratch: Path, shared: SharedFolder, sink: Sink) -> Account:
        """Turn the examples into data frames. Raises `NothingToTrain`, `InputError`.

        `scratch` is a folder of this machine, `shared` one that executors see too.
        """

    def fit(self, sink: Sink) -> None:
        """Train. Raises `TrainingError`, `Interrupted`."""

    def pipeline(self) -> PipelineModel:
        """Return the fitted pipeline, from the column `text` to predictions, of plain Spark NLP stages."""

    def score(self, sink: Sink) -> Scores:
        """Score on the test part, else on the validation part, else on none."""

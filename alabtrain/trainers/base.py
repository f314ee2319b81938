"""What every trainer can do; `training.py` drives them and knows no more than this."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from alabtrain.core.events import Sink, ignore
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Account
from alabtrain.documents.document import Document, Documents
from alabtrain.documents.split import Split
from alabtrain.documents.texts import DocumentRequest
from alabtrain.labeling.config import LabelingConfig
from alabtrain.pages.results import ScoredPage
from alabtrain.project.project import Project
from alabtrain.selection.select import Selection

if TYPE_CHECKING:
    from pyspark.ml import Transformer

    from alabtrain.trainers.corpus import Corpus


@dataclass(frozen=True, slots=True)
class Job:
    """What one training is about: the project, its config, what was selected from it, and how it is divided.

    `sink` hears of the progress of reading.
    """

    project: Project
    config: LabelingConfig | None
    selection: Selection
    split: Split
    strict: bool
    sink: Sink = ignore


@dataclass(frozen=True, slots=True)
class Mistake:
    """One of the worst sentences, with its text: shown only when the user asks for text."""

    task_id: str
    text: str
    expected: Sequence[str]
    predicted: Sequence[str]


@dataclass(frozen=True, slots=True)
class Scores:
    """The entry of `metrics.json` for one type, where the model was most wrong, and what is to be said of it.

    `pages` are those that were scored, of a model that reads pages.
    """

    metrics: dict[str, Any]
    mistakes: Sequence[Mistake] = ()
    findings: Sequence[Finding] = ()
    pages: Sequence[ScoredPage] = ()


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that makes a model what it is, besides the project; `copy` is the name of its copy in the run."""

    path: Path
    content: bytes
    copy: str

    @property
    def sha256(self) -> str:
        """The hash of what was read."""
        return hashlib.sha256(self.content).hexdigest()


class Trainer(Protocol):
    """A type of model, from examples to scores; the methods are called in this order, each once.

    A trainer that finds nothing to train on raises `NothingToTrain` in `read` or `prepare`; where others are
    trained beside it, they go on without it.
    """

    type: str
    parameters: Any  # a dataclass, for the run's record
    beside_test: float  # share of the training tasks that chooses the epoch, where tasks tagged Test give the scores

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels or classes that the model knows (after `read`)."""

    @property
    def choices(self) -> str | None:
        """The name of the Choices that a classifier was trained on; None for other types."""

    @property
    def files(self) -> tuple[InputFile, ...]:
        """What it reads besides the project, for the run's record."""

    def default_name(self, project: str, origin: str) -> str:
        """Return the name of the model where the user gives none (after `read`); `origin` is why it is trained."""

    def ask(self, options: DocumentRequest, job: Job) -> DocumentRequest:
        """Return `options` with what this trainer needs of a completion added."""

    def read(self, documents: Documents, job: Job) -> Sequence[Finding]:
        """Look at the examples; no Spark. Raises `NothingToTrain` when there are none."""

    def uses(self, document: Document) -> bool:
        """Whether a document is an example for this type: the others need no vectors."""

    def prepare(self, corpus: Corpus, sink: Sink) -> Account:
        """Put the examples on the tokens of the corpus, before vectors are computed. Raises what `read` raises."""

    def fit(self, corpus: Corpus, sink: Sink) -> None:
        """Train on the vectors of the corpus. Raises `TrainingError`, `Interrupted`."""

    def stages(self) -> list[Transformer]:
        """Return the fitted stages behind those of the corpus, of plain Spark and Spark NLP."""

    def score(self, corpus: Corpus, sink: Sink) -> Scores:
        """Score on the test part, else on the validation part, else on none."""

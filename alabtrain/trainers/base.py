"""The protocol of all trainers; the training workflow depends on nothing else of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from alabtrain.core.events import Sink, ignore
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Account
from alabtrain.core.options import Options
from alabtrain.documents.document import Document, Documents
from alabtrain.documents.split import Split
from alabtrain.documents.texts import DocumentRequest
from alabtrain.labeling.config import LabelingConfig
from alabtrain.pages.results import ScoredPage
from alabtrain.project.project import Project
from alabtrain.scoring.results import Metrics
from alabtrain.selection.select import Selection

if TYPE_CHECKING:
    from pyspark.ml import Transformer

    from alabtrain.trainers.corpus import Corpus


@dataclass(frozen=True, slots=True)
class Job:
    """The input of one training: the project, its labeling config, the selected completions and the split.

    `sink` gets the events about the progress of reading.
    """

    project: Project
    config: LabelingConfig | None
    selection: Selection
    split: Split
    strict: bool
    sink: Sink = ignore


@dataclass(frozen=True, slots=True)
class Mistake:
    """One of the sentences with the most errors, with its text: shown only if the user asks for text."""

    task_id: str
    text: str
    expected: Sequence[str]
    predicted: Sequence[str]


@dataclass(frozen=True, slots=True)
class Scores:
    """The entry of `metrics.json` for one model type, the worst mistakes of the model, and the findings.

    `pages` are the scored pages of a model that reads pages.
    """

    metrics: Metrics
    mistakes: Sequence[Mistake] = ()
    findings: Sequence[Finding] = ()
    pages: Sequence[ScoredPage] = ()


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file besides the project that determines a model; `copy` is the name of its copy in the run."""

    path: Path
    content: bytes
    copy: str

    @property
    def sha256(self) -> str:
        """The hash of the content that was read."""
        return hashlib.sha256(self.content).hexdigest()


class Trainer(Protocol):
    """Trains models of one type, from examples to scores; each method is called once, in this order.

    A trainer without examples raises `NothingToTrain` in `read` or `prepare`; the training then continues with the
    other trainers, if there are any.
    """

    type: str
    beside_test: float  # share of the training tasks that is held back for validation if tasks are tagged Test

    @property
    def parameters(self) -> Options:
        """The options that it learns with, for the run's record."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels or classes of the model (after `read`)."""

    @property
    def choices(self) -> str | None:
        """The name of the Choices that a classifier is trained on; None for other types."""

    @property
    def files(self) -> tuple[InputFile, ...]:
        """The files that it reads besides the project, for the run's record."""

    def default_name(self, project: str, origin: str) -> str:
        """Return the model's name if the user gives none (after `read`); `origin` is the reason for the training."""

    def ask(self, options: DocumentRequest, job: Job) -> DocumentRequest:
        """Return `options` extended by what this trainer reads from a completion."""

    def read(self, documents: Documents, job: Job) -> Sequence[Finding]:
        """Read the examples, without Spark. Raises `NothingToTrain` if there are none."""

    def uses(self, document: Document) -> bool:
        """Return whether a document is an example for this type; the other documents need no vectors."""

    def prepare(self, corpus: Corpus, sink: Sink) -> Account:
        """Align the examples with the tokens of the corpus, before vectors are computed.

        Raises `NothingToTrain` if none can be aligned, `InputError` if no network fits.
        """

    def fit(self, corpus: Corpus, sink: Sink) -> None:
        """Train on the vectors of the corpus. Raises `TrainingError`, `Interrupted`."""

    def stages(self) -> list[Transformer]:
        """Return the fitted stages that follow those of the corpus; their classes are Spark's and Spark NLP's own."""

    def score(self, corpus: Corpus, sink: Sink) -> Scores:
        """Score on the test part, else on the validation part; without either, there are no scores."""

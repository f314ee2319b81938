"""The steps of a training as values: each step returns the value that has the next one.

    Trainer -- read --> TrainingSet -- align --> Examples -- fit --> FittedModel -- score --> Scores

As in scikit-learn and Spark ML, what is fitted is another value than what fits it. The training workflow depends on
these protocols only; each type of model implements them in its folder.
"""

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
    """Trains models of one type, with one learner and its options.

    Attributes:
        type: the name of the type of its models.
        parameters: its options as given, for the run's record.
        files: the files that it reads besides the project, for the run's record.
        beside_test: the share of the training tasks that is held back for validation if tasks are tagged Test.
    """

    @property
    def type(self) -> str: ...  # noqa: D102 - see the class

    @property
    def parameters(self) -> Options: ...  # noqa: D102

    @property
    def files(self) -> tuple[InputFile, ...]: ...  # noqa: D102

    @property
    def beside_test(self) -> float: ...  # noqa: D102

    def ask(self, request: DocumentRequest, job: Job) -> DocumentRequest:
        """Return `request` extended by what this trainer reads from a completion."""

    def read(self, documents: Documents, job: Job) -> TrainingSet:
        """Read the examples, without Spark. Raises `NothingToTrain` if there are none."""


class TrainingSet(Protocol):
    """The examples of one type, before Spark has seen them.

    Attributes:
        labels: the labels or classes that the model will have.
        choices: the name of the Choices that a classifier is trained on; None for other types.
        parameters: the options, completed from the examples where they were open.
        findings: what was found about the examples.
    """

    @property
    def labels(self) -> tuple[str, ...]: ...  # noqa: D102 - see the class

    @property
    def choices(self) -> str | None: ...  # noqa: D102

    @property
    def parameters(self) -> Options: ...  # noqa: D102

    @property
    def findings(self) -> Sequence[Finding]: ...  # noqa: D102

    def uses(self, document: Document) -> bool:
        """Return whether a document is an example for this type; the other documents need no vectors."""

    def align(self, corpus: Corpus, sink: Sink) -> Examples:
        """Align the examples with the tokens of the corpus, before vectors are computed.

        Raises `NothingToTrain` if none can be aligned, `InputError` if no network fits.
        """


class Examples(Protocol):
    """The examples of one type, aligned with the tokens of a corpus; `account` says which were lost on the way."""

    @property
    def account(self) -> Account: ...  # noqa: D102 - see the class

    @property
    def parameters(self) -> Options: ...  # noqa: D102

    def fit(self, sink: Sink) -> FittedModel:
        """Train on the vectors of the corpus. Raises `TrainingError`, `Interrupted`."""


class FittedModel(Protocol):
    """A trained model.

    Attributes:
        stages: the fitted stages that follow those of the corpus; their classes are Spark's and Spark NLP's own.
        parameters: the options with which it was trained.
    """

    @property
    def stages(self) -> Sequence[Transformer]: ...  # noqa: D102 - see the class

    @property
    def parameters(self) -> Options: ...  # noqa: D102

    def score(self, sink: Sink) -> Scores:
        """Score on the test part, else on the validation part; without either, there are no scores."""

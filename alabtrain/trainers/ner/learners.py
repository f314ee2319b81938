"""What fits a model for named entities: NerDL, or the trainer of a licensed edition. A script is another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from alabtrain.core.events import Sink, Step
from alabtrain.core.findings import Finding
from alabtrain.embeddings.stages import EMBEDDINGS
from alabtrain.spark.annotators import SENTENCE, TAG, TOKEN
from alabtrain.trainers.base import InputFile
from alabtrain.trainers.corpus import POSITION
from alabtrain.trainers.ner.options import NER, NerOptions
from alabtrain.trainers.nerdl.base_model import BaseModel, load_base
from alabtrain.trainers.nerdl.continuing import Network
from alabtrain.trainers.nerdl.editions import OPEN
from alabtrain.trainers.nerdl.training import LABEL, fit_tagger
from alabtrain.trainers.tagging import TaggedCorpus

if TYPE_CHECKING:
    from pyspark.ml import Transformer

COLUMNS = (SENTENCE, TOKEN, EMBEDDINGS)


@dataclass(frozen=True, slots=True)
class Learned:
    """The fitted stages from vectors to `ner`, and the findings about the training."""

    stages: Sequence[Transformer]
    findings: Sequence[Finding] = ()


class Learner(Protocol):
    """Fits taggers; `files` are those that it reads, for the run's record."""

    @property
    def files(self) -> tuple[InputFile, ...]: ...  # noqa: D102 - see the class

    def ready(self, tagged: TaggedCorpus, labels: Sequence[str], sink: Sink) -> tuple[Learner, Sequence[Finding]]:
        """Return the learner for a corpus, before its vectors are computed, and the findings about that.

        Raises `InputError` if it cannot learn the corpus, `UsageError` if its base model does not fit it.
        """

    def fit(self, tagged: TaggedCorpus, labels: Sequence[str], parameters: NerOptions, sink: Sink) -> Learned:
        """Return the fitted stages. Raises `TrainingError`, `Interrupted`."""


@dataclass(frozen=True, slots=True)
class NerDlLearner:
    """NerDL, Spark NLP's character-CNN and BiLSTM tagger, or its counterpart in a licensed edition.

    Attributes:
        edition: see `trainers.nerdl.editions`; the open one may continue `base`.
        start: the network of the base model, once it was loaded.
    """

    edition: str = OPEN
    base: BaseModel | None = None
    start: Network | None = None
    files: tuple[InputFile, ...] = ()

    def ready(self, tagged: TaggedCorpus, labels: Sequence[str], sink: Sink) -> tuple[NerDlLearner, Sequence[Finding]]:
        """Require a graph that fits (the licensed editions have their own), and load the base model."""
        corpus = tagged.corpus
        if self.edition == OPEN:
            tagged.require_graph(corpus.embeddings.dimension)
        if self.base is None:
            return self, ()
        sink(Step("loading the base model"))
        loaded = load_base(self.base, corpus.options.lang)
        loaded.require_vectors(corpus.embeddings)
        return replace(self, start=loaded.network), loaded.label_findings(labels)

    def fit(self, tagged: TaggedCorpus, labels: Sequence[str], parameters: NerOptions, sink: Sink) -> Learned:
        """Train NerDL on the training part and report its log."""
        corpus = tagged.corpus
        training = tagged.labelled(corpus.frame("train"), "train", EMBEDDINGS).select(*COLUMNS, LABEL, POSITION)
        fitted = fit_tagger(
            training, COLUMNS, TAG, parameters,
            seed=corpus.seed, scratch=corpus.scratch / NER, held_back=validation(tagged), sink=sink,
            dimension=corpus.embeddings.dimension, edition=self.edition, base=self.start,
        )  # fmt: skip
        return Learned([fitted.model], fitted.findings(NER))


def validation(tagged: TaggedCorpus, columns: Sequence[str] = ("*",)) -> str | None:
    """Write the labelled validation part and return its location; None if nothing is held back."""
    corpus = tagged.corpus
    if not corpus.sentences_of("validation"):
        return None
    return tagged.held_back(tagged.labelled(corpus.frame("validation"), "validation", EMBEDDINGS).select(*columns))

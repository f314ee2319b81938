"""The model that an NER training continues (`--base-model`): found before the session starts, then read and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.core.errors import InputError, SetupError, UsageError
from alabtrain.core.findings import MAX_EXAMPLES, Finding, pluralize
from alabtrain.embeddings.stages import Embeddings
from alabtrain.spark.annotators import TAG
from alabtrain.spark.hub import ask_hub
from alabtrain.spark.saved import flat, load_saved
from alabtrain.spark.types import Stage
from alabtrain.trainers.nerdl.continuing import Network
from alabtrain.trainers.nerdl.network import read_network

if TYPE_CHECKING:
    from pyspark.ml import Transformer

TAGGER_CLASS = "NerDLModel"


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A model to continue; `location` is that of a saved pipeline or NerDLModel, None for the vendor's hub.

    `embeddings` is the embeddings choice of its training, if a run or the store records it. With `new_labels`, the
    training may add labels to it.
    """

    name: str
    location: Path | str | None
    embeddings: str | None = None
    new_labels: bool = True

    def require_embeddings(self, choice: str) -> None:
        """Raise `UsageError` if the model is recorded with another embeddings choice; needs no session."""
        if self.embeddings is not None and self.embeddings != choice:
            raise _other_embeddings(self.name, self.embeddings, choice)


@dataclass(frozen=True, slots=True)
class LoadedBase:
    """A base model in the session: its network, its labels, and the storage references and dimension of its vectors.

    `references` are those of the embeddings stages of its pipeline; without a pipeline, only the first is known.
    """

    base: BaseModel
    network: Network
    references: tuple[str, ...]
    whole_pipeline: bool
    dimension: int

    @property
    def labels(self) -> frozenset[str]:
        """The labels of the model."""
        return frozenset(tag[2:] for tag in self.network.numbering.tags if tag[:2] in ("B-", "I-"))

    def require_vectors(self, embeddings: Embeddings) -> None:
        """Raise `UsageError` if the model was trained with other embeddings."""
        known = embeddings.references if self.whole_pipeline else embeddings.references[:1]
        if known != self.references or embeddings.dimension != self.dimension:
            theirs = f"{'+'.join(self.references)}, {self.dimension} numbers"
            ours = f"{'+'.join(known)}, {embeddings.dimension} numbers"
            raise _other_embeddings(self.base.name, theirs, ours)

    def label_findings(self, labels: Sequence[str]) -> list[Finding]:
        """Return findings about labels that are new to the model, and about labels that it will lose.

        Raises `UsageError` if there are new labels and `new_labels` is False.
        """
        new = [label for label in labels if label not in self.labels]
        lost = sorted(self.labels.difference(labels))
        if new and not self.base.new_labels:
            raise UsageError(
                f"the base model does not have the label {new[0]!r}" + _and_more(new),
                where=self.base.name,
                hint="with --new-labels, the training adds labels to it",
            )
        return [*_new_labels(new), *_lost_labels(lost)]


def load_base(base: BaseModel, lang: str) -> LoadedBase:
    """Load a base model in the active session.

    Raises:
        UsageError: the location has no NER model.
        SetupError: the vendor's hub does not provide the model.
    """
    stages = flat(_load(base, lang))
    taggers = [stage for stage in stages if type(stage).__name__ == TAGGER_CLASS]
    tagger: Stage = next((stage for stage in taggers if stage.getOutputCol() == TAG), None)
    if tagger is None and len(taggers) == 1:
        tagger = taggers[0]
    if tagger is None:
        raise UsageError("this pipeline has no NerDLModel with the output column `ner`", where=base.name)
    before = [stage for stage in stages[: stages.index(tagger)] if hasattr(stage, "getStorageRef")]
    references = tuple(stage.getStorageRef() for stage in before) or (tagger.getStorageRef(),)
    network = read_network(tagger)
    dimension = tagger._java_obj.getModelIfNotSet().encoder().params().embeddingsDim()
    return LoadedBase(base, network, references, bool(before), dimension)


def _load(base: BaseModel, lang: str) -> Transformer:
    from sparknlp.annotator import NerDLModel

    if base.location is not None:
        try:
            return load_saved(base.location, base.name)
        except InputError as problem:
            raise UsageError(problem.message, where=problem.where) from None
    try:
        model: Transformer = ask_hub(lambda: NerDLModel.pretrained(base.name, lang))
    except Exception as problem:
        # For any error in the vendor's downloader, the user can only change the source.
        raise SetupError(
            f"the pretrained model {base.name!r} ({lang}) could not be loaded ({type(problem).__name__})",
            hint="without the vendor's hub, use --base-model with a run or with the folder of a downloaded model",
        ) from None
    return model


def _other_embeddings(name: str, theirs: str, ours: str) -> UsageError:
    return UsageError(
        f"this model was trained with other embeddings ({theirs}) than this training uses ({ours})",
        where=name,
        hint="choose the model's embeddings with --embeddings; each training trains word2vec anew, so a model with "
        "word2vec cannot be continued",
        code="other_embeddings",
    )


def _new_labels(new: Sequence[str]) -> list[Finding]:
    if not new:
        return []
    message = pluralize("{count} [label is|labels are] new to the base model", len(new))
    return [Finding("new_labels", "info", message, len(new), tuple(new[:MAX_EXAMPLES]))]


def _lost_labels(lost: Sequence[str]) -> list[Finding]:
    if not lost:
        return []
    message = pluralize(
        "{count} [label|labels] of the base model [is|are] not in the training part and will be lost", len(lost)
    )
    hint = "to keep them, add examples of them to the training part"
    return [Finding("lost_labels", "warning", message, len(lost), tuple(lost[:MAX_EXAMPLES]), hint)]


def _and_more(names: Sequence[str]) -> str:
    return f" and {len(names) - 1} others" if len(names) > 1 else ""

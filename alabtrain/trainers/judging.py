"""Compares predictions with gold annotations: the scored items of a model, its scores, and counts per text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from alabtrain.annotations.spans import Span
from alabtrain.core.findings import Finding, pluralize
from alabtrain.core.funnel import Account, Funnel
from alabtrain.documents.document import Document
from alabtrain.documents.tagging import Sentence, code_points, utf16_units
from alabtrain.scoring.metrics import NO_CLASS, class_scores, entities, multilabel_scores, never_right, span_scores
from alabtrain.scoring.results import Metrics
from alabtrain.trainers.predictions import Found
from alabtrain.trainers.tokens import tag_documents

if TYPE_CHECKING:
    from alabtrain.scoring.bootstrap import Counts

SPLIT = "test"
PRESENT = 0.5  # predicted classes get at least this score for the metrics


Decisions = set[tuple[object, str]]
"""What one item says: labels, each with what it is about."""


@dataclass(frozen=True, slots=True)
class Judged(ABC):
    """The scored items of a model, in the same order for all models.

    Attributes:
        labels: those that the model has, in its order; compared are `compared`, which the config names for it, too.
        texts: the text number of each item.
        account: what could not be scored.
    """

    labels: Sequence[str]
    compared: frozenset[str]
    texts: Sequence[int]
    account: Account = field(default_factory=Account, kw_only=True)

    @abstractmethod
    def metrics(self) -> Metrics:
        """Return the entry as in `metrics.json`."""

    @abstractmethod
    def decisions(self) -> Iterator[tuple[Decisions, Decisions]]:
        """Yield what each item says: in the gold annotations, and predicted."""

    def findings(self, model_type: str, metrics: Metrics) -> list[Finding]:
        """Return what was found about the scores `metrics`: the account, and classes that are never right."""
        return [*self.account.findings, *never_right(metrics, model_type)]

    def counts(self, labels: Collection[str]) -> list[Counts]:
        """Return the counts (right, given, wanted) of some labels for each text that has an item, in order."""
        by_text: dict[int, list[Counter[str]]] = {}
        for text, (wanted, given) in zip(self.texts, self.decisions(), strict=True):
            counts = by_text.setdefault(text, [Counter(), Counter(), Counter()])
            for counter, items in zip(counts, (wanted & given, given, wanted), strict=True):
                counter.update(label for _about, label in items if label in labels)
        return [
            {label: (right[label], given[label], wanted[label]) for label in given.keys() | wanted.keys()}
            for _text, (right, given, wanted) in sorted(by_text.items())
        ]


@dataclass(frozen=True, slots=True)
class JudgedTags(Judged):
    """Each item is a sentence with the IOB2 tag of each token."""

    gold: Sequence[Sequence[str]]
    predicted: Sequence[Sequence[str]]

    def metrics(self) -> Metrics:
        """Return the scores of entities."""
        return span_scores(self.gold, self.predicted, SPLIT)

    def decisions(self) -> Iterator[tuple[Decisions, Decisions]]:
        """Yield the entities of each sentence."""
        for gold, predicted in zip(self.gold, self.predicted, strict=True):
            yield _entities(gold), _entities(predicted)


@dataclass(frozen=True, slots=True)
class JudgedClass(Judged):
    """Each item is a text or an entity that has one class or status."""

    gold: Sequence[str]
    predicted: Sequence[str]

    def metrics(self) -> Metrics:
        """Return the scores of classes."""
        return class_scores(self.gold, self.predicted, SPLIT, self.labels)

    def decisions(self) -> Iterator[tuple[Decisions, Decisions]]:
        """Yield the class of each item, if there is one."""
        for gold, predicted in zip(self.gold, self.predicted, strict=True):
            yield {(None, gold)}, {(None, label) for label in {predicted} - {NO_CLASS}}


@dataclass(frozen=True, slots=True)
class JudgedClasses(Judged):
    """Each item is a text that has any number of classes."""

    gold: Sequence[Collection[str]]
    predicted: Sequence[Collection[str]]

    def metrics(self) -> Metrics:
        """Return the scores of classes; the threshold is inside the model and cannot be read."""
        scores = [dict.fromkeys(classes, 1.0) for classes in self.predicted]
        metrics = multilabel_scores(self.gold, scores, SPLIT, PRESENT, self.labels)
        metrics["threshold"] = None
        return metrics

    def decisions(self) -> Iterator[tuple[Decisions, Decisions]]:
        """Yield the classes of each text."""
        for gold, predicted in zip(self.gold, self.predicted, strict=True):
            yield {(None, label) for label in gold}, {(None, label) for label in predicted}


def _entities(tags: Sequence[str]) -> Decisions:
    return {((entity.start, entity.end), entity.label) for entity in entities(tags)}


def judge_spans(
    documents: Sequence[Document],
    found: Sequence[Sequence[Found]],
    sentences: Sequence[Sentence],
    labels: Sequence[str],
    shown: str,
) -> JudgedTags:
    """Compare the entities that a model found with the spans of the documents, both as tags of `sentences`.

    `labels` are those that count; `shown` names the model.
    """
    known = frozenset(labels)
    wanted = [replace(d, spans=tuple(s for s in d.spans if s.label in known)) for d in documents]
    predicted = [
        replace(document, spans=_aligned(document.text, items, known))
        for document, items in zip(documents, found, strict=True)
    ]
    tagged, found_tagged = (tag_documents(one, sentences) for one in (wanted, predicted))
    gold_tags, predicted_tags = ([list(s.tags) for s in one.sentences] for one in (tagged, found_tagged))
    stages = (replace(stage, unit=f"{stage.unit} of {shown}") for stage in tagged.funnel)
    lost = sum(sum(stage.lost.values()) for stage in found_tagged.funnel)
    account = Account(Funnel(tuple(stages)), [*tagged.findings, *_unplaced(shown, lost)])
    texts = [s.sentence.document for s in tagged.sentences]
    return JudgedTags(tuple(labels), known, texts, gold_tags, predicted_tags, account=account)


def judge_statuses(
    documents: Sequence[Document], found: Sequence[Sequence[Found]], labels: Sequence[str]
) -> JudgedClass | None:
    """Compare the statuses of the annotated entities; None if there are none."""
    texts: list[int] = []
    gold: list[str] = []
    judged: list[str] = []
    for number, (document, items) in enumerate(zip(documents, found, strict=True)):
        predicted = {item.begin: item.label for item in items}
        # An entity without a vector has no predicted status: that counts as wrong.
        offsets = [utf16_units(document.text, status.start) for status in document.statuses]
        judged += [predicted.get(offset, NO_CLASS) for offset in offsets]
        gold += [status.label for status in document.statuses]
        texts += [number] * len(document.statuses)
    return JudgedClass(tuple(labels), frozenset(labels), texts, gold, judged) if texts else None


def judge_classes(
    documents: Sequence[Document],
    found: Sequence[Sequence[Found]],
    labels: Sequence[str],
    group: str,
    *,
    several: bool,
) -> Judged | None:
    """Compare the classes of the texts that have one in a group of choices; None if there are none."""
    rows = [
        (number, values, items)
        for number, (document, items) in enumerate(zip(documents, found, strict=True))
        if (values := document.choices.get(group))
    ]
    if not rows:
        return None
    texts, gold = [number for number, _values, _items in rows], [values for _number, values, _items in rows]
    names, known = tuple(labels), frozenset(labels)
    if several:
        return JudgedClasses(names, known, texts, gold, [{one.label for one in items} for _n, _v, items in rows])
    return JudgedClass(names, known, texts, [values[0] for values in gold], [_best(items) for _n, _v, items in rows])


def _best(items: Sequence[Found]) -> str:
    return max(items, key=lambda item: item.score or 0).label if items else NO_CLASS


def _unplaced(shown: str, count: int) -> list[Finding]:
    if not count:
        return []
    message = f"{{count}} [entity|entities] that {shown} found could not be aligned with tokens: not scored"
    return [Finding("unplaced_prediction", "warning", pluralize(message, count), count)]


def _aligned(text: str, items: Sequence[Found], labels: Collection[str]) -> tuple[Span, ...]:
    known = [item for item in items if item.label in labels]
    offsets = code_points(text, [item.begin for item in known], [item.end for item in known])
    return tuple(sorted(Span(start, end, t.label) for (start, end), t in zip(offsets, known, strict=True)))

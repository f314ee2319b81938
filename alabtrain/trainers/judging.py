"""Compares predictions with gold annotations: the scored items of a model, its scores, and counts per text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from alabtrain.annotations.spans import Span
from alabtrain.core.findings import Finding, pluralize
from alabtrain.core.funnel import Account, Funnel
from alabtrain.documents.document import Document
from alabtrain.documents.tagging import Sentence, code_points, utf16_units
from alabtrain.scoring.metrics import NO_CLASS, class_scores, entities, multilabel_scores, never_right, span_scores
from alabtrain.trainers.predictions import Found
from alabtrain.trainers.tokens import tag_documents

if TYPE_CHECKING:
    from alabtrain.scoring.bootstrap import Counts

SPLIT = "test"
PRESENT = 0.5  # predicted classes get at least this score for the metrics


@dataclass(frozen=True, slots=True)
class Judged(ABC):
    """The scored items of a model, in the same order for all models.

    Attributes:
        labels: those that the model has, in its order; compared are `compared`, which the config names for it, too.
        texts: the text number of each item.
        gold, predicted: the value of each item.
        account: what could not be scored.
    """

    labels: Sequence[str]
    compared: frozenset[str]
    texts: Sequence[int]
    gold: Sequence[Any]
    predicted: Sequence[Any]
    account: Account = field(default_factory=Account)

    @abstractmethod
    def metrics(self) -> dict[str, Any]:
        """Return the entry as in `metrics.json`."""

    @abstractmethod
    def decisions(self, item: Any) -> set[tuple[object, str]]:
        """Return what one value says: labels, each with what it is about."""

    def findings(self, model_type: str, metrics: dict[str, Any]) -> list[Finding]:
        """Return what was found about the scores `metrics`."""
        return list(self.account.findings)

    def counts(self, labels: Collection[str]) -> list[Counts]:
        """Return the counts (right, given, wanted) of some labels for each text that has an item, in order."""
        by_text: dict[int, list[Counter[str]]] = {}
        for text, gold, predicted in zip(self.texts, self.gold, self.predicted, strict=True):
            wanted, given = self.decisions(gold), self.decisions(predicted)
            counts = by_text.setdefault(text, [Counter(), Counter(), Counter()])
            for counter, items in zip(counts, (wanted & given, given, wanted), strict=True):
                counter.update(label for _about, label in items if label in labels)
        return [
            {label: (right[label], given[label], wanted[label]) for label in given.keys() | wanted.keys()}
            for _text, (right, given, wanted) in sorted(by_text.items())
        ]


class JudgedTags(Judged):
    """Each item is a sentence: its value is the IOB2 tag of each token."""

    __slots__ = ()

    def metrics(self) -> dict[str, Any]:
        """Return the scores of entities."""
        return span_scores(self.gold, self.predicted, SPLIT)

    def decisions(self, item: Any) -> set[tuple[object, str]]:
        """Return the entities of a sentence."""
        return {((entity.start, entity.end), entity.label) for entity in entities(item)}


class JudgedClass(Judged):
    """Each item is a text or an entity that has one class or status."""

    __slots__ = ()

    def metrics(self) -> dict[str, Any]:
        """Return the scores of classes."""
        return class_scores(self.gold, self.predicted, SPLIT, self.labels)

    def decisions(self, item: Any) -> set[tuple[object, str]]:
        """Return the class, if there is one."""
        return {(None, label) for label in {item} - {NO_CLASS}}

    def findings(self, model_type: str, metrics: dict[str, Any]) -> list[Finding]:
        """Return the account, and classes that are never right."""
        return [*self.account.findings, *never_right(metrics, model_type)]


class JudgedClasses(JudgedClass):
    """Each item is a text that has any number of classes: its value is their set."""

    __slots__ = ()

    def metrics(self) -> dict[str, Any]:
        """Return the scores of classes; the threshold is inside the model and cannot be read."""
        scores = [dict.fromkeys(classes, 1.0) for classes in self.predicted]
        return {**multilabel_scores(self.gold, scores, SPLIT, PRESENT, self.labels), "threshold": None}

    def decisions(self, item: Any) -> set[tuple[object, str]]:
        """Return the classes of a text."""
        return {(None, label) for label in item}


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
    return JudgedTags(tuple(labels), known, texts, gold_tags, predicted_tags, account)


def judge_statuses(
    documents: Sequence[Document], found: Sequence[Sequence[Found]], labels: Sequence[str]
) -> JudgedClass | None:
    """Compare the statuses of the annotated entities; None if there are none."""
    rows = []
    for number, (document, items) in enumerate(zip(documents, found, strict=True)):
        predicted = {item.begin: item.label for item in items}
        # An entity without a vector has no predicted status: that counts as wrong.
        offsets = [utf16_units(document.text, status.start) for status in document.statuses]
        given = [predicted.get(offset, NO_CLASS) for offset in offsets]
        rows += [(number, status.label, label) for status, label in zip(document.statuses, given, strict=True)]
    return JudgedClass(tuple(labels), frozenset(labels), *_columns(rows)) if rows else None


def judge_classes(
    documents: Sequence[Document],
    found: Sequence[Sequence[Found]],
    labels: Sequence[str],
    group: str,
    *,
    several: bool,
) -> JudgedClass | None:
    """Compare the classes of the texts that have one in a group of choices; None if there are none."""
    rows = [
        (number, set(values) if several else values[0], {t.label for t in items} if several else _best(items))
        for number, (document, items) in enumerate(zip(documents, found, strict=True))
        if (values := document.choices.get(group))
    ]
    judged = JudgedClasses if several else JudgedClass
    return judged(tuple(labels), frozenset(labels), *_columns(rows)) if rows else None


def _columns(rows: Iterable[tuple[int, Any, Any]]) -> tuple[list[int], list[Any], list[Any]]:
    texts, gold, predicted = zip(*rows, strict=True)
    return list(texts), list(gold), list(predicted)


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

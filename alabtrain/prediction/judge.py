"""Compares the predictions of models on the test set with the gold annotations: scores, and counts per text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from alabtrain.annotations.spans import Span
from alabtrain.core.findings import Finding, pluralize
from alabtrain.core.funnel import Account, Funnel
from alabtrain.core.modeltypes import ASSERTION
from alabtrain.documents.tagging import Sentence, code_points, utf16_units
from alabtrain.prediction.gold import Gold
from alabtrain.prediction.load import LoadedModel
from alabtrain.prediction.results import Found
from alabtrain.scoring.metrics import NO_CLASS, class_scores, entities, multilabel_scores, span_scores
from alabtrain.scoring.results import Metrics
from alabtrain.trainers.tokens import tag_documents

if TYPE_CHECKING:
    from alabtrain.scoring.bootstrap import Counts

SPLIT = "test"
PRESENT = 0.5  # predicted classes get at least this score for the metrics


@dataclass(frozen=True, slots=True)
class Judged:
    """The scored items of a model, in the same order for all models; `texts` has the text number of each item.

    An item is a sentence (`gold` and `predicted` are its IOB2 tags), an entity (its status) or a text (its class; a
    set for several classes). `account` counts entities that could not be aligned with tokens.
    """

    model: LoadedModel
    texts: Sequence[int]
    gold: Sequence[Any]
    predicted: Sequence[Any]
    account: Account = field(default_factory=Account)

    @property
    def labels(self) -> set[str]:
        """The labels that the model knows and the config names for it."""
        named = self.model.named
        return {label.name for label in named.labels} if named.finds_spans else set(self.model.labels)

    @property
    def is_multiple(self) -> bool:
        """Whether a text has any number of classes."""
        return bool(self.model.named.choices) and self.model.named.choices[0].mode == "multiple"

    def metrics(self) -> Metrics:
        """Return the entry as in `metrics.json`."""
        labels = self.model.labels
        if self.model.named.finds_spans:
            return span_scores(self.gold, self.predicted, SPLIT)
        if self.is_multiple:
            scores = [dict.fromkeys(classes, 1.0) for classes in self.predicted]
            # The threshold is inside the model and cannot be read.
            metrics = multilabel_scores(self.gold, scores, SPLIT, PRESENT, labels)
            metrics["threshold"] = None
            return metrics
        return class_scores(self.gold, self.predicted, SPLIT, labels)

    def counts(self, labels: Collection[str]) -> list[Counts]:
        """Return the counts (right, given, wanted) of some labels for each text that has an item, in order."""
        by_text: dict[int, list[Counter[str]]] = {}
        for text, gold, predicted in zip(self.texts, self.gold, self.predicted, strict=True):
            wanted, given = self._decisions(gold), self._decisions(predicted)
            counts = by_text.setdefault(text, [Counter(), Counter(), Counter()])
            for counter, items in zip(counts, (wanted & given, given, wanted), strict=True):
                counter.update(label for _position, label in items if label in labels)
        return [
            {label: (right[label], given[label], wanted[label]) for label in given.keys() | wanted.keys()}
            for _text, (right, given, wanted) in sorted(by_text.items())
        ]

    def _decisions(self, item: Any) -> set[tuple[object, str]]:
        if self.model.named.finds_spans:
            return {((entity.start, entity.end), entity.label) for entity in entities(item)}
        classes = item if self.is_multiple else {item} - {NO_CLASS}
        return {(None, label) for label in classes}


def judge(
    gold: Gold, model: LoadedModel, found: Sequence[Sequence[Found]], sentences: Sequence[Sentence]
) -> Judged | None:
    """Compare the predictions of a model for each document with the gold annotations.

    `sentences` are those of all documents, for entities. None if the completions have no annotations of its type.
    """
    if model.named.finds_spans:
        return _spans(gold, model, found, sentences)
    judged = _statuses(gold, model, found) if model.named.type == ASSERTION else _classes(gold, model, found)
    return judged if judged.texts else None


def _spans(gold: Gold, model: LoadedModel, found: Sequence[Sequence[Found]], sentences: Sequence[Sentence]) -> Judged:
    labels = {label.name for label in model.named.labels}
    wanted = [replace(d, spans=tuple(s for s in d.spans if s.label in labels)) for d in gold.documents]
    predicted = [
        replace(document, spans=_aligned(document.text, items, labels))
        for document, items in zip(gold.documents, found, strict=True)
    ]
    tagged, found_tagged = (tag_documents(documents, sentences) for documents in (wanted, predicted))
    gold_tags, predicted_tags = ([list(s.tags) for s in one.sentences] for one in (tagged, found_tagged))
    stages = (replace(stage, unit=f"{stage.unit} of {model.named.shown}") for stage in tagged.funnel)
    lost = sum(sum(stage.lost.values()) for stage in found_tagged.funnel)
    account = Account(Funnel(tuple(stages)), [*tagged.findings, *_unplaced(model, lost)])
    return Judged(model, [s.sentence.document for s in tagged.sentences], gold_tags, predicted_tags, account)


def _unplaced(model: LoadedModel, count: int) -> list[Finding]:
    if not count:
        return []
    message = f"{{count}} [entity|entities] that {model.named.shown} found could not be aligned with tokens: not scored"
    return [Finding("unplaced_prediction", "warning", pluralize(message, count), count)]


def _aligned(text: str, items: Sequence[Found], labels: set[str]) -> tuple[Span, ...]:
    known = [item for item in items if item.label in labels]
    offsets = code_points(text, [item.begin for item in known], [item.end for item in known])
    return tuple(sorted(Span(start, end, t.label) for (start, end), t in zip(offsets, known, strict=True)))


def _statuses(gold: Gold, model: LoadedModel, found: Sequence[Sequence[Found]]) -> Judged:
    pairs = []
    for number, (document, items) in enumerate(zip(gold.documents, found, strict=True)):
        predicted = {item.begin: item.label for item in items}
        # An entity without a vector has no predicted status: that counts as wrong.
        offsets = [utf16_units(document.text, status.start) for status in document.statuses]
        labels = [predicted.get(offset, NO_CLASS) for offset in offsets]
        pairs += [(number, status.label, label) for status, label in zip(document.statuses, labels, strict=True)]
    return _of_pairs(model, pairs)


def _classes(gold: Gold, model: LoadedModel, found: Sequence[Sequence[Found]]) -> Judged:
    group = model.named.choices[0]
    classes = gold.classes[group.name]
    several = group.mode == "multiple"
    pairs = [
        (number, set(values) if several else values[0], {t.label for t in items} if several else _best(items))
        for number, (document, items) in enumerate(zip(gold.documents, found, strict=True))
        if (values := classes.get(document.task_id)) is not None
    ]
    return _of_pairs(model, pairs)


def _best(items: Sequence[Found]) -> str:
    return max(items, key=lambda item: item.score or 0).label if items else NO_CLASS


def _of_pairs(model: LoadedModel, pairs: Iterable[tuple[int, Any, Any]]) -> Judged:
    rows = list(pairs)
    return Judged(model, [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])

"""What models said of the texts that test, beside what the annotators said: scores, and counts of each text."""

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
from alabtrain.trainers.tokens import tag_documents

if TYPE_CHECKING:
    from alabtrain.scoring.bootstrap import Counts

SPLIT = "test"
PRESENT = 0.5  # a class that a model says has at least this score in the entry of the metrics


@dataclass(frozen=True, slots=True)
class Judged:
    """Items that a model was to say something of, in one order for all models; `texts` says of which text each is.

    An item is a sentence (`gold` and `said` are its IOB2 tags), an entity (its status) or a text (its class; a set of
    them for several classes). `account` tells what could not be put on tokens.
    """

    model: LoadedModel
    texts: Sequence[int]
    gold: Sequence[Any]
    said: Sequence[Any]
    account: Account = field(default_factory=Account)

    @property
    def labels(self) -> set[str]:
        """What the model can say, and the config asks it for."""
        named = self.model.named
        return {label.name for label in named.labels} if named.finds_spans else set(self.model.labels)

    @property
    def is_multiple(self) -> bool:
        """Whether a text has any number of classes."""
        return bool(self.model.named.choices) and self.model.named.choices[0].mode == "multiple"

    def metrics(self) -> dict[str, Any]:
        """Return the entry as in `metrics.json`."""
        labels = self.model.labels
        if self.model.named.finds_spans:
            return span_scores(self.gold, self.said, SPLIT)
        if self.is_multiple:
            scores = [dict.fromkeys(classes, 1.0) for classes in self.said]
            # The threshold is the model's own, which it does not tell.
            return {**multilabel_scores(self.gold, scores, SPLIT, PRESENT, labels), "threshold": None}
        return class_scores(self.gold, self.said, SPLIT, labels)

    def counts(self, labels: Collection[str]) -> list[Counts]:
        """Return what was right, given and wanted of some labels, in each text that has an item, in order."""
        by_text: dict[int, list[Counter[str]]] = {}
        for text, gold, said in zip(self.texts, self.gold, self.said, strict=True):
            wanted, given = self._things(gold), self._things(said)
            counts = by_text.setdefault(text, [Counter(), Counter(), Counter()])
            for counter, things in zip(counts, (wanted & given, given, wanted), strict=True):
                counter.update(label for _place, label in things if label in labels)
        return [
            {label: (right[label], given[label], wanted[label]) for label in given.keys() | wanted.keys()}
            for _text, (right, given, wanted) in sorted(by_text.items())
        ]

    def _things(self, item: Any) -> set[tuple[object, str]]:
        if self.model.named.finds_spans:
            return {((entity.start, entity.end), entity.label) for entity in entities(item)}
        classes = item if self.is_multiple else {item} - {NO_CLASS}
        return {(None, label) for label in classes}


def judge(
    gold: Gold, model: LoadedModel, found: Sequence[Sequence[Found]], sentences: Sequence[Sentence]
) -> Judged | None:
    """Put what a model found in each document beside what the annotators said of it.

    `sentences` are those of all documents, for entities. None where nothing in the completions is of the model's kind.
    """
    if model.named.finds_spans:
        return _spans(gold, model, found, sentences)
    judged = _statuses(gold, model, found) if model.named.type == ASSERTION else _classes(gold, model, found)
    return judged if judged.texts else None


def _spans(gold: Gold, model: LoadedModel, found: Sequence[Sequence[Found]], sentences: Sequence[Sentence]) -> Judged:
    labels = {label.name for label in model.named.labels}
    wanted = [replace(d, spans=tuple(s for s in d.spans if s.label in labels)) for d in gold.documents]
    said = [
        replace(document, spans=_placed(document.text, things, labels))
        for document, things in zip(gold.documents, found, strict=True)
    ]
    tagged, found_tagged = (tag_documents(documents, sentences) for documents in (wanted, said))
    gold_tags, said_tags = ([list(s.tags) for s in one.sentences] for one in (tagged, found_tagged))
    stages = (replace(stage, unit=f"{stage.unit} of {model.named.shown}") for stage in tagged.funnel)
    lost = sum(sum(stage.lost.values()) for stage in found_tagged.funnel)
    account = Account(Funnel(tuple(stages)), [*tagged.findings, *_unplaced(model, lost)])
    return Judged(model, [s.sentence.document for s in tagged.sentences], gold_tags, said_tags, account)


def _unplaced(model: LoadedModel, count: int) -> list[Finding]:
    if not count:
        return []
    message = (
        f"{{count}} [entity|entities] that {model.named.shown} found [fits|fit] no tokens of alabtrain's: not scored"
    )
    return [Finding("unplaced_prediction", "warning", pluralize(message, count), count)]


def _placed(text: str, things: Sequence[Found], labels: set[str]) -> tuple[Span, ...]:
    known = [thing for thing in things if thing.label in labels]
    places = code_points(text, [thing.begin for thing in known], [thing.end for thing in known])
    return tuple(sorted(Span(start, end, t.label) for (start, end), t in zip(places, known, strict=True)))


def _statuses(gold: Gold, model: LoadedModel, found: Sequence[Sequence[Found]]) -> Judged:
    pairs = []
    for number, (document, things) in enumerate(zip(gold.documents, found, strict=True)):
        said = {thing.begin: thing.label for thing in things}
        # An entity without a vector has no status of the model's: that is wrong, and not passed over.
        places = [utf16_units(document.text, status.start) for status in document.statuses]
        labels = [said.get(place, NO_CLASS) for place in places]
        pairs += [(number, status.label, label) for status, label in zip(document.statuses, labels, strict=True)]
    return _of_pairs(model, pairs)


def _classes(gold: Gold, model: LoadedModel, found: Sequence[Sequence[Found]]) -> Judged:
    group = model.named.choices[0]
    classes = gold.classes[group.name]
    several = group.mode == "multiple"
    pairs = [
        (number, set(values) if several else values[0], {t.label for t in things} if several else _best(things))
        for number, (document, things) in enumerate(zip(gold.documents, found, strict=True))
        if (values := classes.get(document.task_id)) is not None
    ]
    return _of_pairs(model, pairs)


def _best(things: Sequence[Found]) -> str:
    return max(things, key=lambda thing: thing.score or 0).label if things else NO_CLASS


def _of_pairs(model: LoadedModel, pairs: Iterable[tuple[int, Any, Any]]) -> Judged:
    rows = list(pairs)
    return Judged(model, [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])

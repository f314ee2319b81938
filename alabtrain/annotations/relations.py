"""From the relations of a completion to pairs of spans: each connects two of its regions, under a label."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from alabtrain.annotations.items import SPAN_TYPES, UNSUPPORTED_TYPES, read_name, read_names
from alabtrain.annotations.spans import Incident, Span
from alabtrain.core.json import JsonObject

RELATION: Final = "relation"
RIGHT: Final = "right"
LEFT: Final = "left"
BOTH: Final = "bi"

# What happened, after a number; `[one|many]` as in `findings.pluralize`. Of several reasons the first here counts.
LOSSES = {
    "relation_without_label": "[relation|relations] without a label",
    "unknown_relation": "[relation|relations] with a label that the labeling config does not have",
    "unknown_direction": "[relation whose direction is|relations whose direction is] neither right, left nor bi",
    "end_missing": "[relation|relations] with an end that the completion does not have",
    "relation_to_itself": "[relation|relations] from a span to itself",
    "end_not_span": "[relation|relations] with an end that is no span of a text",
    "text_missing": "[relation|relations] of tasks without text",
    "end_lost": "[relation|relations] with an end that is lost itself or has no NER label",
    "ambiguous_end": "[relation|relations] with an end whose id different spans have",
    "duplicate_relation": "[relation that repeats|relations that repeat] another of the same spans and label",
}
HINTS = {
    "relation_without_label": "choose a label for the relation in the tool",
    "unknown_relation": "add the relation to the labeling config, or rename it in the tool",
    "end_missing": "remove the relation in the tool, or connect regions that exist",
    "end_lost": "correct its regions in the tool, or connect the NER regions of the same words; "
    "`alabtrain why PROJECT TASK` names lost regions",
}
_TEXT_TYPES = (*SPAN_TYPES, *UNSUPPORTED_TYPES)


@dataclass(frozen=True, slots=True, order=True)
class Relation:
    """A relation from one span to another, or both ways; their offsets are those of the text, in code points.

    `direction` is `right` (from `from_span` to `to_span`) or `bi`, where the ends are in text order; a stored `left`
    has its ends swapped. `label` is "" for a relation without one. Of a region with several labels the first by name
    is the end. `item` is the index of the result item.
    """

    from_span: Span
    to_span: Span
    label: str
    direction: Literal["right", "bi"] = RIGHT
    item: int = field(default=-1, compare=False)

    @property
    def from_id(self) -> str:
        """The id of the region that the relation starts at."""
        return self.from_span.region_id

    @property
    def to_id(self) -> str:
        """The id of the region that the relation ends at."""
        return self.to_span.region_id


@dataclass(slots=True)
class RelationReading:
    """The relations of one completion in text order, and the lost ones.

    `entered` counts the (relation, label) pairs that were read, and one for a relation without a label:
    `entered == len(relations) + len(lost)`. The `region_id` of a lost one is that of an end that exists, if any.
    """

    relations: list[Relation] = field(default_factory=list)
    entered: int = 0
    lost: list[Incident] = field(default_factory=list)


def read_relations(
    result: Sequence[JsonObject], spans: Iterable[Span], labels: Collection[str], *, has_text: bool = True
) -> RelationReading:
    """Find the spans that each relation of one completion connects.

    `result` are the raw result items. `spans` are the aligned NER regions, including those that overlap others: a
    relation connects marked words, whether or not a tagger can learn them. `labels` are the labels of relations to
    keep; if there are none, every label counts, and so do relations without one. Without a text (`has_text`) there are
    no spans to connect. What goes one way repeats what goes both ways. The order of the items does not matter.
    """
    reading = RelationReading()
    regions = _Regions(result, spans, "end_lost" if has_text else "text_missing")
    connected: list[Relation] = []
    for index, item in enumerate(result):
        if item.get("type") != RELATION:
            continue
        names = read_names(item.get("labels")) or ("",)
        reading.entered += len(names)
        found = regions.connect(item)
        loss, region_id = ("", found.from_id) if isinstance(found, Relation) else found
        for name in names:
            code = _label_loss(name, labels) or loss
            if code:
                reading.lost.append(Incident(code, region_id, name, index))
            elif isinstance(found, Relation):
                connected.append(replace(found, label=name, item=index))
    _resolve(connected, reading)
    return reading


class _Regions:
    """The regions of a completion by id; several items may have the same id, as those of a region's own controls."""

    def __init__(self, result: Sequence[JsonObject], spans: Iterable[Span], unaligned: str) -> None:
        self._unaligned = unaligned
        self._of_text: dict[str, bool] = {}
        for item in result:
            name = read_name(item.get("id"))
            self._of_text[name] = self._of_text.get(name, False) or item.get("type") in _TEXT_TYPES
        self._of_text.pop("", None)
        self._spans: dict[str, list[Span]] = defaultdict(list)
        for span in spans:
            self._spans[read_name(result[span.item].get("id"))].append(span)

    def connect(self, item: JsonObject) -> Relation | tuple[str, str]:
        """Return a relation, still without a label, or the code of its loss and the id of an end."""
        names = [read_name(item.get("from_id")), read_name(item.get("to_id"))]
        # The default of the tools; imports may leave it out.
        direction = item.get("direction") or RIGHT
        if direction == LEFT:
            names.reverse()
        losses = [(loss, name) for name in names if (loss := self._loss(name))]
        if direction not in (RIGHT, LEFT, BOTH):
            losses.append(("unknown_direction", names[0]))
        if names[0] == names[1]:
            losses.append(("relation_to_itself", names[0]))
        if losses:
            return self._lost(*min(losses, key=lambda loss: _RANKS[loss[0]]), names)
        one, other = (min(self._spans[name]) for name in names)
        if one == other:
            return self._lost("relation_to_itself", names[0], names)
        if direction == BOTH:
            return Relation(min(one, other), max(one, other), "", BOTH)
        return Relation(one, other, "")

    def _loss(self, name: str) -> str:
        """Return why a region cannot be an end, or ""."""
        if name not in self._of_text:
            return "end_missing"
        if not self._of_text[name]:
            return "end_not_span"
        edges = {(span.start, span.end) for span in self._spans.get(name, ())}
        if not edges:
            return self._unaligned
        return "ambiguous_end" if len(edges) > 1 else ""

    def _lost(self, loss: str, name: str, names: Sequence[str]) -> tuple[str, str]:
        """Name an end that exists: that is where the relation can be found in the tool."""
        return loss, next((one for one in (name, *names) if one in self._of_text), "")


_RANKS = {code: rank for rank, code in enumerate(LOSSES)}


def _label_loss(name: str, labels: Collection[str]) -> str:
    if not labels or name in labels:
        return ""
    return "unknown_relation" if name else "relation_without_label"


def _resolve(connected: Iterable[Relation], reading: RelationReading) -> None:
    """Keep each relation once; those both ways come first, as they contain those that go one way."""
    known: set[tuple[Span, Span, str]] = set()
    for relation in sorted(connected, key=lambda one: (one.direction != BOTH, *_order(one))):
        one, other, label = relation.from_span, relation.to_span, relation.label
        if (one, other, label) in known:
            reading.lost.append(Incident("duplicate_relation", relation.from_id, label, relation.item))
            continue
        known.add((one, other, label))
        if relation.direction == BOTH:
            known.add((other, one, label))
        reading.relations.append(relation)
    reading.relations.sort(key=_order)


def _order(relation: Relation) -> tuple[Relation, str, str]:
    return relation, relation.from_id, relation.to_id

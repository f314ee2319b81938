"""Scores of a tagger: by entity (seqeval), by overlap (SemEval-2013), and by tag as Spark NLP counts.

Pure: tags in, dictionaries of plain numbers out, rounded to six digits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alabtrain.scoring.averages import mean, score
from alabtrain.scoring.results import Averages, PartialScores, Score, SpanMetrics, TagScore, TagScores

Tags = Sequence[str]

SCHEME = "IOB2, strict (seqeval)"
PARTIAL_SCHEME = "SemEval-2013 Task 9.1, partial boundaries of the same label: an overlap counts one half"
TAG_SCHEME = "per IOB tag and token (Spark NLP's log)"
OUTSIDE, NONE = "O", "none"
WHY_THEY_DIFFER = (
    "Spark NLP's log counts each token's B- or I- tag by itself, so an entity of three tokens with two of "
    "them right scores two thirds there; by entity it is right only with its label and both ends, so that "
    "number is the one to compare with other tools, and mostly the lower one."
)


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """An entity of a sentence: tokens `start` to `end` (exclusive)."""

    start: int
    end: int
    label: str

    def overlap(self, other: Entity) -> int:
        """Return how many tokens the two share."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))


Pair = tuple[Entity | None, Entity | None]


def span_scores(gold: Sequence[Tags], predicted: Sequence[Tags], split: str) -> SpanMetrics:
    """Return the entry of `metrics.json` for predicted IOB2 tags against the gold ones, per sentence.

    `split` names the part that was scored. Micro scores count all entities together, macro scores are the
    mean over the labels of gold and predictions. `confusion[gold label][predicted label]` counts overlapping
    entities, `none` the missed and the spurious ones (`(none)` if a label has that name).

    Raises:
        ValueError: the numbers of sentences or tags differ.
    """
    _require_equal_lengths(gold, predicted)
    pairs = [pair for g, p in zip(gold, predicted, strict=True) for pair in match(entities(g), entities(p))]
    return {
        "split": split,
        "scheme": SCHEME,
        "entity": _entity_scores(gold, predicted),
        "partial": _partial_scores(gold, predicted),
        "tag": _tag_scores(gold, predicted),
        "why_they_differ": WHY_THEY_DIFFER,
        "confusion": _confusion(pairs),
    }


def worst_sentences(gold: Sequence[Tags], predicted: Sequence[Tags]) -> list[int]:
    """Return the indices of sentences with wrong entities, those with most errors first, then in their order.

    An entity is an error if it is missed or spurious; one with a wrong label or end is both.
    """
    _require_equal_lengths(gold, predicted)
    wrong = {i: _wrong(g, p) for i, (g, p) in enumerate(zip(gold, predicted, strict=True))}
    return sorted((i for i in wrong if wrong[i]), key=lambda i: (-wrong[i], i))


def entities(tags: Tags) -> list[Entity]:
    """Return the entities of one sentence by strict IOB2: an `I-` without an entity to continue is ignored."""
    found: list[Entity] = []
    start: int | None = None
    label = ""
    for position, tag in enumerate([*tags, OUTSIDE]):
        if start is not None and tag != f"I-{label}":
            found.append(Entity(start, position, label))
            start = None
        if tag.startswith("B-"):
            start, label = position, tag[2:]
    return found


def match(gold: Sequence[Entity], predicted: Sequence[Entity]) -> list[Pair]:
    """Return the gold and the predicted entities of one sentence in pairs, each entity once.

    Exact matches are paired first, then the largest overlaps, then equal labels. An entity without overlap with any
    unpaired one is paired with None.
    """
    candidates = [
        (g != p, -g.overlap(p), g.label != p.label, i, j)
        for i, g in enumerate(gold)
        for j, p in enumerate(predicted)
        if g.overlap(p)
    ]
    free_gold, free_predicted = dict(enumerate(gold)), dict(enumerate(predicted))
    pairs: list[Pair] = []
    for *_, i, j in sorted(candidates):
        if i in free_gold and j in free_predicted:
            pairs.append((free_gold.pop(i), free_predicted.pop(j)))
    pairs += [(g, None) for g in free_gold.values()]
    return pairs + [(None, p) for p in free_predicted.values()]


def _entity_scores(gold: Sequence[Tags], predicted: Sequence[Tags]) -> Averages:
    if not any(entities(tags) for tags in (*gold, *predicted)):
        return {"micro": score(0, 0, 0), "macro": score(0, 0, 0), "labels": {}}
    from seqeval.metrics import classification_report
    from seqeval.scheme import IOB2

    # seqeval strips dashes from labels, and a label could have the name of its averages: it gets codes instead.
    names = sorted({tag[2:] for tags in (*gold, *predicted) for tag in tags if tag != OUTSIDE})
    codes = {name: f"L{number}" for number, name in enumerate(names)}
    report = classification_report(
        [_coded(tags, codes) for tags in gold],
        [_coded(tags, codes) for tags in predicted],
        mode="strict",
        scheme=IOB2,
        output_dict=True,
        zero_division=0,
    )
    labels = {name: _from_seqeval(report[code]) for name, code in codes.items() if code in report}
    return {
        "micro": _from_seqeval(report["micro avg"]),
        "macro": _from_seqeval(report["macro avg"]),
        "labels": labels,
    }


def _coded(tags: Tags, codes: Mapping[str, str]) -> list[str]:
    return [tag if tag == OUTSIDE else tag[:2] + codes[tag[2:]] for tag in tags]


def _from_seqeval(entry: Mapping[str, float]) -> Score:
    return {
        "precision": round(float(entry["precision"]), 6),
        "recall": round(float(entry["recall"]), 6),
        "f1": round(float(entry["f1-score"]), 6),
        "support": int(entry["support"]),
    }


def _partial_scores(gold: Sequence[Tags], predicted: Sequence[Tags]) -> PartialScores:
    """Score by overlap: per label, as if no other label existed; the micro score adds the labels up.

    Source: Segura-Bedmar et al., "SemEval-2013 Task 9", 2013 (the measure "partial"), with one difference:
    each entity is used once.
    """
    counts: dict[str, Counter[str]] = {}
    for gold_tags, predicted_tags in zip(gold, predicted, strict=True):
        wanted, found = entities(gold_tags), entities(predicted_tags)
        for label in {entity.label for entity in (*wanted, *found)}:
            pairs = match(_only(wanted, label), _only(found, label))
            counts.setdefault(label, Counter()).update(_outcome(pair) for pair in pairs)
    total: Counter[str] = sum(counts.values(), Counter())
    labels = {label: _partial(counts[label]) for label in sorted(counts)}
    return {
        "scheme": PARTIAL_SCHEME,
        "micro": _partial(total),
        "macro": mean(labels.values()),
        "labels": labels,
        "counts": {outcome: total[outcome] for outcome in ("exact", "partial", "missed", "spurious")},
    }


def _outcome(pair: Pair) -> str:
    gold, predicted = pair
    if gold is None:
        return "spurious"
    if predicted is None:
        return "missed"
    return "exact" if gold == predicted else "partial"


def _partial(counts: Counter[str]) -> Score:
    both = counts["exact"] + counts["partial"]
    good = counts["exact"] + counts["partial"] / 2
    return score(good, both + counts["spurious"], both + counts["missed"])


def _tag_scores(gold: Sequence[Tags], predicted: Sequence[Tags]) -> TagScores:
    """Score as NerDL logs: per tag but `O`; its macro F1 comes from the mean precision and recall.

    Source: Spark NLP 5.5, `NerMetrics`/`TensorflowNer.measure`.
    """
    right: Counter[str] = Counter()
    given: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for gold_tags, predicted_tags in zip(gold, predicted, strict=True):
        wanted.update(gold_tags)
        given.update(predicted_tags)
        right.update(g for g, p in zip(gold_tags, predicted_tags, strict=True) if g == p)
    names = sorted((wanted.keys() | given.keys()) - {OUTSIDE, ""})
    tags: dict[str, TagScore] = {
        tag: {
            "tp": right[tag],
            "fp": given[tag] - right[tag],
            "fn": wanted[tag] - right[tag],
            **score(right[tag], given[tag], wanted[tag]),
        }
        for tag in names
    }
    micro = score(*(sum(counter[tag] for tag in names) for counter in (right, given, wanted)))
    macro = mean(tags.values())
    both = macro["precision"] + macro["recall"]
    macro["f1"] = round(2 * macro["precision"] * macro["recall"] / both, 6) if both else 0.0
    return {"scheme": TAG_SCHEME, "micro": micro, "macro": macro, "tags": tags}


def _confusion(pairs: Sequence[Pair]) -> dict[str, dict[str, int]]:
    names = sorted({entity.label for pair in pairs for entity in pair if entity})
    none = NONE if NONE not in names else f"({NONE})"
    counts = Counter((g.label if g else none, p.label if p else none) for g, p in pairs)
    return {row: {column: counts[row, column] for column in (*names, none)} for row in (*names, none)}


def _wrong(gold: Tags, predicted: Tags) -> int:
    return len(set(entities(gold)) ^ set(entities(predicted)))


def _only(found: Sequence[Entity], label: str) -> list[Entity]:
    return [entity for entity in found if entity.label == label]


def _require_equal_lengths(gold: Sequence[Tags], predicted: Sequence[Tags]) -> None:
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} gold sentences, {len(predicted)} predicted ones")
    for index, (g, p) in enumerate(zip(gold, predicted, strict=True)):
        if len(g) != len(p):
            raise ValueError(f"sentence {index}: {len(g)} gold tags, {len(p)} predicted ones")

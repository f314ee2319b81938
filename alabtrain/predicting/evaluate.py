"""Evaluation: the models that a labeling config names, on the tasks tagged `Test`.

Entities are the chunks that a model gives, put on the tokens of alabtrain's own tokenizer, whatever tokens the model
has; a training scores the tags before they become chunks, which can differ a little. Statuses are scored on the chunks
of the annotators, classes on whole texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from alabtrain.accounting import Funnel
from alabtrain.engine.annotators import TEXT
from alabtrain.errors import InputError
from alabtrain.events import Progress, Sink, ignore
from alabtrain.examples.documents import Document
from alabtrain.examples.spans import Span
from alabtrain.examples.tagging import code_points
from alabtrain.examples.tokens import tag_documents, tokenize
from alabtrain.findings import Finding
from alabtrain.languages.detect import settle_language
from alabtrain.metrics import NO_CLASS, class_scores, multilabel_scores, never_right, span_scores
from alabtrain.predicting.applying import apply_models, result_column, things_of
from alabtrain.predicting.gold import Gold, read_gold
from alabtrain.predicting.loading import LoadedModel, load_models
from alabtrain.predicting.named import ASSERTION, NER, named_models
from alabtrain.predicting.regions import Found
from alabtrain.project import Project
from alabtrain.spark import SparkOptions, open_session
from alabtrain.store.place import open_store
from alabtrain.trainers.background import explained

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PLACE, GOLD_CHUNKS = "place", "gold_chunks"
SPLIT = "test"
PRESENT = 0.5  # a class that a model says has at least this score in the entry of the metrics


@dataclass(slots=True)
class Evaluated:
    """What an evaluation gives back: `scores` are entries as in `metrics.json`, by model name."""

    models: list[dict[str, Any]]
    documents: int
    scores: dict[str, dict[str, Any]] = field(default_factory=dict)
    funnel: Funnel = field(default_factory=Funnel)
    findings: list[Finding] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the object that `alabtrain evaluate --json` prints."""
        return {
            "models": self.models,
            "documents": self.documents,
            "metrics": self.scores,
            "funnel": self.funnel.to_dict(),
            "findings": [finding.to_dict() for finding in self.findings],
        }


def evaluate(
    *,
    project: Project,
    store: str | None = None,
    spark: SparkOptions,
    selection: Mapping[str, Any],
    lang: str | None = None,
    hub: bool = True,
    sink: Sink = ignore,
) -> Evaluated:
    """Score the models that the labeling config names on the chosen completions of the tasks tagged `Test`.

    `selection` are arguments of `select.select_project`; `store` is the place of the model store, and what it does not
    have is asked from the vendor's hub, unless `hub` is false; `lang` is the language of the texts (None: the one that
    is found in them). Raises `InputError` where the config names no model, `NothingToTrain` where no task tests,
    `SetupError` where a model or the engine is missing.
    """
    if project.config is None:
        raise InputError("the project has no labeling config", where=str(project.path), hint="name it with --config")
    named = named_models(project.config)
    gold = read_gold(project, project.config, named, dict(selection))
    code, told = (lang, []) if lang else settle_language(document.text for document in gold.documents)
    with open_session(spark) as session:
        sink(Progress("loading models", 0, len(named), "models"))
        models = load_models(named, open_store(store), lang=code, hub=hub)
        sink(Progress("evaluating", 0, len(gold.documents), "documents"))
        with explained():
            found = _found(session, gold, models)
            done = Evaluated(
                [{"name": m.named.name, "type": m.named.type, "from": m.came_from} for m in models],
                len(gold.documents), funnel=gold.funnel, findings=[*told, *gold.findings],
            )  # fmt: skip
            for number, model in enumerate(models):
                if not _has_gold(gold, model):
                    done.findings.append(_nothing_to_score(model))
                    continue
                scores = _score(session, gold, model, [row[number] for row in found], code)
                done.scores[model.named.name] = scores
                done.findings += never_right(scores, model.named.type) if "never_right" in scores else []
    return done


def _found(session: SparkSession, gold: Gold, models: Sequence[LoadedModel]) -> list[list[list[Found]]]:
    """Return what each model found in each document, in their order."""
    rows = [(place, document.text, _given(document)) for place, document in enumerate(gold.documents)]
    chunk = "array<struct<begin: int, end: int, label: string>>"
    frame = session.createDataFrame(rows, f"{PLACE} long, {TEXT} string, {GOLD_CHUNKS} {chunk}")
    frame = frame.repartition(2 * session.sparkContext.defaultParallelism)
    out = apply_models(_with_gold_chunks(frame), models, chunks=GOLD_CHUNKS)
    columns = [result_column(number) for number in range(len(models))]
    by_place = {row[PLACE]: row for row in out.collect()}
    return [[things_of(by_place[place][column]) for column in columns] for place in range(len(gold.documents))]


def _given(document: Document) -> list[tuple[int, int, str]]:
    """Return the chunks that statuses are said of, with offsets as Java counts them."""

    def units(end: int) -> int:
        return len(document.text[:end].encode("utf-16-le", "surrogatepass")) // 2

    return [(units(s.start), units(s.end) - 1, s.span_label) for s in document.statuses]


def _with_gold_chunks(frame: DataFrame) -> DataFrame:
    from pyspark.sql import functions as f

    made = (
        f"transform({GOLD_CHUNKS}, (c, i) -> named_struct('annotatorType', 'chunk', 'begin', c.begin, 'end', c.end, "
        "'result', '', 'metadata', map('entity', c.label, 'sentence', '0', 'chunk', string(i)), "
        "'embeddings', cast(array() AS array<float>)))"
    )
    return frame.withColumn(GOLD_CHUNKS, f.expr(made).alias(GOLD_CHUNKS, metadata={"annotatorType": "chunk"}))


def _has_gold(gold: Gold, model: LoadedModel) -> bool:
    if model.named.type == ASSERTION:
        return any(document.statuses for document in gold.documents)
    return model.named.type == NER or bool(gold.classes[model.named.choices[0].name])


def _nothing_to_score(model: LoadedModel) -> Finding:
    message = f"nothing in the chosen completions is of the kind of {model.named.name}: it has no scores"
    return Finding("nothing_to_score", "warning", message)


def _score(
    session: SparkSession, gold: Gold, model: LoadedModel, found: Sequence[Sequence[Found]], lang: str
) -> dict[str, Any]:
    if model.named.type == NER:
        return _span_scores(session, gold, model, found, lang)
    if model.named.type == ASSERTION:
        # A status for each chunk that was given, in their order.
        said = [thing.label for things in found for thing in things]
        wanted = [status.label for document in gold.documents for status in document.statuses]
        return class_scores(wanted, said, SPLIT, model.labels)
    return _class_scores(gold, model, found)


def _span_scores(
    session: SparkSession, gold: Gold, model: LoadedModel, found: Sequence[Sequence[Found]], lang: str
) -> dict[str, Any]:
    labels = {label.name for label in model.named.labels}
    sentences = tokenize(session, gold.documents, lang).sentences
    wanted = [replace(d, spans=tuple(s for s in d.spans if s.label in labels)) for d in gold.documents]
    said = [
        replace(document, spans=_spans(document.text, things, labels))
        for document, things in zip(gold.documents, found, strict=True)
    ]
    gold_tags, said_tags = (
        [list(tagged.tags) for tagged in tag_documents(documents, sentences).sentences] for documents in (wanted, said)
    )
    return span_scores(gold_tags, said_tags, SPLIT)


def _spans(text: str, things: Sequence[Found], labels: set[str]) -> tuple[Span, ...]:
    known = [thing for thing in things if thing.label in labels]
    places = code_points(text, [thing.begin for thing in known], [thing.end for thing in known])
    return tuple(sorted(Span(start, end, t.label) for (start, end), t in zip(places, known, strict=True)))


def _class_scores(gold: Gold, model: LoadedModel, found: Sequence[Sequence[Found]]) -> dict[str, Any]:
    group = model.named.choices[0]
    classes = gold.classes[group.name]
    pairs = [
        (classes[document.task_id], things)
        for document, things in zip(gold.documents, found, strict=True)
        if document.task_id in classes
    ]
    if group.mode == "multiple":
        said = [{thing.label: 1.0 for thing in things} for _values, things in pairs]
        scores = multilabel_scores([values for values, _things in pairs], said, SPLIT, PRESENT, model.labels)
        return {**scores, "threshold": None}  # the model's own, which it does not tell
    best = [max(things, key=lambda t: t.score or 0).label if things else NO_CLASS for _values, things in pairs]
    return class_scores([values[0] for values, _things in pairs], best, SPLIT, model.labels)

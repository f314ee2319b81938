"""Evaluation of the models that a labeling config names, or of those of two runs, on the tasks tagged `Test`.

Entities are the chunks of a model, aligned with the tokens of alabtrain's own tokenizer, whatever tokens the model has.
A training scores the tags before they become chunks, so its scores can differ slightly. Statuses are scored on the
annotators' chunks, classes on whole texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from alabtrain.core.errors import UsageError
from alabtrain.core.events import Sink, Step, ending
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Account, Funnel, FunnelJson
from alabtrain.core.languages.detect import settle_language
from alabtrain.core.versions import versions
from alabtrain.documents.document import Document
from alabtrain.documents.tagging import utf16_units
from alabtrain.labeling.config import LabelingConfig
from alabtrain.pages.layout import layout_rows
from alabtrain.pages.ocr.options import OcrOptions
from alabtrain.pages.ocr.reading import page_reader
from alabtrain.pages.options import WINDOW, PageOptions
from alabtrain.prediction.apply import apply_models, read_found, result_column
from alabtrain.prediction.compare import Comparison, ComparisonJson, compare, split_findings
from alabtrain.prediction.frames import PAGES, TEXT_INDEX, spread
from alabtrain.prediction.gold import Gold, read_gold
from alabtrain.prediction.judge import Scored, judge
from alabtrain.prediction.load import LoadedModel, load_models
from alabtrain.prediction.named_models import ModelSource, are_of_pages, models_of_run, named_models
from alabtrain.prediction.pages import reading_in, window_of
from alabtrain.project.project import Project, as_project, require_config
from alabtrain.reports.html import write_evaluation
from alabtrain.runs.record import EVALUATION, RunInfo, read_run
from alabtrain.runs.recorder import record_accounts, record_selection
from alabtrain.runs.run import Run, create_run
from alabtrain.scoring.results import Metrics, averages_of
from alabtrain.selection.options import SelectionOptions
from alabtrain.spark.annotators import LAYOUT, LAYOUT_TYPE, TEXT
from alabtrain.spark.background import explained
from alabtrain.spark.shared import SharedFolder, working_session
from alabtrain.store.store import open_store
from alabtrain.trainers.model_type import NamedModel
from alabtrain.trainers.predictions import Found
from alabtrain.trainers.tokens import tokenize
from alabtrain.workflows.configs import EvaluateConfig
from alabtrain.workflows.parameters import Parameters, parameters_of
from alabtrain.workflows.workspace import Workspace

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

GOLD_CHUNKS = "gold_chunks"


class EvaluationRecord(TypedDict):
    """The content of `evaluation.json`: `metrics` by model name."""

    models: list[ModelSource]
    metrics: dict[str, Metrics]
    comparisons: list[ComparisonJson]


class EvaluateJson(TypedDict):
    """The object that `alabtrain evaluate --json` prints."""

    run: str
    models: list[ModelSource]
    documents: int
    metrics: dict[str, Metrics]
    comparisons: list[ComparisonJson]
    funnel: FunnelJson
    findings: list[Finding]


@dataclass(slots=True)
class Evaluated:
    """The result of an evaluation: its run folder, and `scores` by model name, with entries as in `metrics.json`."""

    run: Path
    models: list[ModelSource]
    documents: int
    scores: dict[str, Metrics] = field(default_factory=dict)
    comparisons: list[Comparison] = field(default_factory=list)
    funnel: Funnel = field(default_factory=Funnel)
    findings: list[Finding] = field(default_factory=list)

    @property
    def record(self) -> EvaluationRecord:
        """The content of `evaluation.json`."""
        comparisons = [comparison.to_dict() for comparison in self.comparisons]
        return {"models": self.models, "metrics": self.scores, "comparisons": comparisons}

    def to_dict(self) -> EvaluateJson:
        """Return the object that `alabtrain evaluate --json` prints."""
        return {
            "run": str(self.run),
            "models": self.models,
            "documents": self.documents,
            "metrics": self.scores,
            "comparisons": [comparison.to_dict() for comparison in self.comparisons],
            "funnel": self.funnel.to_dict(),
            "findings": self.findings,
        }


def evaluate(
    project: Project | Path | str,
    config: EvaluateConfig = EvaluateConfig(),
    workspace: Workspace = Workspace(),
    *,
    provenance: Mapping[str, str] | None = None,
) -> Evaluated:
    """Score models on the chosen completions of the tasks tagged `Test`, and leave a run folder in the workspace.

    The models are those that the labeling config names, or those of the two runs of `config.compare`, which are then
    compared. The folder contains no text of documents. Models that are not in the store come from the vendor's hub,
    unless the config forbids it. `provenance` has the source of each option's value by option name, for the record.

    Raises:
        InputError: there is no model, or the labeling config lacks the labels or choices of a model.
        NothingToTrain: no task is tagged Test.
        SetupError: a model or the engine is missing.
    """
    with ending(workspace.events):
        opened = as_project(project)
        return _evaluate(opened, config, workspace, parameters_of(opened, config, workspace, provenance))


def _evaluate(project: Project, config: EvaluateConfig, workspace: Workspace, parameters: Parameters) -> Evaluated:
    labeling = require_config(project)
    runs, sink, lang = [read_run(path) for path in config.compare or ()], workspace.events, config.models.lang
    named = _models_of(runs, labeling) if runs else named_models(labeling)
    sink(Step("reading the project"))
    reading = reading_in(replace(config.ocr, lang=lang), named, workspace.store)
    read = partial(_read, project, labeling, named, config.selection, reading, sink)
    gold = read(WINDOW)
    code, findings = (lang, []) if lang else settle_language(document.text for document in gold.documents)
    with create_run(
        workspace.runs, [EVALUATION], parameters=parameters, inputs=project.inputs(), seed=config.seed,
        versions=versions(),
    ) as run:  # fmt: skip
        record_selection(run, gold.selection)
        run.settle({"lang": code})
        with working_session(workspace.spark, sink) as (session, shared, _scratch):
            sink(Step("loading models", len(named), "models"))
            models = load_models(named, open_store(workspace.store), lang=code, hub=config.models.hub)
            if (window := window_of(models)) != WINDOW:
                gold = read(window)
            sink(Step("evaluating", len(gold.documents), "documents"))
            with explained():
                judged = _judged(session, shared, gold, models, code)
        findings = [*findings, *split_findings(runs), *gold.findings]
        done = _evaluated(run.final_path, gold, models, judged, findings)
        if runs:
            sink(Step("comparing the models"))
            done.comparisons, left = compare([one for one in judged if one is not None], seed=config.seed)
            done.findings += left
        sink(Step("writing the report"))
        _record(run, done, judged)
        run.finish()
    return done


def _read(
    project: Project,
    config: LabelingConfig,
    named: Sequence[NamedModel],
    selection: SelectionOptions,
    reading: OcrOptions,
    sink: Sink,
    window: int,
) -> Gold:
    """Return the gold annotations of texts or, for models of pages, of pages in windows of `window` words."""
    if not are_of_pages(named, config.where):
        return read_gold(project, config, named, selection)
    reader = page_reader(reading, project.source, sink)
    labels = {label.name for model in named for label in model.model_type.labels(config)}
    return read_gold(project, config, named, selection, PageOptions(config.image_key, window, labels, reader))


def _models_of(runs: Sequence[RunInfo], config: LabelingConfig) -> tuple[NamedModel, ...]:
    """Return the models of runs, each named after its run: by name, or by path if both runs have the same name."""
    if len({run.path.resolve() for run in runs}) < len(runs):
        raise UsageError("--compare: both runs are the same", where=str(runs[0].path))
    alike = len({run.name for run in runs}) < len(runs)
    return tuple(
        model for run in runs for model in models_of_run(run, config, called=str(run.path) if alike else run.name)
    )


def _judged(
    session: SparkSession, shared: SharedFolder, gold: Gold, models: Sequence[LoadedModel], lang: str
) -> list[Scored | None]:
    found = _found(session, shared, gold, models)
    entities = any(model.named.model_type.finds_spans for model in models)
    sentences = tokenize(session, gold.documents, lang).sentences if entities else ()
    return [judge(gold, model, [row[number] for row in found], sentences) for number, model in enumerate(models)]


def _evaluated(
    path: Path, gold: Gold, models: Sequence[LoadedModel], judged: Sequence[Scored | None], findings: Sequence[Finding]
) -> Evaluated:
    done = Evaluated(
        path, [{"name": m.named.shown, "type": m.named.type, "from": m.came_from} for m in models],
        len(gold.documents), funnel=gold.funnel, findings=list(findings),
    )  # fmt: skip
    for model, one in zip(models, judged, strict=True):
        if one is None:
            done.findings.append(_nothing_to_score(model.named))
            continue
        scores = one.judged.metrics()
        done.scores[model.named.shown] = scores
        done.funnel = done.funnel + one.judged.account.funnel
        done.findings += one.judged.findings(model.named.type, scores)
    return done


def _record(run: Run, done: Evaluated, judged: Sequence[Scored | None]) -> None:
    """Write the results into the run: the scores, the accounts, the report, and the last lines of the log."""
    record_accounts(run, [Account(done.funnel, done.findings)])
    run.write_json("evaluation.json", done.record)
    for one in judged:
        if one is not None and (averages := averages_of(done.scores[one.model.named.shown])):
            scores = f"micro F1 {averages['micro']['f1']:.4f}, macro F1 {averages['macro']['f1']:.4f}"
            run.log(f"{one.model.named.shown}: {scores}, on {len(set(one.judged.texts))} texts")
    for comparison in done.comparisons:
        for sentence in comparison.sentences:
            run.log(sentence)
    run.state("evaluated")
    write_evaluation(run, done.scores, done.comparisons)


def _found(
    session: SparkSession, shared: SharedFolder, gold: Gold, models: Sequence[LoadedModel]
) -> list[list[list[Found]]]:
    """Return the predictions for each document by each model, in the order of both."""
    rows = (
        (number, document.text, _given(document), layout_rows(document.page.text) if document.page else None)
        for number, document in enumerate(gold.documents)
    )
    chunk = "array<struct<begin: int, end: int, label: string>>"
    schema = f"{TEXT_INDEX} long, {TEXT} string, {GOLD_CHUNKS} {chunk}, {LAYOUT} {LAYOUT_TYPE}"
    frame, count = shared.write_rows("texts", rows, schema, most=PAGES)
    frame = spread(session, frame, count)
    out = apply_models(_with_gold_chunks(frame), models, chunks=GOLD_CHUNKS)
    columns = [result_column(number) for number in range(len(models))]
    rows_found = {row[TEXT_INDEX]: row for row in out.collect()}
    return [[read_found(rows_found[number][column]) for column in columns] for number in range(len(gold.documents))]


def _given(document: Document) -> list[tuple[int, int, str]]:
    """Return the chunks with statuses: begin, end (inclusive, in UTF-16 units) and label."""
    text = document.text
    return [(utf16_units(text, s.start), utf16_units(text, s.end) - 1, s.span_label) for s in document.statuses]


def _with_gold_chunks(frame: DataFrame) -> DataFrame:
    from pyspark.sql import functions as f

    chunks = (
        f"transform({GOLD_CHUNKS}, (c, i) -> named_struct('annotatorType', 'chunk', 'begin', c.begin, 'end', c.end, "
        "'result', '', 'metadata', map('entity', c.label, 'sentence', '0', 'chunk', string(i)), "
        "'embeddings', cast(array() AS array<float>)))"
    )
    return frame.withColumn(GOLD_CHUNKS, f.expr(chunks).alias(GOLD_CHUNKS, metadata={"annotatorType": "chunk"}))


def _nothing_to_score(model: NamedModel) -> Finding:
    message = f"the chosen completions have no example for {model.shown}, so it has no scores"
    return Finding("nothing_to_score", "warning", message)

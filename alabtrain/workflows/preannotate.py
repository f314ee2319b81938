"""Pre-annotation: the tasks with the predictions of the models that the labeling config names.

The tasks are read twice as a stream: first for their texts, which Spark processes in parallel, then to write them with
the predictions. Neither all tasks nor all predictions are in memory at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.core.errors import UsageError
from alabtrain.core.events import Progress, Sink, Step, ending
from alabtrain.core.files import replacing
from alabtrain.core.findings import MAX_EXAMPLES, Finding, pluralize
from alabtrain.labeling.config import LabelingConfig
from alabtrain.pages.ocr.options import OcrOptions
from alabtrain.prediction.apply import apply_models, read_found, result_column
from alabtrain.prediction.frames import TEXT_INDEX, TEXTS_AT_ONCE, spread
from alabtrain.prediction.load import LoadedModel, load_models
from alabtrain.prediction.named_models import ModelSource, are_of_pages, named_models, text_of
from alabtrain.prediction.pages import PageWork, reading_in
from alabtrain.prediction.texts import TextWork, Work
from alabtrain.project.project import Project, as_project, require_config
from alabtrain.selection.chosen import as_list, refuse_input
from alabtrain.spark.background import explained
from alabtrain.spark.progress import watched
from alabtrain.spark.shared import SharedFolder, working_session
from alabtrain.store.store import open_store
from alabtrain.trainers.model_type import NamedModel
from alabtrain.trainers.predictions import Found, ResultCounts
from alabtrain.workflows.configs import PreannotateConfig
from alabtrain.workflows.workspace import Workspace

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass(slots=True)
class Preannotated:
    """The result of a pre-annotation: the number of `tasks`, of `written` ones, and of those `skipped` by reason.

    `alabtrain preannotate --json` prints it.
    """

    output: Path
    models: list[ModelSource]
    tasks: int = 0
    written: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    regions: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def preannotate(
    project: Project | Path | str, config: PreannotateConfig = PreannotateConfig(), workspace: Workspace = Workspace()
) -> Preannotated:
    """Write the tasks of a project with predictions of the models that its labeling config names.

    Tasks that have a submitted completion are left out, unless `config.overwrite` is set. Models that are not in the
    store come from the vendor's hub, unless the config forbids it. Predictions of an earlier pre-annotation are
    replaced, others stay. The file `config.output` is written aside and renamed.

    For models of pages, `config.pictures` may be a folder or zip of pictures, each a task of one page, which replace
    the project's tasks.

    Raises:
        InputError: the labeling config names no model, or a model does not fit it.
        NothingToTrain: no task is left.
        SetupError: a model, the engine, or the engine for OCR is missing.
    """
    with ending(workspace.events):
        return _preannotate(as_project(project), config, workspace)


def _preannotate(project: Project, config: PreannotateConfig, workspace: Workspace) -> Preannotated:
    labeling, lang, output, sink = require_config(project), config.models.lang, config.output, workspace.events
    named = named_models(labeling)
    refuse_input(project, output, inside_too=True)
    reading = reading_in(replace(config.ocr, lang=lang), named, workspace.store)
    work = _work(project, labeling, named, config, reading, sink)
    sink(Step("reading the project"))
    code, language_findings = (lang, []) if lang else work.language()
    with working_session(workspace.spark, sink) as (session, shared, scratch):
        sink(Step("loading models", len(named), "models"))
        models = load_models(named, open_store(workspace.store), lang=code, hub=config.models.hub)
        account = ResultCounts()
        with explained():
            texts = work.hand_over(shared, models, scratch, sink)
            found = _find(session, texts, models, shared, work, sink)
            sink(Step("writing predictions", work.taken, "tasks"))
            with replacing(output) as stream:
                pieces = as_list(work.rewritten(found, models, account))
                stream.writelines(piece.encode() for piece in pieces)
    done = Preannotated(output, [{"name": m.named.name, "type": m.named.type, "from": m.came_from} for m in models])
    done.tasks, done.written, done.skipped = work.seen, work.taken, dict(work.skipped)
    done.regions = dict(sorted(account.written.items()))
    done.findings = [*language_findings, *work.findings(), *_findings(account)]
    return done


def _work(
    project: Project,
    labeling: LabelingConfig,
    named: Sequence[NamedModel],
    config: PreannotateConfig,
    reading: OcrOptions,
    sink: Sink,
) -> Work:
    if are_of_pages(named, labeling.where):
        return PageWork(
            project, labeling.image_key, config.overwrite, reading=reading, pictures=config.pictures, sink=sink
        )
    if config.pictures is not None:
        raise UsageError("--pictures needs a visual NER model, but the labeling config names none")
    return TextWork(project, config.overwrite, text_of(labeling, named))


def _find(
    session: SparkSession,
    texts: DataFrame,
    models: Sequence[LoadedModel],
    shared: SharedFolder,
    work: Work,
    sink: Sink,
) -> Iterator[Sequence[Sequence[Found]]]:
    """Apply the models with Spark, and return the predictions for each text, in the order of the texts."""
    target, count = shared.path("found"), work.rows
    with watched(session, lambda share: sink(Progress("pre-annotating", round(share * count), count, work.unit))):
        apply_models(spread(session, texts, count), models).write.parquet(target)
    ordered = (
        session.read.parquet(target)
        .repartitionByRange(max(1, count // TEXTS_AT_ONCE), TEXT_INDEX)
        .sortWithinPartitions(TEXT_INDEX)
    )
    columns = [result_column(number) for number in range(len(models))]
    return ([read_found(row[column]) for column in columns] for row in ordered.toLocalIterator())


def _findings(account: ResultCounts) -> list[Finding]:
    found, alone = [], account.alone.total()
    if alone:
        message = pluralize(
            "left out: {count} [status of an entity that is|statuses of entities that are] not written, as the config "
            "does not have the label for the model",
            alone,
        )
        examples = [f"{model} ({number})" for model, number in account.alone.most_common(MAX_EXAMPLES)]
        found.append(Finding("status_alone", "info", message, alone, tuple(examples)))
    count = account.dropped.total()
    if not count:
        return found
    examples = [
        f"{label} of {model} ({number})" for (model, label), number in account.dropped.most_common(MAX_EXAMPLES)
    ]
    message = pluralize(
        "left out: {count} [region or choice that|regions and choices that] the config does not have for their model",
        count,
    )
    hint = "add the label with the model's name to the labeling config, or train without the label"
    return [*found, Finding("unknown_label", "warning", message, count, tuple(examples), hint)]

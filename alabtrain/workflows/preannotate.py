"""Pre-annotation: what the models of the labeling config find in the tasks, written as predictions.

The tasks are read twice as a stream: once for their texts, which Spark then works through with all that it has, and
once to write them again with what was found. Neither all tasks nor all predictions are ever held at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alabtrain.core.errors import InputError, UsageError
from alabtrain.core.events import Progress, Sink, ignore
from alabtrain.core.files import replacing
from alabtrain.core.findings import MAX_EXAMPLES, Finding, pluralize
from alabtrain.labeling.config import LabelingConfig
from alabtrain.pages.ocr.reading import OcrOptions
from alabtrain.prediction.apply import apply_models, read_found, result_column
from alabtrain.prediction.frames import TEXT_INDEX, TEXTS_AT_ONCE, spread
from alabtrain.prediction.load import LoadedModel, load_models
from alabtrain.prediction.named_models import NamedModel, are_of_pages, named_models, text_of
from alabtrain.prediction.pages import PageWork, reading_in
from alabtrain.prediction.results import Found, ResultCounts
from alabtrain.prediction.texts import TextWork, Work
from alabtrain.project.project import Project
from alabtrain.selection.chosen import as_list, refuse_input
from alabtrain.spark.background import explained
from alabtrain.spark.progress import watched
from alabtrain.spark.session import SparkOptions
from alabtrain.spark.shared import SharedFolder, working_session
from alabtrain.store.store import open_store

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass(slots=True)
class Preannotated:
    """What a pre-annotation did: `tasks` that were looked at, `written` ones, and why others were `skipped`."""

    output: Path
    models: list[dict[str, Any]]
    tasks: int = 0
    written: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    regions: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the object that `alabtrain preannotate --json` prints."""
        return {
            "output": str(self.output),
            "models": self.models,
            "tasks": self.tasks,
            "written": self.written,
            "skipped": self.skipped,
            "regions": self.regions,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def preannotate(
    *,
    project: Project,
    output: Path,
    store: str | None = None,
    spark: SparkOptions,
    lang: str | None = None,
    hub: bool = True,
    overwrite: bool = False,
    reading: OcrOptions | None = None,
    pictures: Path | None = None,
    sink: Sink = ignore,
) -> Preannotated:
    """Write the tasks of a project with predictions of the models that its labeling config names to `output`.

    Tasks that have a submitted completion are left out, unless `overwrite` is set. `store` is the place of the model
    store (None: the user's own); what it does not have is asked from the vendor's hub, unless `hub` is false, in the
    language `lang` (None: the one that is found in the texts). Predictions of an earlier pre-annotation are replaced,
    others stay. The file is written aside and renamed.

    Where the models are of pages, `reading` says how those are read (None: as `OcrOptions` say), and `pictures` is
    a folder or zip of pictures, each a task of one page, in place of the project's tasks.

    Raises `InputError` where the config names no model, or a model is not what it should be, `NothingToTrain` where no
    task is left, `SetupError` where a model, the engine, or an engine to read pages with is missing.
    """
    if project.config is None:
        raise InputError("the project has no labeling config", where=str(project.path), hint="name it with --config")
    named = named_models(project.config)
    refuse_input(project, output, inside_too=True)
    reading = reading_in(reading or OcrOptions(), named, store)
    work = _work(project, project.config, named, overwrite, reading, pictures, sink)
    with working_session(spark) as (session, shared, scratch):
        code, told = (lang, []) if lang else work.language()
        sink(Progress("loading models", 0, len(named), "models"))
        models = load_models(named, open_store(store), lang=code, hub=hub)
        account = ResultCounts()
        with explained():
            texts = work.hand_over(shared, models, scratch, sink)
            found = _find(session, texts, models, shared, work.rows, sink)
            with replacing(output) as stream:
                pieces = as_list(work.rewritten(found, models, account))
                stream.writelines(piece.encode() for piece in pieces)
    done = Preannotated(output, [{"name": m.named.name, "type": m.named.type, "from": m.came_from} for m in models])
    done.tasks, done.written, done.skipped = work.seen, work.taken, dict(work.skipped)
    done.regions = dict(sorted(account.written.items()))
    done.findings = [*told, *work.findings(), *_findings(account)]
    return done


def _work(
    project: Project,
    config: LabelingConfig,
    named: Sequence[NamedModel],
    overwrite: bool,
    reading: OcrOptions,
    pictures: Path | None,
    sink: Sink,
) -> Work:
    if are_of_pages(named, config.where):
        return PageWork(project, config.image_key, overwrite, reading=reading, pictures=pictures, sink=sink)
    if pictures is not None:
        raise UsageError("pictures are read by visual NER models, and the labeling config names none")
    return TextWork(project, overwrite, text_of(config, named))


def _find(
    session: SparkSession,
    texts: DataFrame,
    models: Sequence[LoadedModel],
    shared: SharedFolder,
    count: int,
    sink: Sink,
) -> Iterator[Sequence[Sequence[Found]]]:
    """Let Spark work through the texts, and return what was found, a text after the other in their order."""
    place = shared.path("found")
    with watched(session, lambda done, total: sink(Progress("pre-annotating", done * count // total, count, "tasks"))):
        apply_models(spread(session, texts, count), models).write.parquet(place)
    ordered = (
        session.read.parquet(place)
        .repartitionByRange(max(1, count // TEXTS_AT_ONCE), TEXT_INDEX)
        .sortWithinPartitions(TEXT_INDEX)
    )
    columns = [result_column(number) for number in range(len(models))]
    return ([read_found(row[column]) for column in columns] for row in ordered.toLocalIterator())


def _findings(account: ResultCounts) -> list[Finding]:
    found, alone = [], account.alone.total()
    if alone:
        message = pluralize(
            "{count} [status|statuses] of entities that the config does not have for their model", alone
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
        "{count} [region or choice is|regions and choices are] not in the config for their model", count
    )
    hint = "add the label to the labeling config, with the model's name, or train without it"
    return [*found, Finding("unknown_label", "warning", message, count, tuple(examples), hint)]

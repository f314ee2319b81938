"""Pre-annotation: what the models of the labeling config find in the tasks, written as predictions.

The tasks are read twice as a stream: once for their texts, which Spark then works through with all that it has, and
once to write them again with what was found. Neither all tasks nor all predictions are ever held at once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alabtrain.config import DataTag
from alabtrain.engine.progress import watched
from alabtrain.engine.shared import SharedFolder, shared_folder
from alabtrain.errors import InputError, NothingToTrain
from alabtrain.events import Progress, Sink, ignore
from alabtrain.findings import MAX_EXAMPLES, Finding, tell
from alabtrain.languages.detect import settle_language
from alabtrain.predicting.applying import apply_models, result_column, things_of
from alabtrain.predicting.handing import CHUNK, PLACE, hand_over, spread
from alabtrain.predicting.loading import LoadedModel, load_models
from alabtrain.predicting.named import named_models, text_of
from alabtrain.predicting.regions import USERNAME, Account, Found, prediction, predictions_of
from alabtrain.project import Project
from alabtrain.records import Task
from alabtrain.runs.durable import replacing
from alabtrain.selection.chosen import as_list, encoded, refuse_input
from alabtrain.spark import SparkOptions, open_session
from alabtrain.store.place import open_store
from alabtrain.trainers.background import explained

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
    sink: Sink = ignore,
) -> Preannotated:
    """Write the tasks of a project with predictions of the models that its labeling config names to `output`.

    Tasks that have a submitted completion are left out, unless `overwrite` is set. `store` is the place of the model
    store (None: the user's own); what it does not have is asked from the vendor's hub, unless `hub` is false, in the
    language `lang` (None: the one that is found in the texts). Predictions of an earlier pre-annotation are replaced,
    others stay. The file is written aside and renamed. Raises `InputError` where the config names no model, or a model
    is not what it should be, `NothingToTrain` where no task is left, `SetupError` where a model or the engine is
    missing.
    """
    if project.config is None:
        raise InputError("the project has no labeling config", where=str(project.path), hint="name it with --config")
    named = named_models(project.config)
    refuse_input(project, output, inside_too=True)
    work = _Work(project, overwrite, text_of(project.config, named))
    with (
        tempfile.TemporaryDirectory(prefix="alabtrain-", ignore_cleanup_errors=True) as scratch,
        open_session(spark) as session,
        shared_folder(session, Path(scratch)) as shared,
    ):
        sink(Progress("loading models", 0, len(named), "models"))
        code, told = (lang, []) if lang else settle_language(work.texts())
        models = load_models(named, open_store(store), lang=code, hub=hub)
        account = Account()
        with explained():
            texts = work.hand_over(session, shared, sink)
            found = _find(session, texts, models, shared, work.taken, sink)
            with replacing(output) as stream:
                pieces = as_list(work.rewritten(found, models, account))
                stream.writelines(piece.encode() for piece in pieces)
    done = Preannotated(output, [{"name": m.named.name, "type": m.named.type, "from": m.came_from} for m in models])
    done.tasks, done.written, done.skipped = work.seen, work.taken, dict(work.skipped)
    done.regions = dict(sorted(account.written.items()))
    done.findings = [*told, *_findings(account)]
    return done


class _Work:
    """The tasks of a project that are to be pre-annotated, in two passes."""

    def __init__(self, project: Project, overwrite: bool, about: DataTag) -> None:
        self.project, self.overwrite, self.about = project, overwrite, about
        self._stamps = self._files()
        self.seen = self.taken = 0
        self.skipped: dict[str, int] = {}

    def texts(self) -> Iterator[str]:
        """Yield the texts that are to be pre-annotated."""
        return (text for _task, text in self._taken(count=False))

    def hand_over(self, session: SparkSession, shared: SharedFolder, sink: Sink) -> DataFrame:
        """Write the texts where Spark reads them."""
        texts = (text for _task, text in self._taken(count=True))
        frame, self.taken = hand_over(session, shared, texts, lambda n: sink(Progress("reading tasks", n, 0, "tasks")))
        if not self.taken:
            why = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in self.skipped.items())
            raise NothingToTrain(
                "no task is left to pre-annotate",
                where=str(self.project.path),
                hint=f"of {self.seen} tasks: {why or 'none'}; --overwrite takes those with a completion too",
            )
        return frame

    def rewritten(
        self, found: Iterator[Sequence[Sequence[Found]]], models: Sequence[LoadedModel], account: Account
    ) -> Iterator[str]:
        """Yield the tasks again as JSON, each with its prediction."""
        moment = f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%S.000Z}"
        named = [model.named for model in models]
        for (task, text), things in zip(self._taken(count=False), found, strict=False):
            made = prediction(task, text, named, things, about=self.about, moment=moment, account=account)
            others = [row for row in predictions_of(task) if row.get("created_username") != USERNAME]
            yield encoded({**task.raw, "predictions": [*others, made]}, f"{self.project.path}, task {task.id}")
        # By their order alone, another export would get what was found in this one.
        if self._files() != self._stamps:
            raise InputError("it was changed meanwhile", where=str(self.project.path), hint="try again")

    def _files(self) -> list[tuple[int, int]]:
        return [(file.stat().st_mtime_ns, file.stat().st_size) for file in self.project.members_read()]

    def _taken(self, *, count: bool) -> Iterator[tuple[Task, str]]:
        for task in self.project.tasks():
            text = task.data.get(self.about.key)
            reason = ""
            if not self.overwrite and any(c.submitted and not c.cancelled for c in task.completions):
                reason = "has_completion"
            elif not isinstance(text, str) or not text.strip():
                reason = "no_text"
            if count:
                self.seen += 1
                if reason:
                    self.skipped[reason] = self.skipped.get(reason, 0) + 1
            if not reason:
                yield task, str(text)


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
    ordered = session.read.parquet(place).repartitionByRange(max(1, count // CHUNK), PLACE).sortWithinPartitions(PLACE)
    columns = [result_column(number) for number in range(len(models))]
    return ([things_of(row[column]) for column in columns] for row in ordered.toLocalIterator())


def _findings(account: Account) -> list[Finding]:
    count = sum(account.dropped.values())
    if not count:
        return []
    examples = [
        f"{label} of {model} ({number})" for (model, label), number in account.dropped.most_common(MAX_EXAMPLES)
    ]
    message = tell("{count} [region or choice is|regions and choices are] not in the config for their model", count)
    hint = "add the label to the labeling config, with the model's name, or train without it"
    return [Finding("unknown_label", "warning", message, count, tuple(examples), hint)]

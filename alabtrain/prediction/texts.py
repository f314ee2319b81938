"""The tasks of a pre-annotation, read in two passes: once for Spark, once to write them with predictions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.core.errors import InputError, NothingToTrain
from alabtrain.core.events import Progress, Sink
from alabtrain.core.findings import Finding
from alabtrain.core.json import JsonObject
from alabtrain.core.languages.detect import settle_language
from alabtrain.labeling.config import DataTag
from alabtrain.prediction.frames import hand_over
from alabtrain.prediction.load import LoadedModel
from alabtrain.prediction.results import others_than, prediction, text_items
from alabtrain.project.project import Project
from alabtrain.project.records import Task
from alabtrain.selection.chosen import encoded
from alabtrain.spark.shared import SharedFolder
from alabtrain.trainers.model_type import NamedModel
from alabtrain.trainers.predictions import Found, ResultCounts

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class Work(ABC):
    """The tasks of a project to pre-annotate: `taken` of all `seen` are used, as `rows` passed to Spark."""

    unit = "texts"

    def __init__(self, project: Project, overwrite: bool) -> None:
        self.project, self.overwrite = project, overwrite
        self._stamps = self._files()
        self.seen = self.taken = self.rows = 0
        self.skipped: dict[str, int] = {}

    @abstractmethod
    def language(self) -> tuple[str, list[Finding]]:
        """Return the language of the tasks (ISO 639-1), with findings about it."""

    @abstractmethod
    def hand_over(self, shared: SharedFolder, models: Sequence[LoadedModel], scratch: Path, sink: Sink) -> DataFrame:
        """Write the input of the models where Spark reads it; `scratch` is a folder of this machine.

        Raises:
            NothingToTrain: there is nothing to annotate.
        """

    @abstractmethod
    def predictions(
        self, found: Iterator[Sequence[Sequence[Found]]], models: Sequence[NamedModel], account: ResultCounts
    ) -> Iterator[tuple[Task, JsonObject, JsonObject]]:
        """Yield each task with its JSON object to write, and its prediction."""

    @abstractmethod
    def lacks(self, task: Task) -> str:
        """Return why a task has no input for the models ("" if it has)."""

    def findings(self) -> list[Finding]:
        """Return the findings about the tasks."""
        return []

    def rewritten(
        self, found: Iterator[Sequence[Sequence[Found]]], models: Sequence[LoadedModel], account: ResultCounts
    ) -> Iterator[str]:
        """Yield the tasks as JSON, each with its prediction."""
        for task, raw, new in self.predictions(found, [model.named for model in models], account):
            rows = [*others_than(new, task), new]
            yield encoded({**raw, "predictions": rows}, f"{self.project.path}, task {task.id}")
        # Tasks are matched by order: a changed export would get the predictions of the old one.
        if self._files() != self._stamps:
            raise InputError("the project was changed meanwhile", where=str(self.project.path), hint="try again")

    def tasks(self, *, count: bool) -> Iterator[Task]:
        """Yield the tasks to pre-annotate; with `count`, count them and the skipped ones."""
        for task in self.all_tasks():
            done = not self.overwrite and any(completion.handed_in for completion in task.completions)
            reason = "has_completion" if done else self.lacks(task)
            if count:
                self.seen += 1
                if reason:
                    self.skipped[reason] = self.skipped.get(reason, 0) + 1
                else:
                    self.taken += 1
            if not reason:
                yield task

    def all_tasks(self) -> Iterator[Task]:
        """Yield all tasks of the project."""
        return self.project.tasks()

    def require_rows(self) -> None:
        """Raise `NothingToTrain` if there is no input for the models."""
        if not self.rows and self.taken:
            problems = "; ".join(finding.message for finding in self.findings())
            raise NothingToTrain(
                f"{self.taken:,} tasks are left, but their pages have no words",
                where=str(self.project.path),
                hint=problems or "leave out --no-ocr, so that OCR reads their images",
            )
        if not self.rows:
            why = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in self.skipped.items())
            raise NothingToTrain(
                "no task is left to pre-annotate",
                where=str(self.project.path),
                hint=f"of {self.seen} tasks: {why or 'none'}; --overwrite includes those with a completion",
            )

    def _files(self) -> list[tuple[int, int]]:
        return [(file.stat().st_mtime_ns, file.stat().st_size) for file in self.project.members_read()]


class TextWork(Work):
    """Tasks with the text of the tag `about`."""

    def __init__(self, project: Project, overwrite: bool, about: DataTag) -> None:
        super().__init__(project, overwrite)
        self.about = about

    def language(self) -> tuple[str, list[Finding]]:
        """Detect the language of the texts."""
        return settle_language(self._texts(count=False))

    def lacks(self, task: Task) -> str:
        """Return the reason `no_text` if a task has no text, else ""."""
        text = task.data.get(self.about.key)
        return "" if isinstance(text, str) and text.strip() else "no_text"

    def hand_over(self, shared: SharedFolder, models: Sequence[LoadedModel], scratch: Path, sink: Sink) -> DataFrame:
        """Write the texts where Spark reads them."""
        texts = self._texts(count=True)
        frame, self.rows = hand_over(shared, texts, lambda n: sink(Progress("reading tasks", n, 0, "tasks")))
        self.require_rows()
        return frame

    def predictions(
        self, found: Iterator[Sequence[Sequence[Found]]], models: Sequence[NamedModel], account: ResultCounts
    ) -> Iterator[tuple[Task, JsonObject, JsonObject]]:
        """Yield the unchanged tasks, and the predictions for their texts."""
        for task, found_items in zip(self.tasks(count=False), found, strict=False):
            text = str(task.data[self.about.key])
            items = text_items(text, models, found_items, self.about, account)
            yield task, task.raw, prediction(task, models, items)

    def _texts(self, *, count: bool) -> Iterator[str]:
        return (str(task.data[self.about.key]) for task in self.tasks(count=count))

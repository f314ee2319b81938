"""What a pre-annotation works through, in two passes over the tasks: once for Spark, once to write them again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alabtrain.core.errors import InputError, NothingToTrain
from alabtrain.core.events import Progress, Sink
from alabtrain.core.findings import Finding
from alabtrain.core.languages.detect import settle_language
from alabtrain.labeling.config import DataTag
from alabtrain.prediction.frames import hand_over
from alabtrain.prediction.load import LoadedModel
from alabtrain.prediction.named_models import NamedModel
from alabtrain.prediction.results import Account, Found, others_than, prediction, text_items
from alabtrain.project.project import Project
from alabtrain.project.records import Task
from alabtrain.selection.chosen import encoded
from alabtrain.spark.shared import SharedFolder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class Work(ABC):
    """The tasks of a project that are to be pre-annotated: `rows` are handed to Spark, from `taken` of all `seen`."""

    unit = "texts"

    def __init__(self, project: Project, overwrite: bool) -> None:
        self.project, self.overwrite = project, overwrite
        self._stamps = self._files()
        self.seen = self.taken = self.rows = 0
        self.skipped: dict[str, int] = {}

    @abstractmethod
    def language(self) -> tuple[str, list[Finding]]:
        """Return the language of the tasks (ISO 639-1), with what is to be said of it."""

    @abstractmethod
    def hand_over(self, shared: SharedFolder, models: Sequence[LoadedModel], scratch: Path, sink: Sink) -> DataFrame:
        """Write what the models read where Spark reads it; `scratch` is a folder of this machine.

        Raises `NothingToTrain` where there is nothing to read.
        """

    @abstractmethod
    def predictions(
        self, found: Iterator[Sequence[Sequence[Found]]], models: Sequence[NamedModel], account: Account
    ) -> Iterator[tuple[Task, Mapping[str, Any], dict[str, Any]]]:
        """Yield the tasks again: each with how it is to be written, and its prediction."""

    @abstractmethod
    def lacks(self, task: Task) -> str:
        """Return why a task holds nothing for the models ("": it does)."""

    def findings(self) -> list[Finding]:
        """Return what is to be said of the tasks."""
        return []

    def rewritten(
        self, found: Iterator[Sequence[Sequence[Found]]], models: Sequence[LoadedModel], account: Account
    ) -> Iterator[str]:
        """Yield the tasks again as JSON, each with its prediction."""
        for task, raw, made in self.predictions(found, [model.named for model in models], account):
            rows = [*others_than(made, task), made]
            yield encoded({**raw, "predictions": rows}, f"{self.project.path}, task {task.id}")
        # By their order alone, another export would get what was found in this one.
        if self._files() != self._stamps:
            raise InputError("it was changed meanwhile", where=str(self.project.path), hint="try again")

    def tasks(self, *, count: bool) -> Iterator[Task]:
        """Yield the tasks to pre-annotate; with `count`, those that are looked at and passed over are counted."""
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
        """Raise `NothingToTrain` where there is nothing for the models."""
        if not self.rows and self.taken:
            told = "; ".join(finding.message for finding in self.findings())
            raise NothingToTrain(
                f"{self.taken:,} tasks are left, and no page of them has a word",
                where=str(self.project.path),
                hint=told or "without --no-ocr, their pictures are read",
            )
        if not self.rows:
            why = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in self.skipped.items())
            raise NothingToTrain(
                "no task is left to pre-annotate",
                where=str(self.project.path),
                hint=f"of {self.seen} tasks: {why or 'none'}; --overwrite takes those with a completion too",
            )

    def _files(self) -> list[tuple[int, int]]:
        return [(file.stat().st_mtime_ns, file.stat().st_size) for file in self.project.members_read()]


class TextWork(Work):
    """Tasks with a text, `about`."""

    def __init__(self, project: Project, overwrite: bool, about: DataTag) -> None:
        super().__init__(project, overwrite)
        self.about = about

    def language(self) -> tuple[str, list[Finding]]:
        """Find out the language of the texts."""
        return settle_language(self._texts(count=False))

    def lacks(self, task: Task) -> str:
        """Return whether a task has no text."""
        text = task.data.get(self.about.key)
        return "" if isinstance(text, str) and text.strip() else "no_text"

    def hand_over(self, shared: SharedFolder, models: Sequence[LoadedModel], scratch: Path, sink: Sink) -> DataFrame:
        """Write the texts where Spark reads them."""
        texts = self._texts(count=True)
        frame, self.rows = hand_over(shared, texts, lambda n: sink(Progress("reading tasks", n, 0, "tasks")))
        self.require_rows()
        return frame

    def predictions(
        self, found: Iterator[Sequence[Sequence[Found]]], models: Sequence[NamedModel], account: Account
    ) -> Iterator[tuple[Task, Mapping[str, Any], dict[str, Any]]]:
        """Yield the tasks as they are, and what was found in their texts."""
        for task, things in zip(self.tasks(count=False), found, strict=False):
            text = str(task.data[self.about.key])
            items = text_items(text, models, things, self.about, account)
            yield task, task.raw, prediction(task, models, items)

    def _texts(self, *, count: bool) -> Iterator[str]:
        return (str(task.data[self.about.key]) for task in self.tasks(count=count))

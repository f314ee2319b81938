"""Pre-annotation of pages: first their words are passed to Spark, then the tasks are written with the predictions.

Between the two passes the pages are in a file of the scratch folder, so that no image is read twice and no tasks are
kept in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.core.errors import InputError
from alabtrain.core.events import Sink
from alabtrain.core.findings import Finding, Tally
from alabtrain.core.json import JsonObject
from alabtrain.core.languages.registry import ENGLISH
from alabtrain.pages.findings import word_findings
from alabtrain.pages.layout import LAYOUT_VERSION, layout_names, layout_rows
from alabtrain.pages.ocr.options import OcrOptions
from alabtrain.pages.ocr.reading import page_reader
from alabtrain.pages.options import WINDOW
from alabtrain.pages.text import PageText, page_text
from alabtrain.pages.words import Page, has_pages, read_pages
from alabtrain.prediction.frames import hand_over_pages
from alabtrain.prediction.load import LoadedModel, language_of_models
from alabtrain.prediction.page_results import KeptPage, keep_page, page_items, taken_up, with_words
from alabtrain.prediction.results import prediction
from alabtrain.prediction.texts import Work
from alabtrain.project.project import Project
from alabtrain.project.records import Task
from alabtrain.project.source import Source, open_source
from alabtrain.spark.shared import SharedFolder
from alabtrain.trainers.model_type import NamedModel
from alabtrain.trainers.predictions import Found, ResultCounts

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

NO_SIZE = "no_page_size"
PAGE_FILE = "pages.jsonl"
SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp")


class PageWork(Work):
    """Tasks with pages, or instead a folder of `pictures`, each of which becomes a task with one page."""

    unit = "pages"

    def __init__(
        self,
        project: Project,
        key: str,
        overwrite: bool,
        *,
        reading: OcrOptions,
        pictures: Path | None,
        sink: Sink,
    ) -> None:
        """Set the project and options; `key` is the key of the images in the tasks' data."""
        super().__init__(project, overwrite)
        self.source = project.source if pictures is None else open_source(pictures)
        self.pictures = pictures is not None
        self.key = key
        self.reader = page_reader(reading, self.source, sink)
        self.tally = Tally()
        self._file = Path()

    def language(self) -> tuple[str, list[Finding]]:
        """Return English, the default language for models of the vendor's hub."""
        return ENGLISH, []

    def all_tasks(self) -> Iterator[Task]:
        """Yield the tasks of the project, or one task for each picture."""
        return tasks_of_pictures(self.source, self.key) if self.pictures else super().all_tasks()

    def lacks(self, task: Task) -> str:
        """Return the reason `no_page` if a task has no pages, else ""."""
        return "" if has_pages(task, self.key) else "no_page"

    def hand_over(self, shared: SharedFolder, models: Sequence[LoadedModel], scratch: Path, sink: Sink) -> DataFrame:
        """Write the texts of pages and their layout where Spark reads them, and keep the pages for the second pass."""
        self._file = scratch / PAGE_FILE
        rows = self._read(window_of(models))
        frame, self.rows = hand_over_pages(shared, rows)
        self.require_rows()
        return frame

    def predictions(
        self, found: Iterator[Sequence[Sequence[Found]]], models: Sequence[NamedModel], account: ResultCounts
    ) -> Iterator[tuple[Task, JsonObject, JsonObject]]:
        """Yield the tasks with the words of their pages, and their predictions."""
        for task, pages in zip(self.tasks(count=False), self._kept(), strict=False):
            items = page_items(models, pages, found, account)
            yield task, with_words(task.raw, pages), prediction(task, models, items)

    def findings(self) -> list[Finding]:
        """Return the findings about pages and their images."""
        message = "{count} [page|pages] of unknown size: predictions are left out, because boxes need the page size"
        hint = "the image must be in the export and readable"
        sizes = self.tally.finding(NO_SIZE, "warning", message, hint)
        return [*self.reader.findings(), *word_findings(self.tally), *([sizes] if sizes is not None else [])]

    def _read(self, window: int) -> Iterator[tuple[str, list[list[float]]]]:
        """Yield text and layout of each page that has words."""
        paged = ((task, read_pages(task, self.key, tally=self.tally)) for task in self.tasks(count=True))
        with self._file.open("w", encoding="utf-8") as kept:
            for task, pages in self.reader.fill(paged):
                texts = [page_text(page, window) for page in pages]
                rows = [self._keep(task, *pair) for pair in zip(pages, texts, strict=True)]
                kept.write(json.dumps(rows) + "\n")
                yield from ((text.text, layout_rows(text)) for text in texts if text is not None)

    def _keep(self, task: Task, page: Page, text: PageText | None) -> list[object]:
        if text and page.size is None:
            self.tally.add(NO_SIZE, f"task {task.id}, page {page.number}")
        return keep_page(page.number, page.size, text)

    def _kept(self) -> Iterator[list[KeptPage]]:
        """Yield the pages of each task again."""
        with self._file.open(encoding="utf-8") as lines:
            for line in lines:
                yield [taken_up(row) for row in json.loads(line)]


def reading_in(reading: OcrOptions, named: Sequence[NamedModel], store: str | None) -> OcrOptions:
    """Return the options with the language set: the given one, else that of the models, else English."""
    return replace(reading, lang=reading.lang or language_of_models(named, store) or ENGLISH)


def window_of(models: Sequence[LoadedModel]) -> int:
    """Return the window of the models for pages.

    Raises:
        InputError: they need other layout features than this version computes, or have different windows.
    """
    found = [(model.named.shown, model.named.model_type.recipe(model.own)) for model in models]
    recipes = [(name, recipe) for name, recipe in found if recipe is not None]
    for name, recipe in recipes:
        if (recipe.version, recipe.width) != (LAYOUT_VERSION, len(layout_names())):
            raise InputError(
                f"{name} was trained with another version of alabtrain, which used other layout features",
                hint="train it again",
                code="other_layout",
            )
    windows = {recipe.window for _name, recipe in recipes}
    if len(windows) > 1:
        raise InputError(
            f"the models have different windows ({', '.join(map(str, sorted(windows)))} words) and cannot be combined",
            hint="train them with the same --window",
        )
    return windows.pop() if windows else WINDOW


def tasks_of_pictures(source: Source, key: str) -> Iterator[Task]:
    """Yield a task with one page for each image, by name; other files are ignored."""
    pictures = [member.name for member in source.members() if Path(member.name).suffix.lower() in SUFFIXES]
    for number, name in enumerate(pictures, 1):
        data = {key: [name], "title": Path(name).stem}
        yield Task(number, data, (), (), {"id": number, "data": data})

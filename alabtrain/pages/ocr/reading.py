"""Reads the images of pages: words for pages that have none, and ruling lines; each image is opened once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from alabtrain.core.events import Progress, Sink, ignore
from alabtrain.core.findings import Finding, Tally
from alabtrain.core.languages.registry import ENGLISH
from alabtrain.pages.findings import picture_code, picture_findings
from alabtrain.pages.images import ImageProblem, decode, find_image, read_bytes
from alabtrain.pages.ocr.cache import WordCache
from alabtrain.pages.ocr.options import OcrOptions
from alabtrain.pages.ocr.tesseract import NOT_READ, find_tesseract
from alabtrain.pages.ruling_lines import find_rules
from alabtrain.pages.sheet import usual_height
from alabtrain.pages.words import Page, Word
from alabtrain.project.records import Task
from alabtrain.project.source import Source

if TYPE_CHECKING:
    from PIL.Image import Image

PREFETCH = 16  # tasks that are read ahead


class Engine(Protocol):
    """An OCR engine; `recipe` identifies everything that its words depend on besides the image."""

    @property
    def recipe(self) -> str:
        """Name, version and settings."""

    def read(self, picture: Image) -> list[Word]:
        """Return the words with boxes in pixels of the image. Raises `ImageProblem`."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A page after its image was read, and the code of the problem, if any."""

    page: Page
    problem: str | None = None


class PageReader:
    """Reads the pages of a project's tasks; the OCR engine is looked up at the first page without words."""

    def __init__(
        self,
        source: Source,
        lang: str,
        *,
        ocr: bool = True,
        keep: bool = True,
        sink: Sink = ignore,
        find: Callable[[str], Engine] = find_tesseract,
    ) -> None:
        """Set the language (ISO 639-1); `keep` caches words; without `ocr`, pages without words stay empty."""
        self.source, self.lang, self.ocr, self.keep, self.sink, self.find = source, lang, ocr, keep, sink, find
        self.tally = Tally()
        self._members = source.members()
        self._lock = Lock()
        self._engine: tuple[Engine, WordCache | None] | None = None
        self._done = 0

    def fill(self, tasks: Iterable[tuple[Task, list[Page]]]) -> Iterator[tuple[Task, list[Page]]]:
        """Yield the tasks in their order, their pages completed with words, sizes and ruling lines.

        Raises:
            SetupError: a page needs OCR and no engine is installed.
        """
        rows = iter(tasks)
        pool = ThreadPoolExecutor(os.cpu_count() or 1)
        try:
            while chunk := list(islice(rows, PREFETCH)):
                begun = [[self._begin(page, pool) for page in pages] for _task, pages in chunk]
                for (task, pages), waiting in zip(chunk, begun, strict=True):
                    yield task, [self._end(task, *pair) for pair in zip(pages, waiting, strict=True)]
        finally:
            # An interrupt does not wait for the pages that are still in the queue.
            pool.shutdown(cancel_futures=True)

    def findings(self) -> list[Finding]:
        """Return the findings about images."""
        return picture_findings(self.tally, {NOT_READ: "[page|pages] on which OCR failed"})

    def _begin(self, page: Page, pool: ThreadPoolExecutor) -> Future[Looked] | None:
        if not page.words and not self.ocr:
            return None
        return pool.submit(self._look, page)

    def _end(self, task: Task, page: Page, waiting: Future[Looked] | None) -> Page:
        if waiting is None:
            return page
        looked = waiting.result()
        if looked.problem is not None:
            self.tally.add(looked.problem, f"task {task.id}, page {page.number}")
        self._done += 1
        self.sink(Progress("reading pages", self._done, 0, "pages"))
        return looked.page

    def _look(self, page: Page) -> Looked:
        """Return a page completed from its image."""
        try:
            name = find_image(self._members, page.image)
            with self._lock:  # a zip can be read by only one thread at a time
                content = read_bytes(self.source, name)
            picture = decode(content)
            words = page.words or self._read(content, picture)
        except ImageProblem as problem:
            return Looked(page, picture_code(problem, has_words=bool(page.words)))
        rules = find_rules(picture, usual_height(words)) if words else None
        return Looked(replace(page, words=words, size=picture.size, rules=rules))

    def _read(self, content: bytes, picture: Image) -> tuple[Word, ...]:
        engine, cache = self._found_engine()
        words = cache.find(content) if cache else None
        if words is None:
            words = engine.read(picture)
            if cache:
                cache.add(content, words)
        return tuple(words)

    def _found_engine(self) -> tuple[Engine, WordCache | None]:
        with self._lock:
            if self._engine is None:
                engine = self.find(self.lang)
                self._engine = engine, WordCache(engine.recipe) if self.keep else None
            return self._engine


def page_reader(options: OcrOptions, source: Source, sink: Sink = ignore) -> PageReader:
    """Return a reader of the pages whose pictures are in `source`."""
    return PageReader(source, options.lang or ENGLISH, ocr=options.ocr, keep=options.ocr_cache, sink=sink)

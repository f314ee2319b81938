"""Words for the pages of tasks that have none: several pages at once, each picture read once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from alabtrain.events import Progress, Sink, ignore
from alabtrain.findings import Finding, Tally
from alabtrain.languages.registry import ENGLISH
from alabtrain.ocr.cache import WordCache
from alabtrain.ocr.tesseract import NOT_READ, find_tesseract
from alabtrain.pages.images import PROBLEMS, ImageProblem, decode, find_image, read_bytes
from alabtrain.pages.words import Page, Word
from alabtrain.reading.source import Source
from alabtrain.records import Task

if TYPE_CHECKING:
    from PIL.Image import Image

CHUNK = 16  # tasks that are looked ahead at
PAGE_PROBLEMS = {**PROBLEMS, NOT_READ: "[page|pages] that OCR gave up on"}


class Engine(Protocol):
    """What reads pictures; `recipe` tells what its words depend on, besides the picture."""

    @property
    def recipe(self) -> str:
        """Name, version and settings."""

    def read(self, picture: Image) -> list[Word]:
        """Return the words with boxes in pixels of the picture. Raises `ImageProblem`."""


class PageReader:
    """Reads the pages without words of a project's tasks; the engine is found when the first one comes."""

    def __init__(
        self,
        source: Source,
        lang: str,
        *,
        keep: bool = True,
        sink: Sink = ignore,
        find: Callable[[str], Engine] = find_tesseract,
    ) -> None:
        """Read in a language (ISO 639-1); with `keep`, words are looked up in the cache and kept there."""
        self.source, self.lang, self.keep, self.sink, self.find = source, lang, keep, sink, find
        self.tally = Tally()
        self._members = source.members()
        self.lock = Lock()
        self._engine: Engine | None = None
        self._cache: WordCache | None = None
        self._done = 0

    def fill(self, tasks: Iterable[tuple[Task, list[Page]]]) -> Iterator[tuple[Task, list[Page]]]:
        """Yield the tasks again, in their order, with words on the pages that had none and can be read.

        Raises `SetupError` where such a page comes and there is no engine for it.
        """
        rows = iter(tasks)
        pool = ThreadPoolExecutor(os.cpu_count() or 1)
        try:
            while chunk := list(islice(rows, CHUNK)):
                begun = [[self._begin(page, pool) for page in pages] for _task, pages in chunk]
                for (task, pages), waiting in zip(chunk, begun, strict=True):
                    yield task, [self._end(task, *pair) for pair in zip(pages, waiting, strict=True)]
        finally:
            # Whoever interrupts need not wait for the pages that are still in the queue.
            pool.shutdown(cancel_futures=True)

    def findings(self) -> list[Finding]:
        """Return what was wrong with pictures."""
        found = [self.tally.finding(code, "warning", f"{{count}} {text}") for code, text in PAGE_PROBLEMS.items()]
        return [finding for finding in found if finding is not None]

    def _begin(self, page: Page, pool: ThreadPoolExecutor) -> Future[list[Word]] | None:
        if page.words:
            return None
        if self._engine is None:
            self._engine = self.find(self.lang)
            self._cache = WordCache(self._engine.recipe) if self.keep else None
        return pool.submit(self._read, page)

    def _end(self, task: Task, page: Page, waiting: Future[list[Word]] | None) -> Page:
        if waiting is None:
            return page
        try:
            words = waiting.result()
        except ImageProblem as problem:
            self.tally.add(problem.code, f"task {task.id}, page {page.number}")
            return page
        self._done += 1
        self.sink(Progress("reading pages (OCR)", self._done, 0, "pages"))
        return replace(page, words=tuple(words))

    def _read(self, page: Page) -> list[Word]:
        assert self._engine is not None  # noqa: S101 - found before the first page was handed on
        name = find_image(self._members, page.image)
        with self.lock:  # a zip is read by one at a time
            content = read_bytes(self.source, name)
        words = self._cache.find(content) if self._cache else None
        if words is None:
            words = self._engine.read(decode(content))
            if self._cache:
                self._cache.add(content, words)
        return words


@dataclass(frozen=True, slots=True)
class OcrOptions:
    """How pages without words are read: the language (ISO 639-1), and whether what was read is kept."""

    lang: str = ENGLISH
    keep: bool = True

    def reader(self, source: Source, sink: Sink = ignore) -> PageReader:
        """Return a reader of the pages whose pictures are in `source`."""
        return PageReader(source, self.lang, keep=self.keep, sink=sink)

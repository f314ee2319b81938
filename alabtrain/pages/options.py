"""The interface between the trainers and the readers of pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from alabtrain.core.findings import Finding
    from alabtrain.pages.words import Page
    from alabtrain.project.records import Task

WINDOW = 120
"""The maximum number of words in a window: on usual pages it stays below an encoder's limit of 512 word pieces."""


class PageSource(Protocol):
    """Completes pages from their images, for example with OCR (`ocr.reading`)."""

    def fill(self, tasks: Iterable[tuple[Task, list[Page]]]) -> Iterator[tuple[Task, list[Page]]]:
        """Yield the tasks in their order, with completed pages."""

    def findings(self) -> list[Finding]:
        """Return the findings about pages."""


@dataclass(frozen=True, slots=True)
class PageOptions:
    """How the pages of a completion become documents.

    `image_key` is the key of a task's images, `labels` are those of the boxes (None: without a config, use all).
    `window` is the maximum number of words in a line of the text. `source` reads the images (None: they are not
    read). With `strict`, any loss of a box raises `InputError`.
    """

    image_key: str
    window: int
    labels: Collection[str] | None = None
    source: PageSource | None = None
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """How pages are prepared for a model: version of the layout features, numbers per word, words per window."""

    version: int
    width: int
    window: int

    def __str__(self) -> str:
        """Return the recipe as the comment in the stage's SQL statement."""
        return f"/* alabtrain: layout {self.version}, {self.width} numbers, windows of {self.window} words */"

"""How pages are read: what the trainers and the readers of pages agree on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from alabtrain.core.findings import Finding
    from alabtrain.pages.words import Page
    from alabtrain.project.records import Task

WINDOW = 120
"""Words of a window at most: with them, an encoder's limit of 512 pieces is out of reach on usual pages."""


class PageSource(Protocol):
    """What looks at the pictures of pages, and gives words to those that have none (`ocr.reading`)."""

    def fill(self, tasks: Iterable[tuple[Task, list[Page]]]) -> Iterator[tuple[Task, list[Page]]]:
        """Yield the tasks again, in their order, with what was seen on their pages."""

    def findings(self) -> list[Finding]:
        """Return what was wrong with pages."""


@dataclass(frozen=True, slots=True)
class PageOptions:
    """What of a completion makes documents of pages.

    `image_key` is the key of a task's pictures, `labels` are those of the boxes (None: there is no config, take all).
    `window` is how many words a line of the text has at most. `source` looks at the pictures (None: nobody does).
    With `strict`, any loss of a box raises `InputError`.
    """

    image_key: str
    window: int
    labels: Collection[str] | None = None
    source: PageSource | None = None
    strict: bool = False

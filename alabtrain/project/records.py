"""Tasks, completions and regions as values, read from untrusted JSON.

The fields are those of exports of Annotation Lab (`completions`) and Label Studio (`annotations`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from alabtrain.core.json import JsonObject

Review = Literal["accepted", "rejected"]
Identifier = int | str


@dataclass(frozen=True, slots=True)
class Completion:
    """The annotations of one annotator for one task (in Label Studio: an annotation).

    `result` are the raw result items; `submitted` is whether it counts as submitted; `stamp` is the raw UTC
    time (`updated_at`, else `created_ago`/`created_at`), parsed only where the time decides.
    """

    id: Identifier
    annotator: str
    result: tuple[JsonObject, ...]
    submitted: bool
    has_submitted_at: bool
    cancelled: bool
    starred: bool
    review: Review | None
    stamp: str | float | None

    @property
    def handed_in(self) -> bool:
        """Whether the annotator finished it: submitted, and not skipped or cancelled."""
        return self.submitted and not self.cancelled


@dataclass(frozen=True, slots=True)
class Task:
    """One document to annotate, with all its completions.

    `raw` is the unchanged JSON object of the export, so that it can be written again without losing a field.
    """

    id: Identifier
    data: JsonObject
    tags: tuple[str, ...]
    completions: tuple[Completion, ...]
    raw: JsonObject

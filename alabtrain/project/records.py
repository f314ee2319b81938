"""Tasks, completions and regions as values, read from untrusted JSON.

Field by field as seen in exports of Annotation Lab (`completions`) and Label Studio (`annotations`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Review = Literal["accepted", "rejected"]
Identifier = int | str


@dataclass(frozen=True, slots=True)
class Completion:
    """What one annotator said of one task (Label Studio: an annotation).

    `result` are the raw result items; `submitted` says that it counts as handed in; `stamp` is the raw UTC
    time (`updated_at`, else `created_ago`/`created_at`), parsed only when it has to decide.
    """

    id: Identifier
    annotator: str
    result: tuple[Mapping[str, Any], ...]
    submitted: bool
    has_submitted_at: bool
    cancelled: bool
    starred: bool
    review: Review | None
    stamp: str | float | None

    @property
    def handed_in(self) -> bool:
        """Whether an annotator is done with it: submitted, and not skipped or cancelled."""
        return self.submitted and not self.cancelled


@dataclass(frozen=True, slots=True)
class Task:
    """One document to annotate, with all that was said of it.

    `raw` is the JSON object as it stood in the export, so that it can be written again with no field lost.
    """

    id: Identifier
    data: Mapping[str, Any]
    tags: tuple[str, ...]
    completions: tuple[Completion, ...]
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Region:
    """A labelled span of a text: `start` and `end` count code points as stored (unchecked), `end` exclusive."""

    id: str
    from_name: str
    start: Any
    end: Any
    text: Any
    labels: tuple[str, ...]
    to_name: str = ""

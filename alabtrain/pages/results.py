"""The gold and predicted boxes of the scored pages, stored without any text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TypedDict

from alabtrain.core.files import write_aside
from alabtrain.core.findings import Finding, Tally
from alabtrain.pages.boxes import Box
from alabtrain.pages.drawing import draw_boxes
from alabtrain.pages.findings import picture_findings
from alabtrain.pages.images import ImageProblem, find_image, read_image
from alabtrain.project.records import Identifier
from alabtrain.project.source import Source

Labelled = tuple[str, Box]


class BoxesJson(TypedDict):
    """A line of `boxes.jsonl`: each box is its label and its sides in pixels (left, top, right, bottom)."""

    task_id: Identifier
    page: int
    drawn: list[list[str | float]]
    found: list[list[str | float]]


@dataclass(frozen=True, slots=True)
class ScoredPage:
    """A page with its gold boxes (`drawn`) and predicted boxes (`found`), each with its label."""

    task_id: Identifier
    number: int
    image: str | None
    drawn: tuple[Labelled, ...]
    found: tuple[Labelled, ...]

    @property
    def file(self) -> str:
        """The file name of its image."""
        return picture_name(self.task_id, self.number)

    def to_dict(self) -> BoxesJson:
        """Return the line of `boxes.jsonl`."""
        drawn, found = ([[label, *astuple(box)] for label, box in boxes] for boxes in (self.drawn, self.found))
        return {"task_id": self.task_id, "page": self.number, "drawn": drawn, "found": found}


def picture_name(task_id: Identifier, page: int) -> str:
    """Return the file name of the image of a page."""
    plain = "".join(char if char.isalnum() or char in "-_" else "_" for char in str(task_id))[:80]
    return f"task-{plain}-page-{page}.png"


def found_boxes(lines: Iterable[BoxesJson], task_id: Identifier) -> dict[int, list[Labelled]]:
    """Return the predicted boxes of a task's pages from the lines of `boxes.jsonl`, by page number."""
    return {
        line["page"]: [(str(label), Box(*map(float, sides))) for label, *sides in line["found"]]
        for line in lines
        if str(line["task_id"]) == str(task_id)
    }


def draw_results(
    source: Source, pages: Sequence[ScoredPage], colours: Mapping[str, str], folder: Path
) -> tuple[list[str], list[Finding]]:
    """Draw scored pages into a folder; return the file names, and findings about unusable images.

    The drawings show the documents.

    Raises:
        SetupError: a file cannot be written.
    """
    tally, names = Tally(), []
    members = source.members()
    for page in pages:
        try:
            picture = read_image(source, find_image(members, page.image))
        except ImageProblem as problem:
            tally.add(problem.code, f"task {page.task_id}, page {page.number}")
            continue
        folder.mkdir(exist_ok=True)
        write_aside(folder / page.file, draw_boxes(picture, page.drawn, colours, found=page.found))
        names.append(page.file)
    return names, picture_findings(tally)

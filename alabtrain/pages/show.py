"""The pages of a task as pictures, with the boxes of the completion that counts."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from alabtrain.config import LabelingConfig
from alabtrain.errors import InputError
from alabtrain.findings import Finding, Tally
from alabtrain.jobs import SelectionOptions
from alabtrain.pages.drawing import draw_boxes
from alabtrain.pages.images import PROBLEMS, ImageProblem, find_image, read_image
from alabtrain.pages.order import reading_order
from alabtrain.pages.regions import BoxReading, read_boxes
from alabtrain.pages.telling import box_findings
from alabtrain.pages.words import read_pages
from alabtrain.project import Project
from alabtrain.records import Completion, Task
from alabtrain.runs.durable import cannot_write, write_aside
from alabtrain.selection.story import decide_task


@dataclass(slots=True)
class Shown:
    """What was drawn: the files, a page each, how many boxes of each label are on them, and what is wrong."""

    task_id: int | str
    completion_id: int | str | None
    files: list[Path] = field(default_factory=list)
    boxes: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the object that `alabtrain show --json` prints."""
        return {
            "task_id": self.task_id,
            "completion_id": self.completion_id,
            "files": [str(file) for file in self.files],
            "boxes": self.boxes,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def show_task(
    project: Project, task_id: str, *, selection: SelectionOptions, output: Path, order: bool = False
) -> Shown:
    """Draw the pages of the task whose id reads `task_id` into `output`, a PNG each.

    The boxes are those of the completion that a training would choose; a page whose picture cannot be had is told. The
    pictures show the document. With `order` the words are numbered as they are read (`order.py`). Raises `UsageError`
    where there is no such task, `InputError` where the config has no boxes, `SetupError` where nothing can be written.
    """
    config = project.config
    if config is None or not config.rectangle_labels:
        where = config.where if config else str(project.path)
        raise InputError("the labeling config has no RectangleLabels", where=where, hint="there are no boxes to show")
    task, completion = _chosen(project, task_id, selection)
    tally = Tally()
    pages = read_pages(task, config.image_key, tally=tally)
    reading = read_boxes(
        completion.result if completion else (), pages, {label.name for label in config.rectangle_labels}
    )
    shown = Shown(task.id, completion.id if completion else None)
    for box in reading.boxes:
        shown.boxes[box.label] = shown.boxes.get(box.label, 0) + 1
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise cannot_write(output, problem) from None
    _draw(project, config, reading, output, shown, tally, order=order)
    for incident in [*reading.lost, *reading.noted]:
        tally.add(incident.code, f"region {incident.region_id} ({incident.label})")
    shown.findings = _findings(tally)
    return shown


def _draw(
    project: Project,
    config: LabelingConfig,
    reading: BoxReading,
    output: Path,
    shown: Shown,
    tally: Tally,
    *,
    order: bool,
) -> None:
    members = project.source.members()
    colours = {label.name: label.background for label in config.rectangle_labels if label.background}
    for page in reading.pages:
        try:
            picture = read_image(project.source, find_image(members, page.image))
        except ImageProblem as problem:
            tally.add(problem.code, f"page {page.number}")
            continue
        boxes = [box for box in reading.boxes if box.page == page.number]
        file = output / f"task-{_plain(str(shown.task_id))}-page-{page.number}.png"
        words = [page.words[place].box for place in reading_order(page.words)] if order else ()
        write_aside(file, draw_boxes(picture, boxes, colours, words))
        shown.files.append(file)


def _chosen(project: Project, task_id: str, selection: SelectionOptions) -> tuple[Task, Completion | None]:
    task, chosen = decide_task(project, task_id, **asdict(selection))
    taken = next(decision.completion_id for decision in chosen.decisions if decision.task_id == task.id)
    return task, next((completion for completion in task.completions if completion.id == taken), None)


def _findings(tally: Tally) -> list[Finding]:
    pictures = [tally.finding(code, "warning", f"{{count}} {text}") for code, text in PROBLEMS.items()]
    return [*(finding for finding in pictures if finding is not None), *box_findings(tally)]


def _plain(name: str) -> str:
    return "".join(char if char.isalnum() or char in "-_" else "_" for char in name)[:80]

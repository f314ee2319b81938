"""Draws the pages of a task with the boxes of the selected completion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from alabtrain.annotations.boxes import BoxReading, box_findings, read_boxes
from alabtrain.core.errors import InputError, UsageError
from alabtrain.core.files import cannot_write, write_aside
from alabtrain.core.findings import Finding, Tally
from alabtrain.core.json import from_json
from alabtrain.inspect.explain import decide_task
from alabtrain.labeling.config import LabelingConfig
from alabtrain.pages.boxes import Box
from alabtrain.pages.drawing import draw_boxes
from alabtrain.pages.findings import picture_findings
from alabtrain.pages.images import ImageProblem, find_image, read_image
from alabtrain.pages.order import reading_order
from alabtrain.pages.results import BoxesJson, found_boxes, picture_name
from alabtrain.pages.words import read_pages
from alabtrain.project.project import Project
from alabtrain.project.records import Completion, Task
from alabtrain.runs.record import BOXES, RunInfo, read_jsonl
from alabtrain.selection.options import SelectionOptions


@dataclass(slots=True)
class Shown:
    """The drawn pages: one file per page, the number of boxes by label, and findings; `--json` prints it."""

    task_id: int | str
    completion_id: int | str | None
    files: list[Path] = field(default_factory=list)
    boxes: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def show_task(
    project: Project,
    task_id: str,
    *,
    selection: SelectionOptions,
    output: Path,
    order: bool = False,
    run: RunInfo | None = None,
) -> Shown:
    """Draw the pages of the task with the id `task_id` into `output`, one PNG per page.

    The boxes are those of the completion that a training would use; unavailable images are reported as findings. The
    files show the document. With `order`, the words are numbered in reading order (`order.py`); with a `run` that
    scored the task, the predictions of its model are drawn, too.

    Raises:
        UsageError: there is no such task, or the run did not score it.
        InputError: the config has no boxes.
        SetupError: nothing can be written.
    """
    config = project.config
    if config is None or not config.rectangle_labels:
        where = config.where if config else str(project.path)
        raise InputError("the labeling config has no RectangleLabels", where=where, hint="there are no boxes to show")
    task, completion = _chosen(project, task_id, selection)
    tally = Tally()
    pages = read_pages(task, config.image_key, tally=tally)
    reading = read_boxes(
        completion.result if completion else (), pages, {label.name for label in config.rectangle_labels}, unread=True
    )
    found = None if run is None else _found(run, task)
    shown = Shown(task.id, completion.id if completion else None)
    for box in reading.boxes:
        shown.boxes[box.label] = shown.boxes.get(box.label, 0) + 1
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise cannot_write(output, problem) from None
    _draw(project, config, reading, output, shown, tally, order=order, found=found)
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
    found: Mapping[int, Sequence[tuple[str, Box]]] | None,
) -> None:
    members = project.source.members()
    colours = {label.name: label.background for label in config.rectangle_labels if label.background}
    for page in reading.pages:
        try:
            picture = read_image(project.source, find_image(members, page.image))
        except ImageProblem as problem:
            tally.add(problem.code, f"page {page.number}")
            continue
        boxes = [(box.label, box.box) for box in reading.boxes if box.page == page.number]
        file = output / picture_name(shown.task_id, page.number)
        words = [page.words[index].box for index in reading_order(page.words)] if order else ()
        of_model = None if found is None else found.get(page.number, ())
        write_aside(file, draw_boxes(picture, boxes, colours, words, found=of_model))
        shown.files.append(file)


def _found(run: RunInfo, task: Task) -> Mapping[int, Sequence[tuple[str, Box]]]:
    path = run.path / BOXES
    found = found_boxes((from_json(line, BoxesJson, where=str(path)) for line in read_jsonl(path)), task.id)
    if not found:
        raise UsageError(
            f"the run did not score task {task.id}",
            where=str(run.path),
            hint="a visual NER run stores the predictions for the pages that it scored: those of tasks tagged Test, "
            "else those of the validation set",
        )
    return found


def _chosen(project: Project, task_id: str, selection: SelectionOptions) -> tuple[Task, Completion | None]:
    task, chosen = decide_task(project, task_id, selection)
    taken = next(decision.completion_id for decision in chosen.decisions if decision.task_id == task.id)
    return task, next((completion for completion in task.completions if completion.id == taken), None)


def _findings(tally: Tally) -> list[Finding]:
    return [*picture_findings(tally), *box_findings(tally)]

"""Writing the chosen completions: as records, or as an export that the annotation tools import again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from alabtrain.core.errors import InputError, SetupError, UsageError
from alabtrain.core.files import replacing
from alabtrain.core.json import Json
from alabtrain.project.parsing import TAG_KEYS, completion_rows, tag_names
from alabtrain.project.project import Project
from alabtrain.project.records import Task
from alabtrain.project.reviews import read_review
from alabtrain.selection.decisions import Decision, Selection

Format = Literal["json", "jsonl", "export"]


def write_chosen(project: Project, selection: Selection, output: Path, *, output_format: Format = "json") -> int:
    """Write the selected completions to `output`, in the order of the export; return how many there are.

    `json` is a list and `jsonl` lines of `{task_id, completion_id, annotator, rule, tags, data, result}`;
    `export` are the tasks with all their fields and only the selected completion, including the tags and verdicts
    of `--task-tags` and `--reviews`. The file appears only when it is complete.

    Raises:
        UsageError: `output` is one of the files of the project.
        SetupError: it cannot be written.
    """
    refuse_input(project, output, inside_too=output_format == "export")
    decisions = {d.task_id: d for d in selection.decisions if d.completion_id is not None}
    tasks = ((task, decisions[task.id]) for task in project.tasks() if task.id in decisions)
    make = _as_export if output_format == "export" else _as_record
    texts = (encoded(make(task, decision), f"{project.path}, task {task.id}") for task, decision in tasks)
    with replacing(output) as stream:
        stream.writelines(piece.encode() for piece in (_lines if output_format == "jsonl" else as_list)(texts))
    return len(decisions)


def _as_record(task: Task, decision: Decision) -> dict[str, Json]:
    chosen = next(c for c in task.completions if c.id == decision.completion_id)
    return {
        "task_id": task.id,
        "completion_id": chosen.id,
        "annotator": chosen.annotator,
        "rule": decision.rule,
        "tags": list(task.tags),
        "data": task.data,
        "result": chosen.result,
    }


def _as_export(task: Task, decision: Decision) -> dict[str, Json]:
    where = f"task {task.id}"
    key, rows = completion_rows(task.raw, where=where)
    row = next(row for row in rows if row["id"] == decision.completion_id)
    review = next(c.review for c in task.completions if c.id == decision.completion_id)
    if review != read_review(row, where=where, pointer=f"/{key}", tally=None):
        row = {**row, "review_status": review}
    exported = {**task.raw, key: [row]}
    tags = task.raw.get("tags") or []
    known = tag_names(tags, where=where)
    own = tags if isinstance(tags, list) else []
    if more := [name for name in task.tags if name not in known]:
        # In the same form as the task's own tags.
        first = own[0] if own else None
        form = next((k for k in TAG_KEYS if isinstance(first, dict) and k in first), None)
        exported["tags"] = [*own, *({form: name} if form else name for name in more)]
    return exported


def encoded(value: dict[str, Json], where: str) -> str:
    """Return a task as JSON. Raises `InputError` for values that JSON cannot represent."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):
        raise InputError("it has a number that JSON cannot represent, or is nested too deeply", where=where) from None


def _lines(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield text + "\n"


def as_list(texts: Iterable[str]) -> Iterator[str]:
    """Yield the parts of a JSON array; `texts` are its elements as JSON."""
    before = "[\n"
    for text in texts:
        yield before + text
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def refuse_input(project: Project, output: Path, *, inside_too: bool) -> None:
    """Refuse to write tasks to `output` if it is a folder or a file of the project.

    With `inside_too`, a second file of tasks in the project's folder is refused as well.

    Raises:
        UsageError: tasks must not be written there.
        SetupError: the path cannot be accessed.
    """
    try:
        _refuse(project, output, inside_too)
    except OSError as problem:
        raise SetupError(f"cannot be written: {problem.strerror}", where=str(output)) from None


def _refuse(project: Project, output: Path, inside_too: bool) -> None:
    if output.is_dir():
        raise UsageError("this is a folder", where=str(output), hint="name a file: --output chosen.json")
    if not output.absolute().parent.is_dir():
        raise UsageError("the folder of this file does not exist", where=str(output), hint="create the folder first")
    if output.exists() and any(output.samefile(file) for file in project.members_read() if file.exists()):
        raise UsageError("this file belongs to the project", where=str(output), hint="write to another file")
    inside = project.path.is_dir() and output.resolve().is_relative_to(project.path.resolve())
    if inside and inside_too and output.suffix.lower() == ".json":
        raise UsageError(
            "a second export inside the project's folder would make it ambiguous",
            where=str(output),
            hint="write it outside the folder",
        )

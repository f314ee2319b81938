"""Writing the chosen completions: as records, or as an export that the annotation tools import again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, get_args

from alabtrain.errors import InputError, SetupError, UsageError
from alabtrain.project import Project
from alabtrain.reading.parsing import completion_rows
from alabtrain.records import Task
from alabtrain.selection.decisions import Decision, Selection

Format = Literal["json", "jsonl", "export"]
FORMATS: tuple[Format, ...] = get_args(Format)


def write_chosen(project: Project, selection: Selection, output: Path, *, output_format: Format = "json") -> int:
    """Write the completions that were taken to `output`, in the order of the export; return how many.

    `json` is a list and `jsonl` lines of `{task_id, completion_id, annotator, rule, tags, data, result}`;
    `export` are the tasks with all their fields and just the chosen completion. The file is written
    aside and renamed.
    Raises `UsageError` where `output` is one of the files read, `SetupError` where it cannot be written.
    """
    try:
        _refuse_input(project, output, output_format)
    except OSError as problem:
        raise SetupError(f"cannot be written: {problem.strerror}", where=str(output)) from None
    decisions = {d.task_id: d for d in selection.decisions if d.completion_id is not None}
    tasks = ((task, decisions[task.id]) for task in project.tasks() if task.id in decisions)
    make = _as_export if output_format == "export" else _as_record
    texts = (_encode(make(task, decision), project, task) for task, decision in tasks)
    _write_aside(output, _lines(texts) if output_format == "jsonl" else _list(texts))
    return len(decisions)


def _as_record(task: Task, decision: Decision) -> dict[str, Any]:
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


def _as_export(task: Task, decision: Decision) -> dict[str, Any]:
    key, rows = completion_rows(task.raw, where=f"task {task.id}")
    chosen = next(row for row in rows if row["id"] == decision.completion_id)
    return {**task.raw, key: [chosen]}


def _encode(value: dict[str, Any], project: Project, task: Task) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):
        raise InputError(
            "holds a number that JSON cannot write, or is nested too deeply",
            where=f"{project.path}, task {task.id}",
        ) from None


def _lines(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield text + "\n"


def _list(texts: Iterable[str]) -> Iterator[str]:
    before = "[\n"
    for text in texts:
        yield before + text
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _write_aside(output: Path, pieces: Iterable[str]) -> None:
    aside = output.with_name(f".{output.name}.{os.getpid()}.partial")
    try:
        with aside.open("x", encoding="utf-8", newline="\n") as stream:
            stream.writelines(pieces)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(output)
    except OSError as problem:
        reason = problem.strerror or "input/output error"
        raise SetupError(f"cannot be written: {reason}", where=str(output)) from None
    finally:
        aside.unlink(missing_ok=True)


def _refuse_input(project: Project, output: Path, output_format: Format) -> None:
    if output.is_dir():
        raise UsageError("this is a folder", where=str(output), hint="name a file: --output chosen.json")
    if not output.absolute().parent.is_dir():
        raise UsageError("its folder does not exist", where=str(output), hint="create the folder first")
    if output.exists() and any(output.samefile(file) for file in project.members_read() if file.exists()):
        raise UsageError("this is a file of the project itself", where=str(output), hint="write to another file")
    inside = project.path.is_dir() and output.resolve().is_relative_to(project.path.resolve())
    if inside and output_format == "export" and output.suffix.lower() == ".json":
        raise UsageError(
            "a second export inside the project's folder would make it ambiguous",
            where=str(output),
            hint="write it outside of the folder",
        )

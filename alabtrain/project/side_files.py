"""CSV files that the user passes with an export: verdicts of reviewers, and tags of tasks."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from alabtrain.core.errors import InputError, UsageError
from alabtrain.project.records import Review
from alabtrain.project.reviews import word

MAX_SIDE_FILE = 64 << 20


def read_reviews(path: Path) -> dict[tuple[str, str], Review]:
    """Return the verdicts of a CSV with `task_id,completion_id,review`, by (task id, completion id).

    Raises:
        InputError: a column is missing, a verdict is unknown or two contradict; the error names the line.
    """
    verdicts: dict[tuple[str, str], Review] = {}
    for line, (task_id, completion_id, review) in _rows(path, ("task_id", "completion_id", "review")):
        verdict = word(review)
        if verdict is None:
            raise InputError(
                "unknown review status",
                where=f"{path}, line {line}",
                hint="write accepted, rejected or `to correct`",
            )
        if verdicts.setdefault((task_id, completion_id), verdict) != verdict:
            raise InputError(
                f"completion {completion_id} of task {task_id} is both accepted and rejected",
                where=f"{path}, line {line}",
                hint="keep one of the two lines",
            )
    return verdicts


def read_tags(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the tags of a CSV with `task_id,tag` (one line per tag), by task id.

    Raises:
        InputError: a column or a tag is missing; the error names the line.
    """
    tags: dict[str, dict[str, None]] = {}
    for line, (task_id, tag) in _rows(path, ("task_id", "tag")):
        if not tag:
            raise InputError("the tag is empty", where=f"{path}, line {line}")
        tags.setdefault(task_id, {})[tag] = None
    return {task_id: tuple(names) for task_id, names in tags.items()}


def read_small(path: Path, limit: int) -> bytes:
    """Return the bytes of a file that the user named.

    Raises:
        UsageError: it does not exist.
        InputError: it cannot be read, or is longer than `limit` bytes.
    """
    try:
        if not path.is_file():
            raise UsageError("no such file", where=str(path))
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}", where=str(path)) from None
    if len(data) > limit:
        raise InputError(f"more than {limit} bytes", where=str(path))
    return data


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    try:
        text = read_small(path, MAX_SIDE_FILE).decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise InputError(f"this file is not UTF-8 (byte {problem.start})", where=str(path)) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    expected = ",".join(columns)
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        if any(header.count(column) != 1 for column in columns):
            raise InputError(f"the first line must name the columns {expected}", where=f"{path}, line 1")
        indexes = [header.index(column) for column in columns]
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                raise InputError(
                    f"{len(row)} columns, but the first line has {len(header)}",
                    where=f"{path}, line {reader.line_num}",
                )
            yield reader.line_num, tuple(row[index].strip() for index in indexes)
    except csv.Error as problem:
        raise InputError(f"this is not CSV: {problem}", where=f"{path}, line {reader.line_num}") from None

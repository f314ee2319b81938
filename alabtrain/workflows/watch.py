"""Look at a project, count what is new, and train when it is enough."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from alabtrain.core.errors import UsageError
from alabtrain.project.export_files import MANIFEST
from alabtrain.project.parsing import unsubmitted_ids
from alabtrain.project.project import Project
from alabtrain.project.records import Identifier, Task
from alabtrain.runs.watch_state import WatchState, read_state, write_state
from alabtrain.selection.choose import Wanted
from alabtrain.selection.options import SelectionOptions

ZIP, JSON = ".zip", ".json"


@dataclass(frozen=True, slots=True)
class Look:
    """One look: the export that counted, how many completions are new in it, and the run that this started, if any."""

    export: Path
    new: int
    every: int
    run: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the object that `alabtrain watch --once --json` prints."""
        return {"export": str(self.export), "new": self.new, "every": self.every, "run": self.run}


def look(
    path: Path,
    *,
    output: Path,
    every: int,
    deploy: bool,
    selection: SelectionOptions,
    read: Callable[[Path], Project],
    train: Callable[[Path], Path],
) -> Look:
    """Count the submitted completions that came since the last training, and train when they are at least `every`.

    `path` is an export or a folder of exports, of which the newest counts; `selection` says which completions a
    training takes; `read` opens an export, `train` trains on one and returns the run's folder. What was trained on is
    noted after the training: when that is killed, or fails, the next look finds the same completions new. Raises what
    `read` and `train` raise, `UsageError` where no export is there.
    """
    export = newest_export(path)
    known = read_state(output, path) or WatchState(str(path.resolve()), deploy)
    there = submitted(read(export), selection)
    new = len(there - known.trained)
    if new < every:
        return Look(export, new, every)
    run = str(train(export))
    write_state(output, replace(known, deploy=deploy, trained=known.trained | there, run=run))
    return Look(export, new, every, run)


def newest_export(path: Path) -> Path:
    """Return the export that counts: in a folder of zips, or else of JSON files, the newest, else what was named.

    A folder with one JSON file is itself an export, with what lies beside. Raises `UsageError` where nothing is there.
    """
    if not path.exists():
        raise UsageError("no such file or folder", where=str(path))
    found: dict[str, list[tuple[int, str, Path]]] = {}
    for file in path.iterdir() if path.is_dir() else ():
        with contextlib.suppress(OSError):  # it may just be replaced
            if file.is_file() and file.name != MANIFEST:
                found.setdefault(file.suffix.lower(), []).append((file.stat().st_mtime_ns, file.name, file))
    several = found.get(JSON, [])
    exports = found.get(ZIP) or (several if len(several) > 1 else [])
    return max(exports)[-1] if exports else path


def stamp(export: Path) -> tuple[str, int, int] | None:
    """Return what tells an export from a later one without reading it; None where it is not there."""
    try:
        status = export.stat()
    except OSError:
        return None
    return str(export), status.st_mtime_ns, status.st_size


def submitted(project: Project, selection: SelectionOptions) -> frozenset[str]:
    """Return the completions of a project that count as handed in, each by its task and its own id.

    Those that were imported count where a training takes them: see `select.select`.
    """
    wanted = Wanted.of(selection.tags, selection.task_ids)
    handed_in: set[str] = set()
    imported: set[str] = set()
    project_is_imported = True
    for task in project.tasks():
        project_is_imported &= not any(completion.has_submitted_at for completion in task.completions)
        if wanted.why_not(task) is not None:
            continue
        handed_in |= _keys(task, (completion.id for completion in task.completions if completion.handed_in))
        if selection.include_imported:
            handed_in |= _keys(task, unsubmitted_ids(task, imported_only=True))
        if project_is_imported:
            imported |= _keys(task, unsubmitted_ids(task, imported_only=False))
    return frozenset(handed_in | imported if project_is_imported else handed_in)


def _keys(task: Task, ids: Iterable[Identifier]) -> set[str]:
    return {f"{task.id}/{completion_id}" for completion_id in ids}

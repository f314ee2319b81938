"""Watch a project: count its new completions, and train when there are enough."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from alabtrain.core.errors import InputError, NothingToTrain, UsageError
from alabtrain.project.export_files import MANIFEST
from alabtrain.project.options import ProjectOptions
from alabtrain.project.parsing import unsubmitted_ids
from alabtrain.project.project import Project, open_project
from alabtrain.project.records import Identifier, Task
from alabtrain.runs.watch_state import WatchState, only_watch, read_state, write_state
from alabtrain.selection.choose import Wanted
from alabtrain.selection.options import SelectionOptions
from alabtrain.store.filling import ACTIVE_LEARNING
from alabtrain.workflows.configs import WatchConfig
from alabtrain.workflows.train import train
from alabtrain.workflows.workspace import Workspace

ZIP, JSON = ".zip", ".json"
WAITED_FOR = (InputError, NothingToTrain, UsageError)  # the next export may exist, be complete, and have more
Stamp = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Look:
    """The result of one look: the export, the number of new completions, and the run of the training, if any.

    `alabtrain watch --once --json` prints it.
    """

    export: Path
    new: int
    every: int
    run: str | None = None


@dataclass(frozen=True, slots=True)
class Postponed:
    """A look without a result: the export cannot be read or trained on until it is replaced."""

    message: str


def look(
    path: Path,
    config: WatchConfig = WatchConfig(),
    workspace: Workspace = Workspace(),
    *,
    beside: ProjectOptions = ProjectOptions(),
    provenance: Mapping[str, str] | None = None,
) -> Look:
    """Count the submitted completions since the last training, and train if there are enough.

    `path` is an export or a folder of exports, of which the newest is used; `beside` are further files of the project;
    `provenance` is that of `train`. After a training, `watch.json` in the folder of runs records its completions; if
    the training is killed or fails, the same completions are new for the next look.

    Raises:
        UsageError: there is no export.
        SetupError: another watch uses this folder of runs.
        AlabtrainError: what opening a project and training raise.
    """
    with only_watch(workspace.runs):
        return _look(path, _settled(path, config, workspace), workspace, beside, provenance)


def watch(
    path: Path,
    config: WatchConfig = WatchConfig(),
    workspace: Workspace = Workspace(),
    *,
    beside: ProjectOptions = ProjectOptions(),
    provenance: Mapping[str, str] | None = None,
) -> Iterator[Look | Postponed]:
    """Look repeatedly without an end, and yield each result that differs from the one before.

    An export that cannot be trained on is not tried again until it is replaced. For the arguments and errors, see
    `look`.
    """
    with only_watch(workspace.runs):
        config = _settled(path, config, workspace)
        last: Look | Postponed | None = None
        refused: Stamp | None = None
        while True:
            found, now = last, None
            try:
                now = stamp(newest_export(path))
                if now != refused or now is None:
                    found, refused = _look(path, config, workspace, beside, provenance), None
            except WAITED_FOR as problem:
                # An export that arrived during the look is another one, which is not refused.
                found, refused = Postponed(str(problem)), now
            if found is not None and found != last:
                yield found
            last = found
            time.sleep(config.interval)


def remembered_deploy(path: Path, workspace: Workspace) -> bool | None:
    """Return whether the last watch of a project deployed; None if it was never watched. Raises `InputError`."""
    state = read_state(workspace.runs, path)
    return None if state is None else state.deploy


def _settled(path: Path, config: WatchConfig, workspace: Workspace) -> WatchConfig:
    """Return the config with `deploy`, which is recorded for the next watch, and with the origin of the models."""
    known = read_state(workspace.runs, path)
    deploy = config.deploy if config.deploy is not None else bool(known and known.deploy)
    if known is None or known.deploy != deploy:
        state = known or WatchState(str(path.resolve()), deploy)
        write_state(workspace.runs, replace(state, deploy=deploy))
    return replace(config, deploy=deploy, train=replace(config.train, deploy=deploy, origin=ACTIVE_LEARNING))


def _look(
    path: Path,
    config: WatchConfig,
    workspace: Workspace,
    beside: ProjectOptions,
    provenance: Mapping[str, str] | None,
) -> Look:
    export = newest_export(path)
    known = read_state(workspace.runs, path) or WatchState(str(path.resolve()), bool(config.deploy))
    project = open_project(export, config=beside.config, reviews=beside.reviews, task_tags=beside.task_tags)
    there = submitted(project, config.train.selection)
    new = len(there - known.trained)
    if new < config.every:
        return Look(export, new, config.every)
    run = str(train(project, config.train, workspace, provenance=provenance).run)
    write_state(workspace.runs, replace(known, trained=known.trained | there, run=run))
    return Look(export, new, config.every, run)


def newest_export(path: Path) -> Path:
    """Return the newest zip in a folder, else the newest of several JSON files, else `path` itself.

    A folder with one JSON file is itself an export. Raises `UsageError` if there is no such file or folder.
    """
    if not path.exists():
        raise UsageError("no such file or folder", where=str(path))
    found: dict[str, list[tuple[int, str, Path]]] = {}
    for file in path.iterdir() if path.is_dir() else ():
        with contextlib.suppress(OSError):  # another process may be replacing it
            if file.is_file() and file.name != MANIFEST:
                found.setdefault(file.suffix.lower(), []).append((file.stat().st_mtime_ns, file.name, file))
    several = found.get(JSON, [])
    exports = found.get(ZIP) or (several if len(several) > 1 else [])
    return max(exports)[-1] if exports else path


def stamp(export: Path) -> Stamp | None:
    """Return path, modification time (ns) and size, which change with the export; None if it does not exist."""
    try:
        status = export.stat()
    except OSError:
        return None
    return str(export), status.st_mtime_ns, status.st_size


def submitted(project: Project, selection: SelectionOptions) -> frozenset[str]:
    """Return the submitted completions of a project that a training may use, each as `task id/completion id`.

    Imported completions count if a training would use them (see `selection.select`).
    """
    wanted = Wanted.of(selection)
    names = {name.casefold() for name in selection.annotators}
    handed_in: set[str] = set()
    imported: set[str] = set()
    project_is_imported = True
    for task in project.tasks():
        project_is_imported &= not any(completion.has_submitted_at for completion in task.completions)
        if wanted.why_not(task) is not None:
            continue
        used = {one.id for one in task.completions if not names or one.annotator.casefold() in names}
        handed_in |= _keys(task, used.intersection(one.id for one in task.completions if one.handed_in))
        if selection.include_imported:
            handed_in |= _keys(task, used.intersection(unsubmitted_ids(task, imported_only=True)))
        if project_is_imported:
            imported |= _keys(task, used.intersection(unsubmitted_ids(task, imported_only=False)))
    return frozenset(handed_in | imported if project_is_imported else handed_in)


def _keys(task: Task, ids: Iterable[Identifier]) -> set[str]:
    return {f"{task.id}/{completion_id}" for completion_id in ids}

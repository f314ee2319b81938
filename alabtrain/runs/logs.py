"""The logs of a run: reading one, or packing all of them into a zip."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TypedDict, TypeVar

from alabtrain.core.errors import InputError, UsageError
from alabtrain.core.files import replacing
from alabtrain.runs.record import (
    EPOCHS,
    ERROR,
    FINDINGS,
    FUNNEL,
    LOG,
    METRICS,
    MODELS,
    NOT_TRAINED,
    RECORD,
    find_run,
    read_run,
)

Result = TypeVar("Result")

OF_THE_RUN = (LOG, EPOCHS, METRICS, MODELS, NOT_TRAINED, FINDINGS, FUNNEL, RECORD, ERROR)
OF_A_TYPE = (LOG, EPOCHS)
_FIRST_YEAR = 1980  # of a zip's dates


class LogJson(TypedDict):
    """The object that `alabtrain logs --json` prints: the lines of a log, of the whole run if `type` is None."""

    run: str
    type: str | None
    lines: list[str]


class LogZipJson(TypedDict):
    """The object that `alabtrain logs --zip --json` prints."""

    zip: str
    members: list[str]


@dataclass(frozen=True, slots=True)
class LogZip:
    """A zip of a run's logs, and the names of its members."""

    path: Path
    members: tuple[str, ...]

    def to_dict(self) -> LogZipJson:
        """Return the object that `alabtrain logs --zip --json` prints."""
        return {"zip": str(self.path), "members": list(self.members)}


def read_log(run: Path, model_type: str | None = None) -> str:
    """Return the log of a run, or with `model_type` the engine's log of the training of that type.

    The run may be finished, running or dead.

    Raises:
        UsageError: there is no such run, or it does not train that type.
        InputError: the run has no such log.
    """
    if model_type is not None and model_type not in (types := read_run(find_run(run)).types):
        raise UsageError(
            f"this run does not train {model_type}", where=str(run), hint=f"it trains {', '.join(types) or 'nothing'}"
        )
    found = _read(run, lambda folder: _content(folder, _log_of(folder, model_type)))
    if found is None:
        of = f" of {model_type}" if model_type else ""
        hint = "its training has not started, or there was nothing to train; leave out --type for the log of the run"
        raise InputError(f"the run has no log{of}", where=str(run), hint=hint if model_type else None)
    return found[1].decode("utf-8", "replace")


def zip_logs(run: Path, target: Path, *, force: bool = False) -> LogZip:
    """Write all logs of a run into one zip, with its scores, funnel, findings and record, but without models or pages.

    The run may be finished, running or dead: the files that exist are included. The zip appears only when complete.

    Raises:
        UsageError: there is no such run, or `target` exists (without `force`) or is another file of the run.
        InputError: the run has no log.
        SetupError: the zip cannot be written.
    """
    members = _read(run, _members)
    if not any(Path(name).name == LOG for name in members):
        raise InputError("the run has no log", where=str(run))
    _refuse(target, find_run(run), force=force)
    with replacing(target) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (changed, content) in members.items():
            entry = zipfile.ZipInfo(name, _moment(changed))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return LogZip(target, tuple(members))


def _read(run: Path, read: Callable[[Path], Result]) -> Result:
    """Read from a run's folder; if the run ended meanwhile, its folder has been renamed, so read again."""
    folder = find_run(run)
    try:
        found = read(folder)
    except (InputError, UsageError):
        if folder.is_dir():
            raise
    else:
        if folder.is_dir():
            return found
    return read(find_run(run))


def _log_of(folder: Path, model_type: str | None) -> Path:
    return (read_run(folder).folder_of(model_type) if model_type else folder) / LOG


def _members(folder: Path) -> dict[str, tuple[float, bytes]]:
    """Return the members of the zip by name: modification time (seconds since 1970) and content."""
    found = {path.relative_to(folder).as_posix(): _content(folder, path) for path in _candidates(folder)}
    return {name: content for name, content in found.items() if content is not None}


def _candidates(folder: Path) -> Iterable[Path]:
    # By the files that exist, not by run.json, which may be broken.
    of_types = sorted(path for name in OF_A_TYPE for path in folder.glob(f"*/{name}"))
    return (*(folder / name for name in OF_THE_RUN), *of_types)


def _content(folder: Path, path: Path) -> tuple[float, bytes] | None:
    """Return modification time and content of a file of the run, or None if it does not exist."""
    # A run may come from somebody else: a link out of its folder is not a log.
    if not path.resolve().is_relative_to(folder.resolve()):
        return None
    try:
        with path.open("rb") as stream:
            return os.fstat(stream.fileno()).st_mtime, stream.read()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}", where=str(path)) from None


def _moment(changed: float) -> tuple[int, int, int, int, int, int]:
    """Return a time in UTC in the format of a zip."""
    moment = datetime.fromtimestamp(changed, timezone.utc)
    return max(moment.year, _FIRST_YEAR), moment.month, moment.day, moment.hour, moment.minute, moment.second


def _refuse(target: Path, folder: Path, *, force: bool) -> None:
    if target.is_dir():
        raise UsageError("this is a folder", where=str(target), hint=f"name a file: {target / 'logs.zip'}")
    if not target.exists():
        return
    if target.resolve().is_relative_to(folder.resolve()) and not zipfile.is_zipfile(target):
        raise UsageError("this is a file of the run", where=str(target), hint="choose another name")
    if not force:
        raise UsageError("this file exists already", where=str(target), hint="replace it with --force")

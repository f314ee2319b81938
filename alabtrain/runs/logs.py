"""The logs of a run: one of them to read, or all of them in one zip to pass on."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypeVar

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


@dataclass(frozen=True, slots=True)
class LogZip:
    """A zip of a run's logs, and the names of what is in it."""

    path: Path
    members: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the object that `alabtrain logs --zip --json` prints."""
        return {"zip": str(self.path), "members": list(self.members)}


def read_log(run: Path, kind: str | None = None) -> str:
    """Return the log of a run, or what the engine logged while it trained the model of type `kind`.

    The run may be over, under way or dead. Raises `UsageError` where there is no such run, or it is not about that
    type, and `InputError` where it has no such log.
    """
    if kind is not None and kind not in (types := read_run(find_run(run)).types):
        raise UsageError(
            f"this run trains no {kind}", where=str(run), hint=f"it trains {', '.join(types) or 'nothing'}"
        )
    found = _read(run, lambda folder: _content(folder, _log_of(folder, kind)))
    if found is None:
        of = f" of {kind}" if kind else ""
        hint = "its training has not begun, or it could not be trained; without --type there is the log of all"
        raise InputError(f"the run has no log{of}", where=str(run), hint=hint if kind else None)
    return found[1].decode("utf-8", "replace")


def zip_logs(run: Path, target: Path, *, force: bool = False) -> LogZip:
    """Write all logs of a run into one zip, with its scores, accounts and record, but no model and no page.

    The run may be over, under way or dead: what is there goes in. The zip is written aside and renamed. Raises
    `UsageError` where there is no such run, `target` is there already (and `force` does not replace it) or is another
    file of the run, `InputError` where the run has no log, `SetupError` where the zip cannot be written.
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
    """Read from a run's folder, once more where the run ended meanwhile: then the folder has another name."""
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


def _log_of(folder: Path, kind: str | None) -> Path:
    return (read_run(folder).folder_of(kind) if kind else folder) / LOG


def _members(folder: Path) -> dict[str, tuple[float, bytes]]:
    """Return what goes into the zip, by name: when it was changed, in seconds since 1970, and its content."""
    found = {path.relative_to(folder).as_posix(): _content(folder, path) for path in _candidates(folder)}
    return {name: content for name, content in found.items() if content is not None}


def _candidates(folder: Path) -> Iterable[Path]:
    # By what is there, not by run.json: that may be what is broken.
    of_types = sorted(path for name in OF_A_TYPE for path in folder.glob(f"*/{name}"))
    return (*(folder / name for name in OF_THE_RUN), *of_types)


def _content(folder: Path, path: Path) -> tuple[float, bytes] | None:
    """Return a file of the run, with when it was changed, or None where there is none."""
    # A run may come from somebody else: a link out of it is no log.
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
    """Return a time in UTC as a zip holds it."""
    moment = datetime.fromtimestamp(changed, timezone.utc)
    return max(moment.year, _FIRST_YEAR), moment.month, moment.day, moment.hour, moment.minute, moment.second


def _refuse(target: Path, folder: Path, *, force: bool) -> None:
    if target.is_dir():
        raise UsageError("this is a folder", where=str(target), hint=f"name a file: {target / 'logs.zip'}")
    if not target.exists():
        return
    if target.resolve().is_relative_to(folder.resolve()) and not zipfile.is_zipfile(target):
        raise UsageError("this is a file of the run", where=str(target), hint="name another one")
    if not force:
        raise UsageError("this file is there already", where=str(target), hint="--force replaces it")

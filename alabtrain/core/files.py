"""Files that are either complete or absent: written under a temporary name, flushed to the disk, renamed."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from alabtrain.core.errors import SetupError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_BY_HAND = 0o666


def write_aside(path: Path, data: bytes) -> None:
    """Write `path` so that it holds either all of `data` or what it held before.

    Raises:
        SetupError: the disk is full or the folder cannot be written.
    """
    with replacing(path) as stream:
        stream.write(data)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file that replaces `path` when the block succeeds, and is removed when it fails.

    A link stays and its target is replaced, with its permissions kept; a pipe or a device is written to directly.

    Raises:
        SetupError: the file cannot be written.
    """
    try:
        if _is_special(path):
            with path.open("wb") as stream:
                yield stream
            return
        target = path.resolve()
        aside = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
        try:
            with aside.open("xb") as stream:
                if target.exists():
                    shutil.copymode(target, aside)
                yield stream
                flush(stream)
            aside.replace(target)
            sync_folder(target.parent)
        finally:
            with contextlib.suppress(OSError):
                aside.unlink()
    except OSError as problem:
        raise cannot_write(path, problem) from None


def flush(stream: BinaryIO) -> None:
    """Flush the stream to the disk."""
    stream.flush()
    os.fsync(stream.fileno())


def _is_special(path: Path) -> bool:
    """Whether the path exists and is not a regular file."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return False


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk, so that a rename survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as problem:  # some network file systems cannot do it for folders
        if problem.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Flush all files under a folder to the disk (another program wrote them)."""
    for root, _folders, files in os.walk(folder):
        for name in files:
            with (Path(root) / name).open("rb") as stream:
                os.fsync(stream.fileno())
        sync_folder(Path(root))


def cannot_write(path: Path, problem: OSError) -> SetupError:
    """Return the error for a file or folder that could not be written."""
    if problem.errno in _FULL:
        return SetupError(
            "the disk is full, or a quota is used up",
            where=str(path),
            hint="free some space, or name a folder on another disk",
            code="disk_full",
        )
    return SetupError(f"cannot be written: {problem.strerror}", where=str(path), code="not_writable")


class LineFile:
    """A file that lines are appended to; each line is written completely or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def append(self, line: str) -> None:
        """Add one line. Raises `SetupError` when it cannot be written; the file is then unchanged."""
        data = (line + "\n").encode("utf-8", "backslashreplace")
        try:
            if self._handle is None:
                self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _BY_HAND)
            self._write(self._handle, data)
        except OSError as problem:
            raise cannot_write(self.path, problem) from None

    def close(self) -> None:
        """Flush the lines to the disk and close the file."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with contextlib.suppress(OSError):
                os.fsync(handle)
            os.close(handle)

    def _write(self, handle: int, data: bytes) -> None:
        before = os.fstat(handle).st_size
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(handle, left) :]
        except OSError:
            os.ftruncate(handle, before)
            raise

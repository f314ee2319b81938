"""A lock that tells whether the process that holds it still lives.

The lock is the kernel's, so it ends with its process however that ends; pid and host are written into the file
for people to read.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from alabtrain.core.files import cannot_write

_LOOKS = 10
_BETWEEN_LOOKS = 0.01  # seconds


@dataclass(frozen=True, slots=True)
class Holder:
    """Who wrote a lock, and whether it lives (None: it is on another host, where we cannot look)."""

    pid: int
    host: str
    alive: bool | None


class Lock:
    """Holds a lock file from its making until `release`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._handle: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
            _lock(self._handle, wait=True)  # for those who look at it; nobody else wants to have it
            # Windows keeps others from reading the first byte of a locked file.
            text = " " + json.dumps({"pid": os.getpid(), "host": socket.gethostname()})
            os.write(self._handle, text.encode())
        except OSError as problem:
            raise cannot_write(path, problem) from None

    def release(self) -> None:
        """Remove the lock file and let go of the lock."""
        handle, self._handle = self._handle, None
        if handle is None:
            return
        with contextlib.suppress(OSError):
            self._path.unlink()
        os.close(handle)


@contextmanager
def held(path: Path, *, wait: bool) -> Iterator[bool]:
    """Hold a lock file, which stays, for a block, and say whether it could be had: with `wait`, once it can.

    Raises `SetupError` where the file cannot be written.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as problem:
        raise cannot_write(path, problem) from None
    try:
        yield _lock(handle, wait=wait)
    finally:
        os.close(handle)


def _lock(handle: int, *, wait: bool) -> bool:
    """Lock an open file, and say whether that could be had; where the file system has no locks, it always can."""
    from filelock import lock_descriptor

    try:
        return lock_descriptor(handle, blocking=wait)
    except OSError:
        return True


def read_holder(path: Path) -> Holder | None:
    """Return who holds the lock file `path`, or None where there is none that can be read."""
    try:
        # Some network file systems lock only what may be written.
        with path.open("r+b" if os.access(path, os.W_OK) else "rb", buffering=0) as stream:
            entry = json.loads(_text(stream))
            pid, host = int(entry["pid"]), str(entry["host"])
            if host != socket.gethostname():
                return Holder(pid, host, None)
            return Holder(pid, host, _is_held(stream.fileno(), pid))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _text(stream: FileIO) -> bytes:
    try:
        return stream.read(4096)
    except PermissionError:  # Windows, and the file is locked: its first byte says nothing
        stream.seek(1)
        return stream.read(4096)


def _is_held(handle: int, pid: int) -> bool:
    import psutil
    from filelock import lock_descriptor

    try:
        # Others who look at the same time hold it, too, but for an instant.
        for _ in range(_LOOKS):
            if lock_descriptor(handle, blocking=False):
                return False
            time.sleep(_BETWEEN_LOOKS)
    except OSError:
        # Where the file system has no locks, the pid in the file has to do.
        return psutil.pid_exists(pid)
    return True

"""A lock that tells whether the process that holds it still lives.

The lock is the kernel's (`flock`), so it ends with its process however that ends; pid and host are written
into the file for people to read.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alabtrain.core.files import cannot_write


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
            # Where the file system has no locks, the pid in the file has to do.
            with contextlib.suppress(OSError):
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            text = json.dumps({"pid": os.getpid(), "host": socket.gethostname()})
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
        yield _got(handle, wait)
    finally:
        os.close(handle)


def _got(handle: int, wait: bool) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:
        return True  # where the file system has no locks
    return True


def read_holder(path: Path) -> Holder | None:
    """Return who holds the lock file `path`, or None where there is none that can be read."""
    try:
        with path.open("rb") as stream:
            entry = json.loads(stream.read(4096))
            pid, host = int(entry["pid"]), str(entry["host"])
            if host != socket.gethostname():
                return Holder(pid, host, None)
            return Holder(pid, host, _is_held(stream.fileno(), pid))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_held(handle: int, pid: int) -> bool:
    try:
        # Shared, so that two who look at the same time do not see each other.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return _lives(pid)
    return False


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

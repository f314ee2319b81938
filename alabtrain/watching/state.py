"""What a watch remembers between two looks, also when it was killed: on which completions it trained last."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alabtrain.errors import InputError, SetupError
from alabtrain.runs.durable import cannot_write, to_json, write_aside

STATE, LOCK = "watch.json", "watch.lock"


@dataclass(frozen=True, slots=True)
class WatchState:
    """What was watched, and the completions that were there at the last training, with its run; `deploy` was asked."""

    watched: str
    deploy: bool
    trained: frozenset[str] = frozenset()
    run: str | None = None


def read_state(folder: Path, watched: Path) -> WatchState | None:
    """Return what the last watch of a project left in the folder of runs, or None. Raises `InputError`."""
    path = folder / STATE
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError):
        raise _broken(path) from None
    if not isinstance(value, dict) or not isinstance(value.get("trained"), list):
        raise _broken(path)
    if value.get("watched") != str(watched.resolve()):
        return None
    run = value.get("run")
    trained = frozenset(str(key) for key in value["trained"])
    return WatchState(value["watched"], bool(value.get("deploy")), trained, run if isinstance(run, str) else None)


def write_state(folder: Path, state: WatchState) -> None:
    """Write the state whole. Raises `SetupError`."""
    value = {"watched": state.watched, "deploy": state.deploy, "run": state.run, "trained": sorted(state.trained)}
    write_aside(folder / STATE, (to_json(value, indent=1) + "\n").encode())


@contextmanager
def only_watch(folder: Path) -> Iterator[None]:
    """Make the folder of runs and hold it for one watch; the kernel lets go of it when a watch is killed.

    Raises `SetupError` where another watch holds it, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as problem:
        raise cannot_write(folder, problem) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        hint = "end it, or name another folder with --output"
        raise SetupError("another watch is at work here", where=str(folder), hint=hint, code="locked") from None
    finally:
        os.close(handle)


def _broken(path: Path) -> InputError:
    return InputError("this is not what a watch wrote", where=str(path), hint="remove it to begin anew")

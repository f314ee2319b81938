"""What a watch remembers between two looks, also when it was killed: on which completions it trained last."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alabtrain.errors import InputError, SetupError
from alabtrain.runs.durable import to_json, write_aside
from alabtrain.runs.lock import Lock, read_holder

STATE, LOCK = "watch.json", "watch.lock"


@dataclass(frozen=True, slots=True)
class WatchState:
    """`trained` are the completions that were there at the last training, `run` its folder; `deploy` was asked once."""

    deploy: bool
    trained: frozenset[str] = frozenset()
    run: str | None = None


def read_state(folder: Path) -> WatchState | None:
    """Return what the last watch left in the folder of runs; None where none did. Raises `InputError`."""
    path = folder / STATE
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError):
        raise _broken(path) from None
    if not isinstance(value, dict) or not isinstance(value.get("trained"), list):
        raise _broken(path)
    run = value.get("run")
    trained = frozenset(str(key) for key in value["trained"])
    return WatchState(bool(value.get("deploy")), trained, run if isinstance(run, str) else None)


def write_state(folder: Path, state: WatchState) -> None:
    """Write the state whole. Raises `SetupError`."""
    value = {"deploy": state.deploy, "run": state.run, "trained": sorted(state.trained)}
    write_aside(folder / STATE, (to_json(value, indent=1) + "\n").encode())


@contextmanager
def only_watch(folder: Path) -> Iterator[None]:
    """Hold the folder of runs for one watch; what a killed one left does not count. Raises `SetupError`."""
    path = folder / LOCK
    holder = read_holder(path)
    if holder is not None and holder.alive is not False:
        raise SetupError(
            f"another watch is at work here (process {holder.pid} on {holder.host})",
            where=str(folder),
            hint="end it, or name another folder with --output",
            code="locked",
        )
    path.unlink(missing_ok=True)
    lock = Lock(path)
    try:
        yield
    finally:
        lock.release()


def _broken(path: Path) -> InputError:
    return InputError("this is not what a watch wrote", where=str(path), hint="remove it to begin anew")

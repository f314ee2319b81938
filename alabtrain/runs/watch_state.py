"""What a watch remembers between two looks, also when it was killed: on which completions it trained last."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from alabtrain.core.errors import InputError, SetupError
from alabtrain.core.files import cannot_write, to_json, write_aside
from alabtrain.core.locks import held

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
    return next((state for state in _states(folder) if state.watched == str(watched.resolve())), None)


def write_state(folder: Path, state: WatchState) -> None:
    """Write the state whole, beside those of other projects. Raises `SetupError`, `InputError`."""
    states = [*(other for other in _states(folder) if other.watched != state.watched), state]
    value = [{**asdict(state), "trained": sorted(state.trained)} for state in states]
    write_aside(folder / STATE, (to_json(value, indent=1) + "\n").encode())


def _states(folder: Path) -> list[WatchState]:
    """Return what was left of all projects that are watched with this folder of runs."""
    path = folder / STATE
    try:
        value = json.loads(path.read_bytes())
        # Once it was the state of one project alone.
        return [_state(entry) for entry in ([value] if isinstance(value, dict) else value)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError, RecursionError, TypeError, KeyError, AttributeError):
        raise _broken(path) from None


def _state(entry: dict[str, Any]) -> WatchState:
    run, trained = entry.get("run"), frozenset(map(str, list(entry["trained"])))
    return WatchState(str(entry["watched"]), bool(entry.get("deploy")), trained, run if isinstance(run, str) else None)


@contextmanager
def only_watch(folder: Path) -> Iterator[None]:
    """Make the folder of runs and hold it for one watch; the kernel lets go of it when a watch is killed.

    Raises `SetupError` where another watch holds it, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise cannot_write(folder, problem) from None
    with held(folder / LOCK, wait=False) as alone:
        if not alone:
            hint = "end it, or name another folder with --runs"
            raise SetupError("another watch is at work here", where=str(folder), hint=hint, code="locked")
        yield


def _broken(path: Path) -> InputError:
    return InputError("this is not what a watch wrote", where=str(path), hint="remove it to begin anew")

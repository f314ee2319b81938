"""The persistent state of a watch: on which completions it trained last, even if it was killed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from alabtrain.core.errors import InputError, SetupError
from alabtrain.core.files import cannot_write, write_aside
from alabtrain.core.json import Json, to_json
from alabtrain.core.locks import held

STATE, LOCK = "watch.json", "watch.lock"


@dataclass(frozen=True, slots=True)
class WatchState:
    """The watched project, the completions of the last training and its run; `deploy` is whether to deploy."""

    watched: str
    deploy: bool
    trained: frozenset[str] = frozenset()
    run: str | None = None


def read_state(folder: Path, watched: Path) -> WatchState | None:
    """Return the state of the last watch of a project from the folder of runs, or None. Raises `InputError`."""
    return next((state for state in _states(folder) if state.watched == str(watched.resolve())), None)


def write_state(folder: Path, state: WatchState) -> None:
    """Write the state, keeping those of other projects. Raises `SetupError`, `InputError`."""
    states = [*(other for other in _states(folder) if other.watched != state.watched), state]
    value = [{**asdict(state), "trained": sorted(state.trained)} for state in states]
    write_aside(folder / STATE, (to_json(value, indent=1) + "\n").encode())


def _states(folder: Path) -> list[WatchState]:
    """Return the states of all projects that are watched with this folder of runs."""
    path = folder / STATE
    try:
        value = json.loads(path.read_bytes())
        # Older versions wrote the state of a single project.
        return [_state(entry) for entry in ([value] if isinstance(value, dict) else value)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError, RecursionError, TypeError, KeyError, AttributeError):
        raise _broken(path) from None


def _state(entry: dict[str, Json]) -> WatchState:
    run, completions = entry.get("run"), entry["trained"]
    if not isinstance(completions, list):
        raise TypeError("expected a list of completions")
    trained = frozenset(map(str, completions))
    return WatchState(str(entry["watched"]), bool(entry.get("deploy")), trained, run if isinstance(run, str) else None)


@contextmanager
def only_watch(folder: Path) -> Iterator[None]:
    """Create the folder of runs and lock it for one watch; the kernel releases the lock when a watch is killed.

    Raises:
        SetupError: another watch has locked it, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise cannot_write(folder, problem) from None
    with held(folder / LOCK, wait=False) as alone:
        if not alone:
            hint = "stop it, or choose another folder with --runs"
            raise SetupError("another watch is using this folder", where=str(folder), hint=hint, code="locked")
        yield


def _broken(path: Path) -> InputError:
    return InputError("this is not the state of a watch", where=str(path), hint="remove it to start again")

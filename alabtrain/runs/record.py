"""Reads the record of a run folder: for `alabtrain runs`, `alabtrain deploy` and the report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from alabtrain.core.errors import AlabtrainError, InputError, UsageError
from alabtrain.core.files import LineFile, write_aside
from alabtrain.core.json import Json, JsonObject, decode, to_json
from alabtrain.core.locks import read_holder
from alabtrain.runs.shapes import RunJson
from alabtrain.scoring.results import headline

STATES = ("created", "selected", "prepared", "trained", "evaluated", "deployed", "done")
"""The states of a successful run, in order (`deployed` only with `--deploy`)."""
ENDS = ("done", "failed", "interrupted")
DEAD = "dead"
"""The state of a run that has not ended, but whose process no longer exists."""
BROKEN = "broken"
"""The state of a run whose files cannot be read, in a list of runs."""

RECORD, LOG, LOCK, ERROR = "run.json", "train.log", "lock", "error.json"
METRICS, MODELS, NOT_TRAINED = "metrics.json", "models.json", "not_trained.json"
EPOCHS, FUNNEL, FINDINGS = "epochs.jsonl", "funnel.json", "findings.json"
BOXES, PICTURES = "boxes.jsonl", "pages"  # what was found on the pages that were scored; pictures of them
MIXED, PIPELINE, EVALUATION = "mixed", "pipeline", "evaluation"
"""The type of a run of several types (each has a folder of its name), the folder of all models in one pipeline, and the
type of a run that only evaluates."""
_PREFIX, _SUFFIX = ".", ".partial"
_PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")  # of a type: it is the name of a folder, too


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A run as recorded in its folder.

    `reached` is the state that the run recorded last; `state` is the same, or `dead` if the run has not ended
    and its process no longer exists (both are `broken` if the record cannot be read); `type` is `mixed` if there are
    several `types`; `models` are `{"type", "name", "path", "labels"}` with `path` relative to the folder;
    `error` is the error of a failed run; `pid` and `host` are those of a running run. Times are ISO 8601 in UTC.
    """

    path: Path
    name: str
    state: str
    reached: str
    type: str
    types: tuple[str, ...]
    parameters: Mapping[str, JsonObject]
    versions: Mapping[str, str]
    inputs: Mapping[str, str]
    seed: int | None
    started: str | None
    finished: str | None
    metrics: JsonObject
    models: Sequence[JsonObject]
    error: Mapping[str, object] | None
    pid: int | None
    host: str | None

    @property
    def is_over(self) -> bool:
        """Whether the run has ended, in whatever way."""
        return self.state in (*ENDS, DEAD, BROKEN)

    @property
    def project(self) -> str | None:
        """The project's path as the user gave it: the parameter of that name, else the first input."""
        given = self.parameter("project")
        return str(given) if given is not None else next(iter(self.inputs), None)

    @property
    def is_mixed(self) -> bool:
        """Whether the run trains several types, each in its own folder."""
        return len(self.types) > 1

    @property
    def f1s(self) -> Mapping[str, float]:
        """The F1 of each scored type; see `headline`."""
        found = {model_type: headline(self.metrics.get(model_type)) for model_type in self.types}
        return {model_type: f1 for model_type, (_average, f1) in found.items() if f1 is not None}

    @property
    def f1(self) -> float | None:
        """The F1 of a run of one type, if it was scored; None for several types."""
        return None if self.is_mixed else next(iter(self.f1s.values()), None)

    def folder_of(self, model_type: str) -> Path:
        """Return the folder of a type's files: one with its name in a mixed run, else the run's folder."""
        return self.path / model_type if self.is_mixed else self.path

    def parameter(self, name: str) -> Json:
        """Return the value of a parameter, or None if the run does not have it."""
        return self.parameters.get(name, {}).get("value")

    def parameter_of(self, model_type: str, name: str) -> Json:
        """Return the value of a trainer's parameter, which is prefixed with the type in a mixed run."""
        own = f"{model_type}.{name}"
        return self.parameter(own if own in self.parameters else name)

    @property
    def seconds(self) -> float | None:
        """The duration of the run in seconds, if it has ended."""
        if not self.started or not self.finished:
            return None
        try:
            return (_parse(self.finished) - _parse(self.started)).total_seconds()
        except ValueError:
            return None

    @property
    def model_paths(self) -> tuple[Path, ...]:
        """The paths of the models: folders inside the run."""
        return tuple(self.path / str(model.get("path", "")) for model in self.models)

    def to_dict(self) -> RunJson:
        """Return the entry that `alabtrain runs --json` prints."""
        return {
            "name": self.name,
            "path": str(self.path),
            "state": self.state,
            "reached": self.reached,
            "type": self.type,
            "types": list(self.types),
            "project": self.project,
            "f1": self.f1,
            "f1s": dict(self.f1s),
            "seconds": self.seconds,
            "started": self.started,
            "finished": self.finished,
            "models": [{**model, "path": str(path)} for model, path in zip(self.models, self.model_paths, strict=True)],
            "error": self.error,
            "pid": self.pid,
            "host": self.host,
        }


def find_run(path: Path) -> Path:
    """Return a run's current folder from its path: until the run ends, the folder has another name.

    Raises:
        UsageError: there is no such folder.
        InputError: the folder is not a run.
    """
    names = (partial_name(full_name(path.name)), full_name(path.name))
    folder = next((found for found in (path, *(path.parent / name for name in names)) if found.is_dir()), None)
    if folder is None:
        raise UsageError("no such run folder", where=str(path), hint="`alabtrain runs` lists the runs")
    if not (folder / RECORD).is_file():
        raise _no_run(folder)
    return folder


def read_run(path: Path) -> RunInfo:
    """Return the record of a run folder.

    Raises:
        UsageError: the folder does not exist.
        InputError: it is not a run, or one of its files is broken.
    """
    if not path.is_dir():
        raise UsageError("no such run folder", where=str(path), hint="`alabtrain runs` lists the runs")
    record = read_object(path / RECORD)
    if record is None:
        raise _no_run(path)
    reached = record.get("state")
    if reached not in (*STATES, *ENDS):
        raise InputError("unknown state of a run", where=f"{path / RECORD} /state")
    holder = read_holder(path / LOCK)
    ended = reached in ENDS and not is_partial(path.name)
    dead = not ended and (holder is None or holder.alive is False)
    model_type = _text(record, "type", path) or ""
    return RunInfo(
        path=path,
        name=full_name(path.name),
        state=DEAD if dead else reached,
        reached=reached,
        type=model_type,
        types=_types(record, model_type, path),
        parameters={k: v for k, v in _mapping(record, "parameters", path).items() if isinstance(v, dict)},
        versions={k: str(v) for k, v in _mapping(record, "versions", path).items()},
        inputs={k: str(v) for k, v in _mapping(record, "inputs", path).items()},
        seed=seed if isinstance(seed := record.get("seed"), int) else None,
        started=_text(record, "started", path),
        finished=_text(record, "finished", path),
        metrics=read_object(path / METRICS) or {},
        models=read_objects(path / MODELS),
        error=read_object(path / ERROR),
        pid=holder.pid if holder and not dead else None,
        host=holder.host if holder and not dead else None,
    )


def record_deployment(path: Path, written: Path) -> None:
    """Record a later deployment (path and time) in the `run.json` and the log of a finished run; its state stays.

    Raises:
        InputError: the record cannot be read.
        SetupError: it cannot be written.
    """
    record = read_object(path / RECORD) or {}
    earlier = record.get("deployments")
    moment = f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
    entries = [*(earlier if isinstance(earlier, list) else []), {"time": moment, "written": str(written)}]
    text = to_json({**record, "deployments": entries}, indent=2) + "\n"
    write_aside(path / RECORD, text.encode("utf-8", "backslashreplace"))
    log = LineFile(path / LOG)
    try:
        log.append(f"{moment} deployed to {written}".replace("\n", " "))
    finally:
        log.close()


def list_runs(output: Path) -> list[RunInfo]:
    """Return the runs in a folder, the newest first; none if the folder does not exist.

    A run whose files cannot be read is listed last as `broken`, with the reason as its `error`.
    """
    if not output.is_dir():
        return []
    folders = [folder for folder in output.iterdir() if (folder / RECORD).is_file()]
    return sorted(map(_listed, folders), key=lambda run: (run.started or "", run.name), reverse=True)


def _listed(folder: Path) -> RunInfo:
    renamed = folder.with_name(full_name(folder.name))
    try:
        return read_run(folder)
    except (InputError, UsageError) as problem:
        # A running run may just have ended: then it is read by its new name.
        if renamed == folder or folder.exists():
            return _broken(folder, problem)
    try:
        return read_run(renamed)
    except (InputError, UsageError) as problem:
        return _broken(renamed, problem)


def _broken(folder: Path, problem: AlabtrainError) -> RunInfo:
    return RunInfo(
        path=folder,
        name=full_name(folder.name),
        state=BROKEN,
        reached=BROKEN,
        type="",
        types=(),
        parameters={},
        versions={},
        inputs={},
        seed=None,
        started=None,
        finished=None,
        metrics={},
        models=[],
        error=problem.to_dict(),
        pid=None,
        host=None,
    )


def partial_name(name: str) -> str:
    """Return the name of the folder of run `name` while the run is in progress."""
    return f"{_PREFIX}{name}{_SUFFIX}"


def is_partial(name: str) -> bool:
    """Whether a folder's name is that of a run in progress."""
    return name.startswith(_PREFIX) and name.endswith(_SUFFIX)


def full_name(name: str) -> str:
    """Return the run's name from that of its folder, finished or not."""
    return name.removeprefix(_PREFIX).removesuffix(_SUFFIX) if is_partial(name) else name


def read_jsonl(path: Path) -> list[dict[str, Json]]:
    """Return the lines of a file of JSON objects; none if it does not exist. Raises `InputError`."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}", where=str(path)) from None
    rows = []
    for number, line in enumerate(lines, 1):
        row = decode(line, where=f"{path}, line {number}")
        if not isinstance(row, dict):
            raise InputError("expected an object", where=f"{path}, line {number}")
        rows.append(row)
    return rows


def read_object(path: Path) -> dict[str, Json] | None:
    """Return the object of a JSON file; None if there is no file. Raises `InputError`."""
    value = _read(path)
    if value is not None and not isinstance(value, dict):
        raise InputError("expected a JSON object", where=str(path))
    return value


def read_array(path: Path) -> list[Json]:
    """Return the array of a JSON file; empty if there is no file. Raises `InputError`."""
    value = _read(path)
    if value is not None and not isinstance(value, list):
        raise InputError("expected a JSON array", where=str(path))
    return value or []


def read_objects(path: Path) -> list[dict[str, Json]]:
    """Return the objects of the array of a JSON file; none if there is no file. Raises `InputError`."""
    return [entry for entry in read_array(path) if isinstance(entry, dict)]


def _read(path: Path) -> Json:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}", where=str(path)) from None
    return decode(data, where=str(path))


def _text(record: JsonObject, key: str, path: Path) -> str | None:
    value = record.get(key)
    if value is not None and not isinstance(value, str):
        raise InputError("expected a text", where=f"{path / RECORD} /{key}")
    return value


def _types(record: JsonObject, expected_type: str, path: Path) -> tuple[str, ...]:
    names = record.get("types")
    if names is None:
        return (expected_type,) if expected_type else ()
    # Each is part of a path: only plain names are safe.
    if not isinstance(names, list) or not all(isinstance(n, str) and _PLAIN_NAME.fullmatch(n) for n in names):
        raise InputError("expected a list of types", where=f"{path / RECORD} /types")
    return tuple(dict.fromkeys(names))


def _no_run(path: Path) -> InputError:
    hint = "`alabtrain runs` lists the runs"
    return InputError(f"this folder is not a run (it has no {RECORD})", where=str(path), hint=hint)


def _mapping(record: JsonObject, key: str, path: Path) -> dict[str, Json]:
    value = record.get(key) or {}
    if not isinstance(value, dict):
        raise InputError("expected an object", where=f"{path / RECORD} /{key}")
    return value


def _parse(moment: str) -> datetime:
    return datetime.fromisoformat(moment.replace("Z", "+00:00"))

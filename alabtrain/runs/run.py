"""The folder of one training: built under a temporary name and renamed at the end; its state is always true."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from alabtrain.core.errors import AlabtrainError, ErrorJson, Interrupted, SetupError
from alabtrain.core.faults import code_location
from alabtrain.core.files import LineFile, cannot_write, sync_folder, sync_tree, write_aside
from alabtrain.core.json import to_json
from alabtrain.core.locks import Lock
from alabtrain.runs.record import ERROR, LOCK, LOG, MIXED, RECORD, STATES, RunInfo, list_runs, partial_name, read_run
from alabtrain.runs.shapes import Parameter, RunRecord

__all__ = ["Run", "RunInfo", "create_run", "list_runs", "read_run"]

_STOPS = (KeyboardInterrupt, Interrupted, SystemExit, GeneratorExit)


@contextmanager
def create_run(
    output: Path,
    types: Sequence[str],
    *,
    parameters: Mapping[str, Parameter],
    inputs: Mapping[str, str],
    seed: int,
    versions: Mapping[str, str],
) -> Iterator[Run]:
    """Create the folder of a training under `output`, and rename it to its final name when the block ends.

    `types` are the model types to train; `parameters` maps a name to `{"value", "from"}`, `inputs` a
    path to its SHA-256. The state becomes `done` at the end of the block (or at `Run.finish`), `interrupted` when
    it is stopped, `failed` on any other exception; the folder is always kept, unless not even `run.json`
    could be written.

    Raises:
        SetupError: the folder cannot be created.
    """
    run = Run(output, types, parameters=parameters, inputs=inputs, seed=seed, versions=versions)
    try:
        run.begin()
        yield run
        run.finish()
    except BaseException as problem:
        run.give_up(problem)
        raise


class Run:
    """The folder of a training in progress."""

    def __init__(
        self,
        output: Path,
        types: Sequence[str],
        *,
        parameters: Mapping[str, Parameter],
        inputs: Mapping[str, str],
        seed: int,
        versions: Mapping[str, str],
    ) -> None:
        started = datetime.now(timezone.utc)
        run_type = types[0] if len(types) == 1 else MIXED
        self.final_path, self._folder = _make_folder(output, f"{started:%Y-%m-%dT%H-%M-%SZ}-{run_type}")
        self._over = False
        self._files: dict[str, LineFile] = {}
        self._record: RunRecord = {
            "state": STATES[0],
            "type": run_type,
            "types": list(types),
            "parameters": parameters,
            "versions": versions,
            "inputs": inputs,
            "seed": seed,
            "started": _iso(started),
            "finished": None,
        }
        self._lock: Lock | None = None

    @property
    def current_state(self) -> str:
        """The state of the run: one of `record.STATES`."""
        return str(self._record["state"])

    def path(self, name: str) -> Path:
        """Return the absolute path of a file of the run; it changes when the run ends."""
        return self._folder / name

    def begin(self) -> None:
        """Lock the folder, write `run.json` and the head of the log; `create_run` calls it."""
        self._lock = Lock(self.path(LOCK))
        self._write_record()
        self.log(f"run {self.final_path.name}")
        for key in ("versions", "inputs"):
            for name, value in self._record[key].items():
                self.log(f"{key.removesuffix('s')} {name} {value}")
        for name, entry in self._record["parameters"].items():
            self.log(f"parameter {name} = {to_json(entry.get('value'))} ({entry.get('from')})")
        self.log(f"seed {self._record['seed']}")

    def settle(self, values: Mapping[str, object]) -> None:
        """Record the values of parameters that depend on the examples (None until now)."""
        for name, entry in self._record["parameters"].items():
            if entry.get("value") is None and values.get(name) is not None:
                entry["value"] = values[name]
                self.log(f"parameter {name} = {to_json(values[name])} (for these examples)")
        self._write_record()

    def state(self, name: str) -> None:
        """Set the state of the run to `name`; states only go forward, else `ValueError` is raised."""
        if name not in STATES or STATES.index(name) <= STATES.index(self.current_state):
            raise ValueError(f"a run that is {self.current_state} cannot become {name}")
        self._set_state(name)

    def write_json(self, name: str, value: object) -> None:
        """Write a JSON file; if that fails, it is unchanged. Raises `SetupError`."""
        self.write_text(name, to_json(value, indent=2) + "\n")

    def write_text(self, name: str, text: str) -> None:
        """Write a text file; if that fails, it is unchanged. Raises `SetupError`."""
        self.write_bytes(name, text.encode("utf-8", "backslashreplace"))

    def write_bytes(self, name: str, content: bytes) -> None:
        """Write a file; if that fails, it is unchanged. Raises `SetupError`."""
        if self._over:
            raise ValueError("the run is over")
        write_aside(self.path(name), content)

    def append_jsonl(self, name: str, value: object) -> None:
        """Append one line of JSON to a file, completely or not at all. Raises `SetupError`."""
        self._lines(name).append(to_json(value))

    def log(self, text: str, *, name: str = LOG) -> None:
        """Append lines to `train.log` (or to another log), each with the time. Raises `SetupError`."""
        for line in text.splitlines() or [""]:
            self._lines(name).append(f"{_iso(datetime.now(timezone.utc))} {line}")

    def finish(self) -> None:
        """End the run as `done` and rename the folder to its final name; afterwards nothing can be written.

        Raises:
            SetupError: that failed, and the run is not done.
        """
        if self._over:
            return
        try:
            sync_tree(self._folder)
        except OSError as problem:
            raise cannot_write(self.final_path, problem) from None
        self._record["finished"] = _iso(datetime.now(timezone.utc))
        self._set_state("done")
        self._leave()

    def give_up(self, problem: BaseException) -> None:
        """End the run as `interrupted` or `failed`, log the reason, and keep the folder under its final name.

        Of an unexpected exception only type and code location are written: its message may contain text of a
        document.
        """
        if self._over:
            return
        if not self.path(RECORD).exists():
            self._over = True
            shutil.rmtree(self._folder, ignore_errors=True)
            return
        stopped = isinstance(problem, _STOPS)
        self._record["finished"] = _iso(datetime.now(timezone.utc))
        # On a full disk not even this can be written; a folder that does not say `done` is not done.
        with contextlib.suppress(SetupError):
            self._set_state("interrupted" if stopped else "failed")
        with contextlib.suppress(SetupError):
            self.write_json(ERROR, _describe(problem))
        with contextlib.suppress(SetupError):
            self.log(f"error: {_one_line(_describe(problem))}")
        with contextlib.suppress(OSError, SetupError):
            self._leave()

    def _set_state(self, name: str) -> None:
        before = self._record["state"]
        self._record["state"] = name
        try:
            self.log(f"state: {name}")
            self._write_record()
        except SetupError:
            self._record["state"] = before
            raise

    def _write_record(self) -> None:
        self.write_json(RECORD, self._record)

    def _lines(self, name: str) -> LineFile:
        if self._over:
            raise ValueError("the run is over")
        if name not in self._files:
            path = self.path(name)
            path.parent.mkdir(exist_ok=True)
            self._files[name] = LineFile(path)
        return self._files[name]

    def _leave(self) -> None:
        """Close all files and rename the folder to its final name: from now on the run has ended."""
        self._over = True
        for file in self._files.values():
            file.close()
        if self._lock is not None:
            self._lock.release()
        final = self._folder.parent / self.final_path.name
        try:
            self._folder.rename(final)
            self._folder = final
            sync_folder(final.parent)
        except OSError as problem:
            raise cannot_write(self.final_path, problem) from None


def _make_folder(output: Path, stem: str) -> tuple[Path, Path]:
    """Create a folder with a name that no other run has; return its final path, and its temporary path."""
    try:
        output.mkdir(parents=True, exist_ok=True)
        absolute = output.resolve()
        for number in range(1, 1000):
            name = stem if number == 1 else f"{stem}-{number}"
            aside = absolute / partial_name(name)
            try:
                aside.mkdir()
            except FileExistsError:
                continue
            if not (absolute / name).exists():
                return output / name, aside
            aside.rmdir()
    except OSError as problem:
        raise cannot_write(output, problem) from None
    raise SetupError("no free name for a run in this folder", where=str(output))


def _describe(problem: BaseException) -> ErrorJson:
    if isinstance(problem, AlabtrainError):
        return problem.to_dict()
    code = "interrupted" if isinstance(problem, _STOPS) else "internal_error"
    return {"code": code, "message": type(problem).__name__, "where": code_location(problem) or None, "hint": None}


def _one_line(error: ErrorJson) -> str:
    where = f"{error['where']}: " if error["where"] else ""
    hint = f" ({error['hint']})" if error["hint"] else ""
    return f"[{error['code']}] {where}{error['message']}{hint}"


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"

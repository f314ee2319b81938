"""The shapes of a run's files and of `alabtrain runs --json`, as types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from alabtrain.core.json import JsonObject

Parameter = TypedDict("Parameter", {"value": object, "from": str})
"""The value of an option in the record of a run, and its source."""


class DeployedJson(TypedDict):
    """A later deployment of a run's models: when, and the file that was written."""

    time: str
    written: str


class _RunRecord(TypedDict):
    state: str
    type: str
    types: list[str]
    parameters: Mapping[str, Parameter]
    versions: Mapping[str, str]
    inputs: Mapping[str, str]
    seed: int
    started: str
    finished: str | None


class RunRecord(_RunRecord, total=False):
    """The content of `run.json`; times are ISO 8601 in UTC, `inputs` maps a path to its SHA-256."""

    deployments: list[DeployedJson]


class _ModelRecord(TypedDict):
    type: str
    name: str
    path: str
    labels: list[str]


class ModelRecord(_ModelRecord, total=False):
    """An entry of `models.json`: `path` is relative to the run; `choices` are those of a classifier."""

    choices: str


class NotTrained(TypedDict):
    """An entry of `not_trained.json`: a requested type that could not be trained, and why."""

    type: str
    code: str
    message: str
    hint: str | None


class RunJson(TypedDict):
    """A run in `alabtrain runs --json`: the paths of its models lead to them from here."""

    name: str
    path: str
    state: str
    reached: str
    type: str
    types: list[str]
    project: str | None
    f1: float | None
    f1s: dict[str, float]
    seconds: float | None
    started: str | None
    finished: str | None
    models: Sequence[JsonObject]
    error: Mapping[str, object] | None
    pid: int | None
    host: str | None


class RunsJson(TypedDict):
    """The object that `alabtrain runs --json` prints."""

    runs: list[RunJson]

"""All facts about a run in one value: the input of the model card and the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.core.errors import InputError
from alabtrain.core.findings import MAX_EXAMPLES, Finding
from alabtrain.core.funnel import FunnelJson, Stage
from alabtrain.core.json import JsonObject, Value, from_json
from alabtrain.runs.record import (
    EPOCHS,
    FINDINGS,
    FUNNEL,
    NOT_TRAINED,
    RunInfo,
    read_array,
    read_jsonl,
    read_object,
    read_objects,
    read_run,
)
from alabtrain.scoring.results import (
    Averages,
    Confusion,
    Metrics,
    averages_of,
    confusion_of,
    headline,
    is_of_spans,
    recorded_metrics,
)

if TYPE_CHECKING:
    from alabtrain.trainers.base import Mistake


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """The facts about one type of a run: its entries of `models.json`, `metrics.json` and `not_trained.json`.

    `scores` is None if nothing could be scored, `model` if none was trained; `epochs` are lines of
    `epochs.jsonl`; `not_trained` is the reason why the type could not be trained.
    """

    type: str
    model: JsonObject | None = None
    scores: Metrics | None = None
    epochs: Sequence[JsonObject] = ()
    not_trained: JsonObject | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels or classes that the model knows."""
        labels = (self.model or {}).get("labels")
        return tuple(map(str, labels)) if isinstance(labels, list) else ()

    @property
    def name(self) -> str:
        """The model's name, or an empty text if there is none."""
        return str((self.model or {}).get("name") or "")

    @property
    def choices(self) -> str:
        """The name of the Choices that a classifier was trained on, else an empty text."""
        return str((self.model or {}).get("choices") or "")

    @property
    def folder(self) -> str:
        """The folder of the model, relative to the run."""
        return str((self.model or {}).get("path") or "")

    @property
    def averages(self) -> Averages | None:
        """The scores with `micro`, `macro` and `labels`: those of exact entities, or of classes."""
        return None if self.scores is None else averages_of(self.scores)

    @property
    def is_classes(self) -> bool:
        """Whether the scores are of classes, not of spans."""
        return self.scores is not None and not is_of_spans(self.scores)

    @property
    def confusion(self) -> Confusion:
        """The confusion of labels or classes; empty without scores."""
        return confusion_of(self.scores) if self.scores is not None else {}

    @property
    def headline(self) -> tuple[str, float | None]:
        """The average that represents the type, and its F1; see `averages.headline`."""
        return headline(self.scores)

    @property
    def best_epoch(self) -> JsonObject | None:
        """The last epoch with the best validation F1, if there was a validation set."""
        validated = [(f1, epoch) for epoch in self.epochs if isinstance(f1 := epoch.get("f1"), (int, float))]
        return max(reversed(validated), key=lambda pair: pair[0], default=(None, None))[1]

    def rare(self, below: int) -> dict[str, int]:
        """Return the labels that were scored on fewer than `below` examples, with how many."""
        labels = self.averages["labels"] if self.averages else {}
        return {name: entry["support"] for name, entry in labels.items() if entry["support"] < below}


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run: its types, the stages of the funnel, tasks by rule and by annotator, findings.

    `not_trained` are the types that could not be trained: `{"type", "code", "message", "hint"}`; `mistakes` are
    the sentences with most errors, and `pictures` file names of pages, both only if requested.
    """

    info: RunInfo
    types: Sequence[TypeFacts]
    stages: Sequence[Stage]
    rules: Mapping[str, int]
    annotators: Mapping[str, int]
    findings: Sequence[Finding]
    not_trained: Sequence[JsonObject] = ()
    mistakes: Sequence[Mistake] = ()
    pictures: Sequence[str] = ()

    @property
    def trained(self) -> tuple[TypeFacts, ...]:
        """The types to report on: of a mixed run those with a model, scores or epochs."""
        if not self.info.is_mixed:
            return tuple(self.types)
        return tuple(
            type_facts for type_facts in self.types if type_facts.model or type_facts.scores or type_facts.epochs
        )

    @property
    def title(self) -> str:
        """The title of a page about the run: the model's name, for several models their number, else the run's name."""
        names = [type_facts.name for type_facts in self.types if type_facts.name]
        if len(names) == 1:
            return names[0]
        project = Path(self.info.project).name if self.info.project else self.info.name
        return f"{len(names)} models from {project}" if names else self.info.name

    @property
    def units(self) -> dict[str, tuple[Stage, ...]]:
        """The stages by unit, each in order."""
        units: dict[str, list[Stage]] = {}
        for stage in self.stages:
            units.setdefault(stage.unit, []).append(stage)
        return {unit: tuple(stages) for unit, stages in units.items()}

    @property
    def passages(self) -> list[tuple[str, int, int]]:
        """The numbers at the start and at the end: (unit, entered, left)."""
        return [(unit, stages[0].entered, stages[-1].left) for unit, stages in self.units.items()]


def read_facts(path: Path, *, mistakes: Sequence[Mistake] = ()) -> RunFacts:
    """Return the facts in a run folder; files that the run has not written are left out.

    Raises:
        InputError: a file is broken.
    """
    decisions = read_jsonl(path / "selection.jsonl")
    taken = [entry for entry in decisions if entry.get("completion_id") is not None]
    info = read_run(path)
    not_trained = read_objects(path / NOT_TRAINED)
    return RunFacts(
        info=info,
        types=[_of_type(model_type, info, not_trained) for model_type in info.types],
        stages=_stages(path / FUNNEL),
        rules=_counted(str(entry.get("rule")) for entry in taken),
        annotators=_counted(str(entry.get("annotator") or "(unnamed)") for entry in taken),
        findings=_findings(path / FINDINGS),
        not_trained=not_trained,
        mistakes=mistakes,
    )


def as_done(facts: RunFacts) -> RunFacts:
    """Return the facts of a run as if it were done, to write its pages before it ends."""
    now = f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%S}Z"
    info = replace(facts.info, state="done", reached="done", finished=now, pid=None, host=None)
    return replace(facts, info=info)


def _of_type(model_type: str, info: RunInfo, not_trained: Sequence[JsonObject]) -> TypeFacts:
    return TypeFacts(
        model_type,
        model=next((model for model in info.models if model.get("type") == model_type), None),
        scores=recorded_metrics(info.metrics.get(model_type)),
        epochs=read_jsonl(info.folder_of(model_type) / EPOCHS),
        not_trained=next((entry for entry in not_trained if entry.get("type") == model_type), None),
    )


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(Counter(names).most_common())


def _stages(path: Path) -> list[Stage]:
    funnel = _as_written(read_object(path) or {"stages": []}, FunnelJson, path, "this is not the funnel of a run")
    return [Stage(stage["name"], stage["unit"], stage["entered"], stage["lost"]) for stage in funnel["stages"]]


def _findings(path: Path) -> list[Finding]:
    found = _as_written(read_array(path), list[Finding], path, "these are not the findings of a run")
    return [replace(finding, examples=finding.examples[:MAX_EXAMPLES]) for finding in found]


def _as_written(value: object, expected: type[Value], path: Path, problem: str) -> Value:
    """Return JSON of a run as a value of its type. Raises `InputError` with the message `problem`."""
    try:
        return from_json(value, expected, where=str(path))
    except InputError:
        raise InputError(problem, where=str(path)) from None

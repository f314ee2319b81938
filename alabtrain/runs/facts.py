"""All that is known of a run, as one value: what the model card and the report are drawn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alabtrain.accounting import Stage
from alabtrain.errors import InputError
from alabtrain.findings import MAX_EXAMPLES, Finding, Severity
from alabtrain.runs.runinfo import RunInfo, read_json, read_jsonl, read_run

if TYPE_CHECKING:
    from alabtrain.trainers.base import Mistake


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run and its accounts: the stages of the funnel, tasks by rule and by annotator, epochs, findings.

    `epochs` are lines of `epochs.jsonl`; `mistakes` are the most wrong sentences, only where their text was
    asked for.
    """

    info: RunInfo
    stages: Sequence[Stage]
    rules: Mapping[str, int]
    annotators: Mapping[str, int]
    epochs: Sequence[Mapping[str, Any]]
    findings: Sequence[Finding]
    mistakes: Sequence[Mistake] = ()

    @property
    def scores(self) -> Mapping[str, Any] | None:
        """The entry of `metrics.json` for the run's type, or None where nothing could be scored."""
        entry = self.info.metrics.get(self.info.type)
        return entry if isinstance(entry, dict) and entry.get("split") else None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the models know."""
        return tuple(str(label) for model in self.info.models for label in model.get("labels", ()))

    @property
    def model_name(self) -> str:
        """The name of the (first) model, else of the run."""
        names = [str(model["name"]) for model in self.info.models if model.get("name")]
        return names[0] if names else self.info.name

    @property
    def units(self) -> dict[str, tuple[Stage, ...]]:
        """The stages by what they count, each in the order of the work."""
        units: dict[str, list[Stage]] = {}
        for stage in self.stages:
            units.setdefault(stage.unit, []).append(stage)
        return {unit: tuple(stages) for unit, stages in units.items()}

    @property
    def passages(self) -> list[tuple[str, int, int]]:
        """What entered at the start and what was left at the end: (unit, entered, left)."""
        return [(unit, stages[0].entered, stages[-1].left) for unit, stages in self.units.items()]

    @property
    def best_epoch(self) -> Mapping[str, Any] | None:
        """The first epoch with the best validation F1, where there was a validation part."""
        validated = [epoch for epoch in self.epochs if isinstance(epoch.get("f1"), (int, float))]
        return max(validated, key=lambda epoch: epoch["f1"], default=None)


def read_facts(path: Path, *, mistakes: Sequence[Mistake] = ()) -> RunFacts:
    """Return all that a run folder tells; files that the run did not come to are left out.

    Raises `InputError` where a file is broken.
    """
    decisions = read_jsonl(path / "selection.jsonl")
    taken = [entry for entry in decisions if entry.get("completion_id") is not None]
    return RunFacts(
        info=read_run(path),
        stages=_stages(path / "funnel.json"),
        rules=_counted(str(entry.get("rule")) for entry in taken),
        annotators=_counted(str(entry.get("annotator") or "(unnamed)") for entry in taken),
        epochs=read_jsonl(path / "epochs.jsonl"),
        findings=_findings(path / "findings.json"),
        mistakes=mistakes,
    )


def as_done(facts: RunFacts) -> RunFacts:
    """Return the facts of a run as they will be when it has ended well, to write its pages before it does."""
    now = f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%S}Z"
    info = replace(facts.info, state="done", reached="done", finished=now, pid=None, host=None)
    return replace(facts, info=info)


def _counted(names: Any) -> dict[str, int]:
    return dict(Counter(names).most_common())


def _stages(path: Path) -> list[Stage]:
    try:
        return [
            Stage(
                str(s["name"]),
                str(s["unit"]),
                int(s["entered"]),
                {str(k): int(v) for k, v in s["lost"].items()},
            )
            for s in (read_json(path, dict) or {}).get("stages", ())
        ]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError("this is no funnel of a run", where=str(path)) from None


def _severity(name: object) -> Severity:
    return "error" if name == "error" else "warning" if name == "warning" else "info"


def _findings(path: Path) -> list[Finding]:
    try:
        return [
            Finding(
                str(f["code"]), _severity(f["severity"]), str(f["message"]), int(f["count"]),
                tuple(str(e) for e in f["examples"][:MAX_EXAMPLES]), str(f["hint"]),
            )
            for f in read_json(path, list) or ()
        ]  # fmt: skip
    except (KeyError, TypeError, ValueError):
        raise InputError("these are no findings of a run", where=str(path)) from None

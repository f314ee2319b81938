"""Counts one type of annotation over all tasks: a stage of the funnel, and its findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from alabtrain.annotations.spans import Incident
from alabtrain.core.errors import InputError
from alabtrain.core.findings import Finding, Severity, Tally, pluralize
from alabtrain.core.funnel import Stage
from alabtrain.project.records import Identifier


@dataclass(slots=True)
class Ledger:
    """How many annotations entered one stage, and how many were lost, repaired or noted, by code.

    `losses` and `repairs` are messages without a number; `notes` are whole messages for annotations that were
    neither lost nor changed. With `strict`, a loss or a repair raises `InputError`.
    """

    stage: str
    unit: str
    losses: Mapping[str, str]
    repairs: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False
    entered: int = 0
    tally: Tally = field(default_factory=Tally)

    def take(self, entered: int, incidents: Iterable[Incident], task_id: Identifier) -> None:
        """Add the annotations of one task: how many were read, and which were lost, repaired or noted."""
        self.entered += entered
        for incident in incidents:
            location = _location(task_id, incident)
            self.require_lenient(incident.code, location)
            self.tally.add(incident.code, location)

    def lose(self, code: str, task_id: Identifier, count: int) -> None:
        """Count annotations of one task that are lost as soon as they are read."""
        if count:
            self.entered += count
            self.tally.add(code, f"task {task_id}", count)

    def require_lenient(self, code: str, location: str) -> None:
        """Raise `InputError` for a loss or a repair if `strict`."""
        text = self.losses.get(code) or self.repairs.get(code)
        if self.strict and text:
            raise InputError(f"--strict: {pluralize(text, 1)}", where=location, code=code)

    def to_stage(self) -> Stage:
        """Return the stage of the funnel."""
        counts = self.tally.counts
        return Stage(self.stage, self.unit, self.entered, {c: counts[c] for c in self.losses if counts.get(c)})

    def findings(self) -> list[Finding]:
        """Return a finding for each code that occurred: losses, repairs, notes."""
        lost = [self._finding(code, f"left out: {{count}} {text}", "warning") for code, text in self.losses.items()]
        repaired = [self._finding(code, f"repaired: {{count}} {text}") for code, text in self.repairs.items()]
        noted = [self._finding(code, text) for code, text in self.notes.items()]
        return [finding for finding in (*lost, *repaired, *noted) if finding is not None]

    def _finding(self, code: str, message: str, severity: Severity = "info") -> Finding | None:
        return self.tally.finding(code, severity, message, self.hints.get(code, ""))


def _location(task_id: Identifier, incident: Incident) -> str:
    region = f", region {incident.region_id}" if incident.region_id else ""
    label = f" ({incident.label})" if incident.label else ""
    return f"task {task_id}{region}{label}"

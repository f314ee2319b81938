"""The funnel: what went into each stage, what was lost there and why, what came out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from alabtrain.core.findings import Finding


class StageJson(TypedDict):
    """A stage as `--json` prints it, with how many are left."""

    name: str
    unit: str
    entered: int
    lost: dict[str, int]
    left: int


class FunnelJson(TypedDict):
    """The content of `funnel.json`."""

    stages: list[StageJson]


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the data flow: how many entered, in which `unit`, and how many were lost, by reason code."""

    name: str
    unit: str
    entered: int
    lost: Mapping[str, int] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """Return how many came out: entered minus everything lost."""
        return self.entered - sum(self.lost.values())

    def to_dict(self) -> StageJson:
        """Return the stage as the object that `funnel.json` holds."""
        return {
            "name": self.name,
            "unit": self.unit,
            "entered": self.entered,
            "lost": dict(self.lost),
            "left": self.left,
        }


@dataclass(frozen=True, slots=True)
class Funnel:
    """All stages in the order of the work: what left one enters the next one of its unit."""

    stages: tuple[Stage, ...] = ()

    def __iter__(self) -> Iterator[Stage]:
        """Iterate over the stages."""
        return iter(self.stages)

    def __add__(self, other: Funnel) -> Funnel:
        """Return the funnel that continues with the stages of `other`."""
        return Funnel(self.stages + other.stages)

    def check(self) -> None:
        """Raise `ValueError` where a sum breaks.

        In is out plus lost, and out of one stage is in of the next one of its unit. A broken sum is a fault
        of ours, never of the input.
        """
        leaving: dict[str, int] = {}
        for stage in self.stages:
            if stage.entered < 0 or stage.left < 0 or any(count < 0 for count in stage.lost.values()):
                raise ValueError(f"stage {stage.name}: more {stage.unit} lost than entered")
            before = leaving.get(stage.unit)
            if before is not None and before != stage.entered:
                raise ValueError(f"stage {stage.name}: {stage.entered} {stage.unit} entered, {before} came")
            leaving[stage.unit] = stage.left

    def to_dict(self) -> FunnelJson:
        """Return the funnel as the object that `funnel.json` holds."""
        return {"stages": [stage.to_dict() for stage in self.stages]}


@dataclass(frozen=True, slots=True)
class Account:
    """The losses of one step, as stages of the funnel and as findings."""

    funnel: Funnel = field(default_factory=Funnel)
    findings: Sequence[Finding] = ()

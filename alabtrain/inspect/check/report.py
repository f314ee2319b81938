"""Runs all checks on a project."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypedDict

from alabtrain.core.findings import Finding, worst, worst_first
from alabtrain.core.options import Options
from alabtrain.inspect.check import controls, engine, labels, spans, split
from alabtrain.inspect.check.profile import read_profile
from alabtrain.project.project import Project
from alabtrain.selection.select import Selection
from alabtrain.trainers.profile import Profile
from alabtrain.trainers.registry import model_types

Check = Callable[[Profile], list[Finding]]


class CheckCounts(TypedDict):
    """The contents of a project in numbers; `labels` by type and label, with the examples of each part."""

    tasks: int
    selected: int
    train: int
    test: int
    sentences: int
    tokens: int
    labels: dict[str, dict[str, dict[str, int]]]


class CheckJson(TypedDict):
    """The object that `alabtrain check --json` prints."""

    types: list[str]
    findings: list[Finding]
    counts: CheckCounts


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The result of the checks: `types` can be trained, the worst findings come first.

    `counts` has `tasks`, `selected`, `train`, `test` (by tag), `tokens` and `sentences` (estimates, training
    set) and `labels`: by type and label, the number of examples of each part (except choices that come from the
    tasks, which may be text). `by_subject` has the findings of each subject (`labels`, `split`,
    `engine`).
    """

    types: tuple[str, ...]
    findings: list[Finding]
    counts: CheckCounts
    by_subject: Mapping[str, Sequence[Finding]]

    @property
    def failed(self) -> bool:
        """Whether there is an error."""
        return worst(self.findings) == "error"

    def to_dict(self) -> CheckJson:
        """Return the object that `alabtrain check --json` prints."""
        return {"types": list(self.types), "findings": self.findings, "counts": self.counts}


def run_checks(
    project: Project, selection: Selection, learning: Mapping[str, Options] = MappingProxyType({})
) -> CheckReport:
    """Run every check on the selection from a project; reads its tasks once.

    `learning` has the options of a training by type, where they are not the defaults.

    Raises `InputError` where the project cannot be read.
    """
    profile = read_profile(project, selection, learning)
    found = [_as_error(finding) for finding in (*project.findings, *selection.findings)]
    by_subject = {name: [f for check in checks for f in check(profile)] for name, checks in _subjects().items()}
    found += [finding for findings in by_subject.values() for finding in findings]
    # The selection may carry the project's findings already.
    unique = worst_first(dict.fromkeys(found))
    return CheckReport(profile.types, unique, _counts(profile, selection), by_subject)


def _subjects() -> Mapping[str, Sequence[Check]]:
    """Return the checks for all types and those of each type, by subject; their order is that of the findings."""
    return {
        "labels": (*labels.CHECKS, *spans.CHECKS, *_of_types("labels"), *controls.CHECKS),
        "split": (*split.CHECKS, *_of_types("split")),
        "engine": (*engine.CHECKS, *_of_types("engine")),
    }


def _of_types(subject: str) -> Iterator[Check]:
    return (check for one in model_types() for check in one.checks().get(subject, ()))


def _as_error(finding: Finding) -> Finding:
    """Return the finding that nothing was selected as an error, all others unchanged."""
    return replace(finding, severity="error") if finding.code == "nothing_selected" else finding


def _counts(profile: Profile, selection: Selection) -> CheckCounts:
    tables: dict[str, dict[str, dict[str, int]]] = {}
    for label_type, counts in profile.examples.items():
        if profile.is_dynamic(label_type):
            continue
        ordered = sorted(counts.items(), key=lambda item: (-item[1].total(), item[0]))
        tables[label_type] = {label: {part: by_part[part] for part in ("train", "test")} for label, by_part in ordered}
    return {
        "tasks": len(selection.decisions),
        "selected": profile.selected,
        "train": profile.parts["train"],
        "test": profile.parts["test"],
        "sentences": profile.training.sentences,
        "tokens": profile.training.tokens,
        "labels": tables,
    }

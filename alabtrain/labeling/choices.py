"""Which group of choices a classifier is trained on: one a run, by the product's rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from alabtrain.core.errors import InputError, UsageError
from alabtrain.core.findings import MAX_EXAMPLES, Finding
from alabtrain.labeling.config import Choices, LabelingConfig
from alabtrain.labeling.names import shortened

Rule = Literal["asked", "marked", "first"]

_REASONS: dict[Rule, str] = {
    "asked": "asked for with --choices",
    "marked": 'marked train="true"',
    "first": 'the first by name, as none is marked train="true"',
}


@dataclass(frozen=True, slots=True)
class ChosenChoices:
    """The group that is taken, by which rule, and the names of the other usable ones, sorted."""

    group: Choices
    rule: Rule
    left: tuple[str, ...] = ()


def default_groups(config: LabelingConfig) -> tuple[Choices, ...]:
    """Return the group that is taken when none is asked for; all that are marked, where several are.

    That is the one marked `train="true"`, else the first by name (order of code points); none without a usable one.
    """
    usable = sorted(config.usable_choices, key=lambda group: group.name)
    return tuple(group for group in usable if group.train) or tuple(usable[:1])


def choose_choices(config: LabelingConfig, name: str | None = None) -> ChosenChoices | None:
    """Return the group that a classifier is trained on; None when the config has no usable one.

    The group called `name` beats all; without it the one marked `train="true"`, else the first by name. Raises
    `UsageError` when `name` is no usable group, `InputError` with the lines when several are marked and none was
    asked for.
    """
    usable = sorted(config.usable_choices, key=lambda group: group.name)
    if name is not None:
        return _chosen(_asked(config, usable, name), "asked", usable)
    groups = default_groups(config)
    if len(groups) > 1:
        raise InputError(
            f'{len(groups)} Choices have train="true": {_listed(groups)}; one classifier is trained a run',
            where=config.where,
            hint='name one with --choices NAME, or leave train="true" on one of them',
            code="several_trained_choices",
        )
    return _chosen(groups[0], "marked" if groups[0].train else "first", usable) if groups else None


def choice_finding(chosen: ChosenChoices) -> Finding:
    """Return what to tell of the choice; the groups that were left are its examples."""
    told = f"the classifier is trained on the Choices {shortened(chosen.group.name)} ({_REASONS[chosen.rule]})"
    if not chosen.left:
        return Finding("choices_taken", "info", told)
    others = f"{len(chosen.left):,} other {'group is' if len(chosen.left) == 1 else 'groups are'} left"
    left = tuple(shortened(name) for name in chosen.left[:MAX_EXAMPLES])
    return Finding("choices_taken", "info", f"{told}; {others}", 1, left, "--choices NAME takes another one")


def _chosen(group: Choices, rule: Rule, usable: Iterable[Choices]) -> ChosenChoices:
    return ChosenChoices(group, rule, tuple(other.name for other in usable if other.name != group.name))


def _asked(config: LabelingConfig, usable: list[Choices], name: str) -> Choices:
    for group in usable:
        if group.name == name:
            return group
    regional = next((group for group in config.choices if group.name == name and group.per_region), None)
    message = f"--choices {shortened(name)}: the config has no Choices of that name"
    if regional is not None:
        message = f"--choices {shortened(name)}: these Choices are asked per region, not of the whole text"
    names = ", ".join(shortened(group.name) for group in usable)
    where = f"{config.where}, line {regional.line}" if regional is not None else config.where
    raise UsageError(message, where=where, hint=f"usable are: {names}" if names else "the config has no usable Choices")


def _listed(groups: Iterable[Choices]) -> str:
    return ", ".join(f"{shortened(group.name)} (line {group.line})" for group in groups)

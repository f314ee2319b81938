"""Which group of choices a classifier is trained on: one per run, by Annotation Lab's rule."""

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
    "asked": "given with --choices",
    "marked": 'marked train="true"',
    "first": 'the first by name, because none is marked train="true"',
}


@dataclass(frozen=True, slots=True)
class ChosenChoices:
    """The group to train on, the rule that chose it, and the sorted names of the other usable groups."""

    group: Choices
    rule: Rule
    left: tuple[str, ...] = ()


def default_groups(config: LabelingConfig) -> tuple[Choices, ...]:
    """Return the group that is used when `--choices` is not given; if several are marked, all of these.

    That is the one marked `train="true"`, else the first by name (order of code points), if any group is usable.
    """
    usable = sorted(config.usable_choices, key=lambda group: group.name)
    return tuple(group for group in usable if group.train) or tuple(usable[:1])


def choose_choices(config: LabelingConfig, name: str | None = None) -> ChosenChoices | None:
    """Return the group that a classifier is trained on; None when the config has no usable one.

    A given `name` decides; without it the group marked `train="true"`, else the first by name.

    Raises:
        UsageError: `name` is not a usable group.
        InputError: several groups are marked and `name` is not given; it names their lines.
    """
    usable = sorted(config.usable_choices, key=lambda group: group.name)
    if name is not None:
        return _chosen(_asked(config, usable, name), "asked", usable)
    groups = default_groups(config)
    if len(groups) > 1:
        raise InputError(
            f'{len(groups)} Choices have train="true": {_listed(groups)}; a run trains one classifier',
            where=config.where,
            hint='choose one with --choices NAME, or keep train="true" on only one of them',
            code="several_trained_choices",
        )
    return _chosen(groups[0], "marked" if groups[0].train else "first", usable) if groups else None


def choice_finding(chosen: ChosenChoices) -> Finding:
    """Return the finding that names the chosen group; its examples are the groups that are not used."""
    message = f"the classifier is trained on the Choices {shortened(chosen.group.name)} ({_REASONS[chosen.rule]})"
    if not chosen.left:
        return Finding("choices_taken", "info", message)
    others = f"{len(chosen.left):,} other {'group is' if len(chosen.left) == 1 else 'groups are'} not used"
    left = tuple(shortened(name) for name in chosen.left[:MAX_EXAMPLES])
    return Finding("choices_taken", "info", f"{message}; {others}", 1, left, "choose another one with --choices NAME")


def _chosen(group: Choices, rule: Rule, usable: Iterable[Choices]) -> ChosenChoices:
    return ChosenChoices(group, rule, tuple(other.name for other in usable if other.name != group.name))


def _asked(config: LabelingConfig, usable: list[Choices], name: str) -> Choices:
    for group in usable:
        if group.name == name:
            return group
    regional = next((group for group in config.choices if group.name == name and group.per_region), None)
    message = f"--choices {shortened(name)}: the config has no Choices with this name"
    if regional is not None:
        message = f"--choices {shortened(name)}: these Choices are answered per region, not for the whole text"
    names = ", ".join(shortened(group.name) for group in usable)
    where = f"{config.where}, line {regional.line}" if regional is not None else config.where
    raise UsageError(message, where=where, hint=f"usable: {names}" if names else "the config has no usable Choices")


def _listed(groups: Iterable[Choices]) -> str:
    return ", ".join(f"{shortened(group.name)} (line {group.line})" for group in groups)

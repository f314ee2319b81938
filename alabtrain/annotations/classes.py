"""From the result items of a completion to the classes of its task, as one group of choices has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alabtrain.annotations.spans import Incident
from alabtrain.labeling.config import Choices, split_names

# What happened, after a number; `[one|many]` as in `findings.pluralize`.
LOSSES = {
    "text_missing": "[choice|choices] of tasks without text",
    "other_text": "[choice|choices] for another text of the task",
    "choice_without_value": "[choice|choices] without a value",
    "per_region": "[choice|choices] for a region, not for the whole task",
    "unknown_choice": "[choice|choices] that the labeling config does not have",
    "several_choices": "[choice|choices] of tasks with several where one is allowed",
    "duplicate_choice": "[choice|choices] made twice in a completion",
}
HINTS = {
    "unknown_choice": "add the choice to the labeling config, or rename it in the tool",
    "several_choices": 'leave one, or write choice="multiple" into the config',
}
_PLACES = frozenset({"start", "end", "x", "y", "points", "ranges"})
"""Keys of a value that say where a region is."""


@dataclass(slots=True)
class ClassReading:
    """The classes of one completion, in the order of the config, and what was lost.

    `entered` counts the values that came in: `entered == len(values) + len(lost)`.
    """

    values: tuple[str, ...] = ()
    entered: int = 0
    lost: list[Incident] = field(default_factory=list)


def read_classes(
    items: Iterable[Mapping[str, Any]], group: Choices, *, only_group: bool = False, text_name: str = ""
) -> ClassReading:
    """Read what was chosen in `group` for the whole task; other groups do not enter the count at all.

    `items` are the raw result items of one completion. With `only_group` an item that names no group is of this
    one. With `text_name`, choices for other texts are lost. A value must be among the group's choices, unless the
    tasks bring them or it has none; in a group of single choice two values lose each other. The order of the items
    does not matter.
    """
    items = list(items)
    regions = {_id(item) for item in items if _is_region(item)} - {""}
    reading = ClassReading()
    said: list[str] = []
    for item in items:
        if item.get("type") != "choices" or not _is_of(item, group, only_group):
            continue
        values, broken = _values(item)
        reading.entered += len(values) + broken
        reading.lost += [Incident("choice_without_value", "", "")] * broken
        loss = _why_lost(item, group, regions, text_name)
        if loss:
            name = _id(item) if loss == "per_region" else ""
            reading.lost += [Incident(loss, name, _shown(value, group)) for value in values]
        else:
            said += values
    reading.values = _resolve(said, group, reading.lost)
    return reading


def _resolve(said: Sequence[str], group: Choices, lost: list[Incident]) -> tuple[str, ...]:
    """Keep each known value once; none of several where one is allowed. The others go to `lost`."""
    known = set(said) if group.dynamic or not group.choices else set(group.choices)
    counts = Counter(said)
    several = group.mode == "single" and len(counts) > 1
    kept: list[str] = []
    for value, count in counts.items():
        shown = _shown(value, group)
        if value not in known:
            lost += [Incident("unknown_choice", "", shown)] * count
        elif several:
            lost += [Incident("several_choices", "", shown)] * count
        else:
            kept.append(value)
            lost += [Incident("duplicate_choice", "", shown)] * (count - 1)
    place = {value: position for position, value in reversed([*enumerate(group.choices)])}
    return tuple(sorted(kept, key=lambda value: (place.get(value, len(place)), value)))


def _is_of(item: Mapping[str, Any], group: Choices, only_group: bool) -> bool:
    name = item.get("from_name")
    return name == group.name or (only_group and name in (None, ""))


def _values(item: Mapping[str, Any]) -> tuple[list[str], int]:
    """Return the values of an item, and how many of them are none; an empty list has neither."""
    value = item.get("value")
    chosen = value.get("choices") if isinstance(value, dict) else None
    if isinstance(chosen, str):
        chosen = [chosen]
    if not isinstance(chosen, list):
        return [], 1
    values = [name for name in chosen if isinstance(name, str) and name]
    return values, len(chosen) - len(values)


def _why_lost(item: Mapping[str, Any], group: Choices, regions: set[str], text_name: str) -> str:
    if _id(item) in regions or _has_place(item):
        return "per_region"
    own = item.get("to_name")
    targets = split_names(own if isinstance(own, str) and own else group.to_name)
    return "other_text" if text_name and targets and text_name not in targets else ""


def _is_region(item: Mapping[str, Any]) -> bool:
    kind = item.get("type")
    return kind != "choices" and (_has_place(item) or (isinstance(kind, str) and kind.endswith("labels")))


def _has_place(item: Mapping[str, Any]) -> bool:
    value = item.get("value")
    return isinstance(value, dict) and not _PLACES.isdisjoint(value)


def _id(item: Mapping[str, Any]) -> str:
    name = item.get("id")
    return str(name) if type(name) in (str, int) else ""


def _shown(value: str, group: Choices) -> str:
    # Choices that the tasks bring may be text of the task.
    return "" if group.dynamic else value

"""From the result items of a completion to the classes of its task in one group of choices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from alabtrain.annotations.spans import Incident
from alabtrain.core.json import JsonObject
from alabtrain.labeling.config import Choices, split_names

# What happened, after a number; `[one|many]` as in `findings.pluralize`.
LOSSES = {
    "text_missing": "[choice|choices] of tasks without text",
    "other_text": "[choice|choices] for another text of the task",
    "choice_without_value": "[choice|choices] without a value",
    "per_region": "[choice|choices] for a region, not for the whole task",
    "unknown_choice": "[choice|choices] that the labeling config does not have",
    "several_choices": "[choice|choices] of tasks with several choices where only one is allowed",
    "duplicate_choice": "[choice|choices] selected twice in a completion",
}
HINTS = {
    "unknown_choice": "add the choice to the labeling config, or rename it in the tool",
    "several_choices": 'keep only one, or set choice="multiple" in the config',
}
_POSITION_KEYS = frozenset({"start", "end", "x", "y", "points", "ranges"})
"""Keys of a result item's value that give the position of a region."""


@dataclass(slots=True)
class ClassReading:
    """The classes of one completion, in the order of the config, and the lost ones.

    `entered` counts the values that were read: `entered == len(values) + len(lost)`. `items` are the indices of the
    result items that gave the values.
    """

    values: tuple[str, ...] = ()
    items: tuple[int, ...] = ()
    entered: int = 0
    lost: list[Incident] = field(default_factory=list)


def read_classes(
    items: Iterable[JsonObject], group: Choices, *, only_group: bool = False, text_name: str = ""
) -> ClassReading:
    """Read the choices of `group` for the whole task; other groups are not counted at all.

    `items` are the raw result items of one completion. With `only_group`, an item that names no group belongs to
    this one. With `text_name`, choices for other texts are lost. A value must be one of the group's choices, unless
    these come from the tasks or the group has none; in a single-choice group, two different values are both lost.
    The order of the items does not matter.
    """
    items = list(items)
    regions = {_id(item) for item in items if _is_region(item)} - {""}
    reading = ClassReading()
    annotated: list[tuple[str, int]] = []
    for index, item in enumerate(items):
        if item.get("type") != "choices" or not _is_of(item, group, only_group):
            continue
        values, broken = _values(item)
        reading.entered += len(values) + broken
        reading.lost += [Incident("choice_without_value", "", "", index)] * broken
        loss = _why_lost(item, group, regions, text_name)
        if loss:
            name = _id(item) if loss == "per_region" else ""
            reading.lost += [Incident(loss, name, _shown(value, group), index) for value in values]
        else:
            annotated += [(value, index) for value in values]
    _resolve(annotated, group, reading)
    return reading


def _resolve(annotated: Sequence[tuple[str, int]], group: Choices, reading: ClassReading) -> None:
    """Keep each known value once, and none of several where only one is allowed. The others are lost."""
    items: dict[str, list[int]] = {}
    for value, item in annotated:
        items.setdefault(value, []).append(item)
    known = set(items) if group.dynamic or not group.choices else set(group.choices)
    several = group.mode == "single" and len(items) > 1
    kept: list[str] = []
    for value, of_value in items.items():
        code = "unknown_choice" if value not in known else "several_choices" if several else "duplicate_choice"
        first = 0
        if value in known and not several:
            kept.append(value)
            reading.items += (of_value[0],)
            first = 1
        reading.lost += [Incident(code, "", _shown(value, group), item) for item in of_value[first:]]
    rank = {value: position for position, value in reversed([*enumerate(group.choices)])}
    reading.values = tuple(sorted(kept, key=lambda value: (rank.get(value, len(rank)), value)))


def _is_of(item: JsonObject, group: Choices, only_group: bool) -> bool:
    name = item.get("from_name")
    return name == group.name or (only_group and name in (None, ""))


def _values(item: JsonObject) -> tuple[list[str], int]:
    """Return the usable values of an item, and how many others it has; an empty list has neither."""
    value = item.get("value")
    chosen = value.get("choices") if isinstance(value, dict) else None
    if isinstance(chosen, str):
        chosen = [chosen]
    if not isinstance(chosen, list):
        return [], 1
    values = [name for name in chosen if isinstance(name, str) and name]
    return values, len(chosen) - len(values)


def _why_lost(item: JsonObject, group: Choices, regions: set[str], text_name: str) -> str:
    if _id(item) in regions or _has_position(item):
        return "per_region"
    own = item.get("to_name")
    targets = split_names(own if isinstance(own, str) and own else group.to_name)
    return "other_text" if text_name and targets and text_name not in targets else ""


def _is_region(item: JsonObject) -> bool:
    item_type = item.get("type")
    is_labels = isinstance(item_type, str) and item_type.endswith("labels")
    return item_type != "choices" and (is_labels or _has_position(item))


def _has_position(item: JsonObject) -> bool:
    value = item.get("value")
    return isinstance(value, dict) and not _POSITION_KEYS.isdisjoint(value)


def _id(item: JsonObject) -> str:
    name = item.get("id")
    return str(name) if type(name) in (str, int) else ""


def _shown(value: str, group: Choices) -> str:
    # Choices that come from the tasks may be text of a document.
    return "" if group.dynamic else value

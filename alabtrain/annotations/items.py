"""Result items as values: the labelled spans among them, as stored; nothing is aligned or judged here.

A result item is one object in the `result` of a completion, as Annotation Lab and Label Studio write it
(https://labelstud.io/guide/task_format#Relevant-JSON-property-descriptions).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alabtrain.core.json import Json, JsonObject

SPAN_TYPES = ("labels", "hypertextlabels")
UNSUPPORTED_TYPES = ("paragraphlabels",)
NO_VALUE, NO_LABEL, UNSUPPORTED = "region_without_value", "region_without_label", "unsupported_region"


@dataclass(frozen=True, slots=True)
class Region:
    """A labelled span: `start` and `end` (exclusive) are the stored offsets, not checked yet.

    `item` is the index of its result item.
    """

    id: str
    from_name: str
    start: Json
    end: Json
    text: Json
    labels: tuple[str, ...]
    to_name: str = ""
    item: int = -1


def read_regions(result: Sequence[JsonObject]) -> tuple[list[Region], list[tuple[str, int]]]:
    """Return the labelled spans among the result items of a completion, and (code, item) of those that are broken.

    Items of other types (choices, relations, boxes) are passed over.
    """
    regions: list[Region] = []
    broken: list[tuple[str, int]] = []
    for index, item in enumerate(result):
        region = _region(item, index)
        if isinstance(region, Region):
            regions.append(region)
        elif region:
            broken.append((region, index))
    return regions, broken


def _region(item: JsonObject, index: int) -> Region | str:
    """Return a labelled span, the code of a broken one, or "" for an item of another type."""
    item_type = item.get("type")
    if item_type not in SPAN_TYPES:
        return UNSUPPORTED if item_type in UNSUPPORTED_TYPES else ""
    value = item.get("value")
    if not isinstance(value, dict):
        return NO_VALUE
    labels = read_names(value.get(str(item_type)))
    if not labels:
        return NO_LABEL
    # HTML texts carry offsets into the page's markup, and beside them the ones into the plain text.
    offsets = value.get("globalOffsets") if item_type == "hypertextlabels" else None
    source = offsets if isinstance(offsets, dict) else value
    return Region(
        read_name(item.get("id")) or f"#{index}",
        read_name(item.get("from_name")),
        source.get("start"),
        source.get("end"),
        value.get("text"),
        labels,
        read_name(item.get("to_name")),
        index,
    )


def control_of(item: JsonObject) -> str:
    """Return which control of the labeling config made a result item: its name, with the type of the item.

    Names are those of the config, never text of a document.
    """
    item_type = read_name(item.get("type")) or "no type"
    name = read_name(item.get("from_name"))
    return f"{name} ({item_type})" if name else item_type


def read_names(value: Json) -> tuple[str, ...]:
    """Return the names in a list, each once; a string is one name, and anything else is none."""
    if isinstance(value, str):
        return (value,) if value else ()
    if not isinstance(value, list):
        return ()
    return tuple(dict.fromkeys(name for name in value if isinstance(name, str) and name))


def read_name(value: Json) -> str:
    """Return an id or a name, which the tools write as a string or an integer, else ""."""
    return str(value) if type(value) in (str, int) else ""

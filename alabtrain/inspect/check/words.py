"""Numbers with their noun, and display names of label types."""

from __future__ import annotations

_NAMES = {
    "ner": ("label", "labels"),
    "assertion": ("assertion label", "assertion labels"),
    "visual_ner": ("box label", "box labels"),
}


def counted(count: int, one: str, several: str = "") -> str:
    """Return `1 text`, `2 texts`; `several` is the plural if it is not `one` with an s."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def labels(count: int, label_type: str) -> str:
    """Return the number with the name of its labels; `label_type` is a type or `classification:<group>`."""
    group = label_type.partition(":")[2]
    one, several = _NAMES.get(label_type) or (f"choice of {group}", f"choices of {group}")
    return counted(count, one, several)


def size(count: float) -> str:
    """Return a number of bytes as MiB or GiB."""
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{max(1, round(count / 2**20))} MiB"

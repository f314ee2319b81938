"""Names of labels, choices and models: how they are compared, and how they are shortened for messages."""

from __future__ import annotations

MODEL_SUFFIX = ".model"  # Annotation Lab appends it to the names of trained assertion models

MAX_SHOWN = 60  # characters of a name


def fold(name: str) -> str:
    """Return a name for comparison, without case, whitespace, `_` and `-`."""
    return "".join(char for char in name.casefold() if not char.isspace() and char not in "_-")


def shortened(name: str) -> str:
    """Return a name as messages show it: at most `MAX_SHOWN` characters."""
    return name if len(name) <= MAX_SHOWN else name[:MAX_SHOWN] + "…"

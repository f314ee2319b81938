"""Names of labels, choices and models: what their spellings have in common, and how much of one is shown."""

from __future__ import annotations

MODEL_SUFFIX = ".model"  # the product writes it behind the names of trained assertion models

MAX_SHOWN = 60  # characters of a name


def fold(name: str) -> str:
    """Return what spellings of one name have in common: no case, no blanks, no `_` and `-`."""
    return "".join(char for char in name.casefold() if not char.isspace() and char not in "_-")


def shortened(name: str) -> str:
    """Return a name as messages show it: at most `MAX_SHOWN` characters."""
    return name if len(name) <= MAX_SHOWN else name[:MAX_SHOWN] + "…"

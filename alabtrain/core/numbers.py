"""Numbers as text: with their noun, and as sizes of memory."""

from __future__ import annotations


def counted(count: int, one: str, several: str = "") -> str:
    """Return `1 text`, `2 texts`; `several` is the plural if it is not `one` with an s."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def size(count: float) -> str:
    """Return a number of bytes as MiB or GiB."""
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{max(1, round(count / 2**20))} MiB"

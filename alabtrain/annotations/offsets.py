"""Aligns a region with its text when its stored offsets and its stored text disagree.

Annotation tools run in browsers: offsets may count UTF-16 units (two for an emoji), line ends may have been
converted from CRLF to LF or the reverse, and whitespace may have been trimmed from the stored text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TypeGuard

from alabtrain.core.json import Json

OffsetMap = Callable[[int], int]


@dataclass(slots=True)
class OffsetReader:
    """Aligns regions with one text; the maps between units of offsets are built once, when first needed."""

    text: str
    _maps: list[tuple[str, OffsetMap]] | None = field(default=None, init=False)

    def locate(self, start: Json, end: Json, stored: Json) -> tuple[int, int, str] | None:
        """Return `(start, end, repair)` in code points, or None when the region cannot be aligned.

        `stored` is the region's own text, or None when the export has none (then the offsets are trusted).
        `repair` is "" when the stored offsets are right, else `trimmed_blanks`, `utf16_offsets`,
        `newline_offsets` or `utf16_newline_offsets`. The returned span never starts or ends with whitespace.
        """
        if not _is_index(start) or not _is_index(end) or end <= start:
            return None
        if not isinstance(stored, str) and stored is not None:
            return None
        found = self._try(start, end, stored)
        if found is not None:
            return found
        for repair, convert in self._other_ways():
            found = self._try(convert(start), convert(end), stored)
            if found is not None:
                return found[0], found[1], repair
        return None

    def _try(self, start: int, end: int, stored: str | None) -> tuple[int, int, str] | None:
        if not 0 <= start < end <= len(self.text):
            return None
        piece = self.text[start:end]
        if stored is not None and piece != stored and _folded(piece) != _folded(stored):
            return None
        left = len(piece) - len(piece.lstrip())
        right = len(piece) - len(piece.rstrip())
        if left + right >= len(piece):
            return None
        exact = stored is None or piece == stored
        return start + left, end - right, "" if exact and not left and not right else "trimmed_blanks"

    def _other_ways(self) -> list[tuple[str, OffsetMap]]:
        if self._maps is None:
            self._maps = _ways_to_count(self.text)
        return self._maps


def _ways_to_count(text: str) -> list[tuple[str, OffsetMap]]:
    widths16 = [2 if ord(char) > 0xFFFF else 1 for char in text]
    folded = [0 if text.startswith("\r\n", i) else 1 for i in range(len(text))] if "\r\n" in text else None
    unfolded = [2 if c == "\n" else 1 for c in text] if folded is None and "\n" in text else None
    newline = folded or unfolded
    ways: list[tuple[str, OffsetMap]] = []
    if max(widths16, default=1) > 1:
        ways.append(("utf16_offsets", _offset_map(widths16)))
    if newline is not None:
        ways.append(("newline_offsets", _offset_map(newline)))
        if ways[0][0] == "utf16_offsets":
            both = [n if n != 1 else w for n, w in zip(newline, widths16, strict=True)]
            ways.append(("utf16_newline_offsets", _offset_map(both)))
    return ways


def _offset_map(widths: list[int]) -> OffsetMap:
    """Return the map from an offset in units of `widths` to the code point that starts there."""
    starts = list(accumulate(widths, initial=0))

    def code_point(offset: int) -> int:
        index = bisect_right(starts, offset) - 1
        # An offset between two units of one character is invalid.
        return index if starts[index] == offset else -1

    return code_point


def _folded(piece: str) -> str:
    return piece.replace("\r\n", "\n").strip()


def _is_index(value: Json) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0

"""Find where a region really is in a text, when its stored offsets and its stored text disagree.

Annotation tools run in browsers: offsets may count UTF-16 units (two for an emoji), line ends may have been
folded from CRLF to LF or the reverse, and blanks may have been trimmed from the stored text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

Place = Callable[[int], int]


@dataclass(slots=True)
class OffsetReader:
    """Places regions in one text; the maps between ways of counting are made once, when first needed."""

    text: str
    _maps: list[tuple[str, Place]] | None = field(default=None, init=False)

    def locate(self, start: Any, end: Any, stored: Any) -> tuple[int, int, str] | None:
        """Return `(start, end, repair)` in code points, or None when the region cannot be placed.

        `stored` is the region's own text, or None when the export has none (then the offsets are believed).
        `repair` is "" when the offsets are right as they stand, else `trimmed_blanks`, `utf16_offsets`,
        `newline_offsets` or `utf16_newline_offsets`. The span returned never has blanks at its edges.
        """
        if not _is_index(start) or not _is_index(end) or end <= start:
            return None
        if not isinstance(stored, str) and stored is not None:
            return None
        found = self._try(start, end, stored)
        if found is not None:
            return found
        for repair, place in self._other_ways():
            found = self._try(place(start), place(end), stored)
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

    def _other_ways(self) -> list[tuple[str, Place]]:
        if self._maps is None:
            self._maps = _ways_to_count(self.text)
        return self._maps


def _ways_to_count(text: str) -> list[tuple[str, Place]]:
    widths16 = [2 if ord(char) > 0xFFFF else 1 for char in text]
    folded = [0 if text.startswith("\r\n", i) else 1 for i in range(len(text))] if "\r\n" in text else None
    unfolded = [2 if c == "\n" else 1 for c in text] if folded is None and "\n" in text else None
    newline = folded or unfolded
    ways: list[tuple[str, Place]] = []
    if max(widths16, default=1) > 1:
        ways.append(("utf16_offsets", _place(widths16)))
    if newline is not None:
        ways.append(("newline_offsets", _place(newline)))
        if ways[0][0] == "utf16_offsets":
            both = [n if n != 1 else w for n, w in zip(newline, widths16, strict=True)]
            ways.append(("utf16_newline_offsets", _place(both)))
    return ways


def _place(widths: list[int]) -> Place:
    """Return the map from an offset in units of `widths` to the code point that starts there."""
    starts = list(accumulate(widths, initial=0))

    def place(offset: int) -> int:
        index = bisect_right(starts, offset) - 1
        # Between two units of one character is no place at all.
        return index if starts[index] == offset else -1

    return place


def _folded(piece: str) -> str:
    return piece.replace("\r\n", "\n").strip()


def _is_index(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0

"""Where in our code a fault came up, for people who mend it."""

from __future__ import annotations

import traceback
from pathlib import PurePath


def place_of(fault: BaseException) -> str:
    """Return files and lines, the innermost first; never the fault's words, which may hold text of a document."""
    frames = traceback.extract_tb(fault.__traceback__)
    return " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-4:]))

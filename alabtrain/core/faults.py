"""Where in the code an unexpected exception was raised, for bug reports."""

from __future__ import annotations

import traceback
from pathlib import PurePath


def code_location(fault: BaseException) -> str:
    """Return files and lines, innermost first; never the exception's message, which may hold text of a document."""
    frames = traceback.extract_tb(fault.__traceback__)
    return " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-4:]))

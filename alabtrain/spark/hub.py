"""Access to the vendor's hub through Spark NLP's own downloader."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def ask_hub(call: Callable[[], Result]) -> Result:
    """Return the result of a call of the downloader, and drop its output on stdout."""
    with contextlib.redirect_stdout(io.StringIO()):
        return call()

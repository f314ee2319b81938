"""The vendor's hub, asked through Spark NLP's own downloader."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def ask_hub(call: Callable[[], Result]) -> Result:
    """Return what a call of the downloader gives; what it prints on stdout, which belongs to our answer, is dropped."""
    with contextlib.redirect_stdout(io.StringIO()):
        return call()

"""Formats of `alabtrain export`, a module each: its name is the format's name, and the ending of the files.

A module has `encode(documents) -> bytes`, and where it needs a library that alabtrain does not install, `require()`,
which raises `SetupError` when that is missing. Nothing else has to know of a format.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alabtrain.trainers.tokens import TaggedDocument

FORMATS: tuple[str, ...] = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def find_encoder(name: str) -> Callable[[Sequence[TaggedDocument]], bytes]:
    """Return what encodes documents in a format of `FORMATS`. Raises `SetupError` where that needs what is missing."""
    module = importlib.import_module(f"{__name__}.{name}")
    if hasattr(module, "require"):
        module.require()
    encode: Callable[[Sequence[TaggedDocument]], bytes] = module.encode
    return encode

"""The formats of `alabtrain export`, one module each; its name is that of the format, and the files' extension.

A module has `encode(documents) -> bytes`. If it needs a library that alabtrain does not install, it also has
`require()`, which raises `SetupError` if the library is missing. No other code depends on a format.
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
    """Return the function that encodes documents in a format. Raises `SetupError` if a library for it is missing."""
    module = importlib.import_module(f"{__name__}.{name}")
    if hasattr(module, "require"):
        module.require()
    encode: Callable[[Sequence[TaggedDocument]], bytes] = module.encode
    return encode

"""The language of the texts, as an option that the command line and Python share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from alabtrain.core.errors import UsageError
from alabtrain.core.options import Options, option


@dataclass(frozen=True, slots=True)
class LanguageOptions(Options):
    """In which language the texts are: a code of ISO 639-1, with or without a region (de, pt-BR)."""

    PANEL: ClassVar[str] = "Language"

    lang: str | None = option(
        None,
        "Language of the texts (ISO 639-1), as in de.",
        metavar="CODE",
        default_text="the one that is found in them",
        panel="Language",
    )

    def __post_init__(self) -> None:
        """Raise `UsageError` where a value is out of its bounds, or `lang` is no code."""
        Options.__post_init__(self)
        if self.lang is not None and re.fullmatch(r"[A-Za-z]{2}([-_][A-Za-z0-9]+)*", self.lang) is None:
            raise UsageError(f"--lang must be a code of ISO 639-1, as in de or pt-BR, not {self.lang!r}")

"""Where the models that a labeling config names come from, as options that the command line and Python share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alabtrain.core.languages.options import LanguageOptions
from alabtrain.core.options import option


@dataclass(frozen=True, slots=True)
class NamedModelOptions(LanguageOptions):
    """Where models come from that the store does not have, and for texts of which language."""

    PANEL: ClassVar[str] = "Models"

    hub: bool = option(True, "Ask the vendor's hub for models that the store does not have.")

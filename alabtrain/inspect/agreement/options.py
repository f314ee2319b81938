"""What annotators are compared on, as an option that the command line and Python share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alabtrain.core.options import Options, option
from alabtrain.trainers.registry import TypeNames


@dataclass(frozen=True, slots=True)
class AgreementOptions(Options):
    """Which types of annotations are compared."""

    PANEL: ClassVar[str] = "Selection"

    types: tuple[str, ...] = option(
        (),
        "Type of annotation to compare; may be repeated.",
        names=("--type",),
        among=TypeNames(of_pages=False),
        repeated=True,
        default_text="all that the labeling config has",
        once=True,
    )

"""How a NER model learns."""

from __future__ import annotations

from dataclasses import dataclass

from alabtrain.trainers.nerdl.options import TaggerOptions


@dataclass(frozen=True, slots=True)
class NerOptions(TaggerOptions):
    """How a NER model is trained; the defaults are measured (benchmarks/README.md)."""

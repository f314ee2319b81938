"""Options for the training of an NER model."""

from __future__ import annotations

from dataclasses import dataclass

from alabtrain.trainers.nerdl.options import TaggerOptions

NER = "ner"


@dataclass(frozen=True, slots=True)
class NerOptions(TaggerOptions):
    """Options for the training of an NER model; the defaults are measured (benchmarks/README.md)."""

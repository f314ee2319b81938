"""The types of models, as options, runs and the store call them."""

from __future__ import annotations

from typing import Final, Literal

Type = Literal["ner", "assertion", "classification", "visual_ner"]

NER: Final = "ner"
ASSERTION: Final = "assertion"
CLASSIFICATION: Final = "classification"
VISUAL_NER: Final = "visual_ner"

TEXT_TYPES: tuple[str, ...] = (NER, ASSERTION, CLASSIFICATION)
"""The types for texts, in the order in which a run trains them; models for pages are trained in a run of their own."""

TRAINABLE: tuple[str, ...] = (*TEXT_TYPES, VISUAL_NER)

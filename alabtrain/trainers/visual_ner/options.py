"""Options for the training of a visual NER model and for reading its pages."""

from __future__ import annotations

from dataclasses import dataclass

from alabtrain.core.languages.registry import ENGLISH
from alabtrain.core.options import option
from alabtrain.pages.ocr.options import OCR, OCR_CACHE
from alabtrain.pages.options import WINDOW
from alabtrain.trainers.nerdl.options import TaggerOptions

VISUAL_NER = "visual_ner"
STEPS, MOST_EPOCHS = 1150, 40


@dataclass(frozen=True, slots=True)
class VisualNerOptions(TaggerOptions):
    """Options for the training of a visual NER model; the defaults are measured (benchmarks/README.md).

    If `epochs` is None, the number of epochs is that of `STEPS` training steps, at most `MOST_EPOCHS`. Pages are cut
    into windows between blocks of words. `ocr_lang` is the language for OCR (ISO 639-1).
    """

    epochs: int | None = option(
        None, "Passes over the training set.", at_least=1, at_most=1000, default_text="by the number of examples"
    )
    batch_size: int = option(4, "Examples in a batch.", at_least=1, at_most=1024)
    members: int = option(1, "Networks in the ensemble.", at_least=1, at_most=20)
    layout_members: int = option(
        2, "Networks in the ensemble that see the layout, but no embeddings.", at_least=0, at_most=20
    )
    crf: bool = option(True, "Add a CRF to the ensemble.")
    window: int = option(WINDOW, "Words of a page that are read at once.", at_least=10, at_most=400)
    ocr: bool = option(True, OCR)
    ocr_lang: str = ENGLISH
    ocr_cache: bool = option(True, OCR_CACHE)

"""Whether and how OCR reads pages, as options that the command line and Python share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alabtrain.core.options import Options, option

OCR = "Read pages that have no words with Tesseract."
OCR_CACHE = "Cache the words that OCR found, which are text of your documents, for the next time."


@dataclass(frozen=True, slots=True)
class OcrOptions(Options):
    """How pages are read: whether OCR gives words to those without, in which language, and is cached.

    The language is a code of ISO 639-1; None leaves it to what the models were trained in, and to English.
    """

    PANEL: ClassVar[str] = "Pages"

    ocr: bool = option(True, OCR)
    ocr_cache: bool = option(True, OCR_CACHE)
    lang: str | None = None

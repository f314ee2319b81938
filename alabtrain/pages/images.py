"""Pictures of pages, read from the export itself: never from the network, never from outside of the project.

They are as untrusted as everything else: what a file claims to be is found out by looking, and how large a picture
would become is asked before it is unpacked.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from alabtrain.errors import InputError
from alabtrain.reading.source import Member, Source

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")
MOST_BYTES = 256 << 20
MOST_PIXELS = 120_000_000  # A0 at 200 dots an inch has 62 million
PROBLEMS = {
    "no_image": "[page|pages] without a picture",
    "remote_image": "[page|pages] with a picture elsewhere, which is not fetched",
    "missing_image": "[page|pages] whose picture is not in the export",
    "no_picture": "[page|pages] whose file is no picture that can be read",
    "broken_image": "[page|pages] whose picture is cut off or damaged",
    "huge_image": "[page|pages] whose picture is too large to be unpacked",
}


class ImageProblem(Exception):
    """A picture that cannot be had; `code` is one of PROBLEMS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def find_image(members: Iterable[Member], image: str | None) -> str:
    """Return the member of an export that a task's `image` means: the longest path that both end with.

    Annotation Lab writes `/images/<project>/<name>.png`, and the archive holds `images/…`. Raises `ImageProblem`.
    """
    if image is None or not image.strip():
        raise ImageProblem("no_image")
    if "://" in image:
        raise ImageProblem("remote_image")
    there = list(members)
    if any(member.name == image for member in there):
        return image
    wanted = image.partition("?")[0].strip("/").split("/")
    found: dict[int, list[str]] = {}
    for member in there:
        parts = member.name.split("/")
        common = 0
        while common < min(len(parts), len(wanted)) and parts[-1 - common] == wanted[-1 - common]:
            common += 1
        if common:
            found.setdefault(common, []).append(member.name)
    best = found.get(max(found, default=0), [])
    # The name alone may stand in several folders: then none of them is meant for sure.
    if len(best) != 1:
        raise ImageProblem("missing_image")
    return best[0]


def read_image(source: Source, name: str) -> Image:
    """Return a picture of an export upright and in RGB, whatever its own colours are. Raises `ImageProblem`."""
    return decode(read_bytes(source, name))


def read_bytes(source: Source, name: str) -> bytes:
    """Return the bytes of a picture of an export. Raises `ImageProblem` where they are too many."""
    try:
        return source.read(name, MOST_BYTES)
    except InputError:
        raise ImageProblem("huge_image") from None


def decode(content: bytes) -> Image:
    """Return the picture in the bytes of a file, upright and in RGB. Raises `ImageProblem`."""
    import PIL.Image
    import PIL.ImageOps

    with _problems():
        picture = PIL.Image.open(io.BytesIO(content), formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise ImageProblem("huge_image")
        upright = PIL.ImageOps.exif_transpose(picture)
        return upright.convert("RGB")


@contextmanager
def _problems() -> Iterator[None]:
    """Turn what a decoder makes of odd and damaged bytes into `ImageProblem`."""
    import PIL.Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of large pictures: they are looked at here; of odd files: they are refused
        try:
            yield
        except PIL.Image.DecompressionBombError:
            raise ImageProblem("huge_image") from None
        except PIL.UnidentifiedImageError:
            raise ImageProblem("no_picture") from None
        except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, MemoryError):
            raise ImageProblem("broken_image") from None

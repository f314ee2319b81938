"""Files from Maven Central, fetched once into the user's cache and verified by hash."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from alabtrain.core.errors import SetupError

MAVEN = "https://repo1.maven.org/maven2"
TRIES = 5
CHUNK = 1 << 17  # bytes

Progress = Callable[[int], None]
"""Is called with the number of bytes that have arrived since the last call."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A jar on Maven Central: its coordinates, size in bytes and SHA-256."""

    group: str
    name: str
    version: str
    classifier: str
    size: int
    sha256: str

    @property
    def file_name(self) -> str:
        """The name of the file, as Maven has it."""
        tail = f"-{self.classifier}" if self.classifier else ""
        return f"{self.name}-{self.version}{tail}.jar"

    @property
    def url(self) -> str:
        """Where the file is; `ALABTRAIN_MAVEN` names a mirror."""
        base = os.environ.get("ALABTRAIN_MAVEN", MAVEN).rstrip("/")
        return f"{base}/{self.group.replace('.', '/')}/{self.name}/{self.version}/{self.file_name}"


def cache_folder(*parts: str) -> Path:
    """Return a folder in alabtrain's cache (`ALABTRAIN_CACHE`, else the user's cache folder), made if need be.

    Raises `SetupError` when it cannot be made.
    """
    import platformdirs

    base = os.environ.get("ALABTRAIN_CACHE")
    folder = Path(base) if base else platformdirs.user_cache_path("alabtrain")
    folder = folder.joinpath(*parts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise SetupError(
            f"the cache folder cannot be made: {problem.strerror}",
            where=str(folder),
            hint="set ALABTRAIN_CACHE to a folder that can be written",
        ) from None
    return folder


def fetch(artifact: Artifact, folder: Path, progress: Progress | None = None) -> Path:
    """Return the artifact's file in `folder`, downloaded first if it is not there.

    A partial download never gets the file's name; a failed one is tried again, `TRIES` times in all. Raises
    `SetupError` when it cannot be had or its hash is wrong.
    """
    path = folder / artifact.file_name
    if path.is_file() and path.stat().st_size == artifact.size:
        return path
    import pooch
    import requests

    meter = _Meter(progress) if progress else False
    pooch.get_logger().setLevel("ERROR")
    last: Exception | None = None
    for _ in range(TRIES):
        try:
            pooch.retrieve(
                artifact.url,
                known_hash=f"sha256:{artifact.sha256}",
                fname=path.name,
                path=folder,
                downloader=pooch.HTTPDownloader(progressbar=meter, chunk_size=CHUNK, timeout=60),
            )
        except (requests.RequestException, ValueError, OSError) as problem:
            last = problem
        else:
            return path
    raise SetupError(
        f"{artifact.file_name} could not be downloaded ({type(last).__name__})",
        where=artifact.url,
        hint="check the network and the disk, or set ALABTRAIN_MAVEN to a mirror of Maven Central",
    ) from None


class _Meter:
    """What pooch expects of a progress bar, handing the bytes on.

    pooch counts whole chunks, then resets and tells the true total: the last step is the difference.
    """

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.total = 0
        self._told = 0
        self._at = 0

    def update(self, count: int) -> None:
        self._at = min(self._at + count, self.total)
        self.progress(self._at - self._told)
        self._told = self._at

    def reset(self) -> None:
        self._at = 0

    def close(self) -> None:
        """Nothing is held open."""

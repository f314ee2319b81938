"""The jars of Spark NLP: their versions, and their location in the cache.

The list in `jars.tsv` is closed: every jar with its size and hash, so a session starts with no resolver.
Versions live in that file alone.
"""

from __future__ import annotations

import platform
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

from alabtrain.core.downloads import Artifact, Progress, cache_folder, fetch
from alabtrain.core.errors import SetupError

DOWNLOADS_AT_ONCE = 4
NATIVES = {"linux": "linux-x86_64", "darwin": "macosx-x86_64", "win32": "windows-x86_64"}


def required_jars() -> tuple[Artifact, ...]:
    """Return the jars that this machine needs: all except the native libraries of other systems.

    Raises:
        SetupError: TensorFlow for Java has no library for this processor.
    """
    if platform.machine().lower() not in ("x86_64", "amd64"):
        raise SetupError(
            f"TensorFlow for Java has no library for this processor ({platform.machine()})",
            hint="train on an x86-64 machine",
        )
    native = NATIVES.get(sys.platform, "")
    text = (resources.files("alabtrain.spark") / "jars.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    artifacts = [
        Artifact(group, name, version, "" if classifier == "-" else classifier, int(size), sha256)
        for group, name, version, classifier, size, sha256 in rows
    ]
    return tuple(a for a in artifacts if a.classifier in ("", native))


def missing_jars() -> tuple[Artifact, ...]:
    """Return the jars that are not in the cache yet."""
    folder = cache_folder("jars")
    return tuple(jar for jar in required_jars() if not _is_there(folder, jar))


def fetch_jars(progress: Progress | None = None) -> list[Path]:
    """Return all jars' files, downloading those that are missing, a few at a time."""
    folder = cache_folder("jars")
    jars = required_jars()
    with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
        return list(pool.map(lambda jar: fetch(jar, folder, progress), jars))


def _is_there(folder: Path, jar: Artifact) -> bool:
    path = folder / jar.file_name
    return path.is_file() and path.stat().st_size == jar.size

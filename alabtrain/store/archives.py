"""Models as zips: reading them, and writing them in the format of the vendor's models hub.

A zip of the hub has the saved stage or pipeline at its root (`metadata/`, `stages/`), and is named
`<name>_<language>_<Spark NLP version>_<Spark version>_<milliseconds>.zip`, as its download addresses show
(https://sparknlp.org/docs/en/hardware_acceleration and the pages of the hub).
"""

from __future__ import annotations

import lzma
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from alabtrain.core.errors import InputError, UsageError
from alabtrain.core.files import cannot_write, replacing
from alabtrain.core.json import to_json
from alabtrain.store.entries import CARD, RECORD, StoredModel

MOST_ENTRIES, MOST_BYTES = 100_000, 20 * 2**30
METADATA = "metadata"
_HUB_SUFFIX = re.compile(r"_(?P<lang>[a-z]{2})_\d+\.\d+\.\d+_\d+\.\d+_(?P<milliseconds>\d{13})")


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Yield the folder of the saved stage or pipeline in a zip or folder; a zip is unpacked for the block.

    Raises:
        UsageError: there is no such file or folder.
        InputError: the zip is unsafe or damaged, or contains no model.
    """
    if path.is_dir():
        yield _root(path, path)
        return
    if not path.is_file():
        raise UsageError("no such file or folder", where=str(path))
    with TemporaryDirectory(prefix="alabtrain-") as scratch:
        folder = Path(scratch) / "model"
        _extract(path, folder)
        yield _root(folder, path)


def package_name(entry: StoredModel) -> str:
    """Return the file name of a model in the naming scheme of the hub."""
    spark = ".".join(version("pyspark").split(".")[:2])
    try:
        trained = datetime.fromisoformat((entry.trained or "").replace("Z", "+00:00"))
    except ValueError:
        trained = datetime.now(timezone.utc)
    stamp = int(trained.timestamp() * 1000)
    lang = entry.lang if re.fullmatch(r"[A-Za-z-]{2,12}", entry.lang or "") else "xx"
    return f"{entry.name}_{lang}_{version('spark-nlp')}_{spark}_{stamp}.zip"


def name_of(path: Path) -> str:
    """Return the name of the model in a file or folder, without the suffix of the hub."""
    return _HUB_SUFFIX.sub("", _bare(path))


def hub_facts(path: Path) -> tuple[str | None, str | None]:
    """Return language (ISO 639-1) and training time (ISO 8601, UTC) from the hub's suffix of a model's name."""
    found = _HUB_SUFFIX.search(_bare(path))
    if found is None:
        return None, None
    time = datetime.fromtimestamp(int(found["milliseconds"]) / 1000, timezone.utc)
    return found["lang"], f"{time:%Y-%m-%dT%H:%M:%SZ}"


def _bare(path: Path) -> str:
    return path.stem if path.suffix.lower() == ".zip" else path.name


def write_package(entry: StoredModel, model: Path, card: bytes, target: Path) -> None:
    """Write a zip with the saved pipeline at its root, the store's record and the model card. Raises `SetupError`."""
    try:
        with replacing(target) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(RECORD, to_json(entry, indent=2) + "\n")
            if card:
                archive.writestr(CARD, card)
            for file in sorted(file for file in model.rglob("*") if file.is_file()):
                archive.write(file, str(PurePosixPath(file.relative_to(model))))
    except OSError as problem:
        raise cannot_write(target, problem) from None


def _root(folder: Path, given: Path) -> Path:
    """Return the folder with the metadata: this one, or its only subfolder."""
    inside = [f for f in folder.iterdir() if f.is_dir() and not f.name.startswith((".", "__"))]
    candidates: list[Path] = [folder, *(inside if len(inside) == 1 else ())]
    for candidate in candidates:
        if (candidate / METADATA).is_dir():
            return candidate
    raise InputError(
        "this contains no saved Spark NLP model", where=str(given), hint=f"expected {METADATA}/ and stages/ at its root"
    )


def _extract(path: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _require_safe(members, path)
            for member in members:
                target = folder / member.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, lzma.LZMAError):
        raise InputError("this is not a zip, or it is damaged or encrypted", where=str(path)) from None
    except OSError as problem:
        raise cannot_write(folder, problem) from None


def _require_safe(members: list[zipfile.ZipInfo], path: Path) -> None:
    if len(members) > MOST_ENTRIES or sum(member.file_size for member in members) > MOST_BYTES:
        raise InputError("this zip is too large for a model", where=str(path))
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        link = stat.S_ISLNK(member.external_attr >> 16)
        if name.is_absolute() or ".." in name.parts or ":" in member.filename or link:
            raise InputError("an entry of this zip leads out of it", where=str(path))

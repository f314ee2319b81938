"""The model store: a folder of this machine, or one in a file system that Spark can access."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from alabtrain.core.errors import InputError, SetupError, UsageError
from alabtrain.core.files import cannot_write, sync_folder, sync_tree, write_aside
from alabtrain.core.json import to_json
from alabtrain.core.locks import held
from alabtrain.spark.options import SparkOptions
from alabtrain.spark.session import open_session
from alabtrain.spark.types import JavaObject
from alabtrain.store.entries import BROKEN, CARD, MODEL, RECORD, StoredModel, is_plain, plain_name, read_entry

LOCK = ".lock"
PATIENCE = 3600  # seconds after which no other process can still be adding a model

_URI = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


class Store(Protocol):
    """Models by name. A model is replaced atomically: if that fails, the old one stays."""

    where: str

    def entries(self) -> list[StoredModel]:
        """Return all models by name; what is no whole model is passed over."""

    def find(self, name: str) -> StoredModel | None:
        """Return the model of a name, with or without the suffix of a labeling config; None where there is none."""

    def location(self, name: str) -> str:
        """Return the URI that Spark loads the model of a name from."""

    def add(self, entry: StoredModel, model: Path, card: bytes = b"") -> None:
        """Copy a saved pipeline into the store, in place of a model of that name. Raises `SetupError`."""

    def remove(self, name: str) -> None:
        """Remove a model. Raises `UsageError` where there is none."""

    def fetch(self, name: str, target: Path) -> None:
        """Copy the saved pipeline of a model to a folder that is not there yet. Raises `SetupError`."""

    def card(self, name: str) -> bytes:
        """Return the model card, empty where there is none."""

    def require_writable(self) -> None:
        """Raise `SetupError` where no model could be added."""


def default_location() -> str:
    """Return the folder of the user's own store."""
    import platformdirs

    return str(platformdirs.user_data_path("alabtrain") / "models")


def is_remote(location: str) -> bool:
    """Whether a store needs a Spark session to be reached."""
    return _URI.match(location) is not None and not location.lower().startswith("file:")


def open_store(location: str | None) -> Store:
    """Return the store at a folder or URI (None: the user's own); a remote one needs an active session."""
    chosen = location or default_location()
    if is_remote(chosen):
        return HadoopStore(chosen.rstrip("/"))
    local = url2pathname(urlsplit(chosen).path) if chosen.lower().startswith("file:") else chosen
    return LocalStore(Path(local))


@contextlib.contextmanager
def reached(location: str | None, spark: SparkOptions) -> Iterator[Store]:
    """Yield the store at a folder or URI; for a remote one, a session is started if none is active."""
    if not is_remote(location or ""):
        yield open_store(location)
        return
    with open_session(spark):
        yield open_store(location)


class LocalStore:
    """A store in a folder of this machine: a folder for each model."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.where = str(folder)

    def entries(self) -> list[StoredModel]:
        """Return all models by name; what is no whole model is passed over, one with a broken record is `broken`."""
        if not self.folder.is_dir():
            return []
        self._put_back()
        folders = sorted(f for f in self.folder.iterdir() if not f.name.startswith(".") and (f / RECORD).is_file())
        return [_listed(folder.name, partial(self._read, folder)) for folder in folders]

    def find(self, name: str) -> StoredModel | None:
        """Return the model of a name, or None."""
        if not is_plain(name):
            return None
        self._put_back()
        folder = self.folder / plain_name(name)
        return self._read(folder) if (folder / RECORD).is_file() else None

    def location(self, name: str) -> str:
        """Return the `file:` URI of the saved pipeline."""
        return (self.folder / plain_name(name) / MODEL).resolve().as_uri()

    def add(self, entry: StoredModel, model: Path, card: bytes = b"") -> None:
        """Copy a saved pipeline into the store aside, then put it in the place of a model of that name."""
        target = self.folder / plain_name(entry.name)
        self._make_folder()
        with held(self.folder / LOCK, wait=True), self._aside(target) as staging:
            shutil.copytree(model, staging / MODEL)
            write_aside(staging / CARD, card)
            write_aside(staging / RECORD, (to_json(entry, indent=2) + "\n").encode())
            sync_tree(staging)

    def remove(self, name: str) -> None:
        """Remove a model; its folder gets another name first, so that no half of it is ever found."""
        folder = self.folder / plain_name(name)
        if not (folder / RECORD).is_file():
            raise _unknown(name, self.where)
        with held(self.folder / LOCK, wait=True):
            try:
                # Copies that a kill left would come back in its place.
                for left in self._left(folder.name):
                    _delete(left)
                _delete(folder.rename(_hidden(folder)))
            except OSError as problem:
                raise cannot_write(folder, problem) from None

    def fetch(self, name: str, target: Path) -> None:
        """Copy the saved pipeline of a model to `target`."""
        try:
            shutil.copytree(self.folder / plain_name(name) / MODEL, target)
        except OSError as problem:
            raise _not_copied(target, problem) from None

    def require_writable(self) -> None:
        """Raise `SetupError` where no model could be added."""
        self._make_folder()
        try:
            probe = _hidden(self.folder / "probe")
            probe.mkdir()
            probe.rmdir()
        except OSError as problem:
            raise cannot_write(self.folder, problem) from None

    def card(self, name: str) -> bytes:
        """Return the model card, empty where there is none."""
        path = self.folder / plain_name(name) / CARD
        return path.read_bytes() if path.is_file() else b""

    def _read(self, folder: Path) -> StoredModel:
        return read_entry((folder / RECORD).read_bytes(), str(folder / RECORD))

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise cannot_write(self.folder, problem) from None

    def _put_back(self) -> None:
        """Give a model its name again that was killed between its two renames: one of its copies is whole."""
        # A store that may only be read has none to put back, and needs no lock for that.
        if not self._left():
            return
        with contextlib.suppress(SetupError), held(self.folder / LOCK, wait=False) as alone:
            whole = [(folder / RECORD, folder) for folder in self._left()] if alone else []
            for _record, folder in sorted(whole, key=lambda pair: pair[0].stat().st_mtime, reverse=True):
                target = self.folder / _name_of(folder)
                if not target.exists():
                    with contextlib.suppress(OSError):
                        folder.rename(target)

    def _left(self, name: str | None = None) -> list[Path]:
        """Return the whole models (of a name) that lie under a hidden one: aside for now, or left there by a kill."""
        hidden = [folder for folder in self.folder.glob(".*.*") if (folder / RECORD).is_file()]
        return [folder for folder in hidden if name in (None, _name_of(folder))]

    @contextlib.contextmanager
    def _aside(self, target: Path) -> Iterator[Path]:
        staging, old = _hidden(target), _hidden(target)
        try:
            staging.mkdir(parents=True)
            yield staging
            if target.exists():
                target.rename(old)
            staging.rename(target)
            sync_folder(self.folder)
        except OSError as problem:
            raise _not_copied(target, problem) from None
        finally:
            if old.exists() and not target.exists():
                old.rename(target)
            for left in (staging, old):
                with contextlib.suppress(OSError):
                    _delete(left)


class HadoopStore:
    """A store on a file system that Spark reaches (`hdfs://`, `s3a://`), with the same folders as a local one."""

    def __init__(self, uri: str) -> None:
        from pyspark.sql import SparkSession

        self.where = uri
        session: JavaObject = SparkSession.getActiveSession()
        context = session.sparkContext
        self._jvm = context._jvm
        try:
            self._files = self._path().getFileSystem(context._jsc.hadoopConfiguration())
        except Exception as problem:
            raise _unreachable(uri, problem) from None

    def entries(self) -> list[StoredModel]:
        """Return all models by name; what is no whole model is passed over."""
        with self._reached():
            self._put_back("*")
            found = self._files.globStatus(self._path(f"*/{RECORD}")) or ()
            folders = sorted(str(status.getPath().getParent().getName()) for status in found)
        names = [folder for folder in folders if not folder.startswith(".")]
        return [_listed(name, partial(self._read, name)) for name in names]

    def find(self, name: str) -> StoredModel | None:
        """Return the model of a name, or None."""
        if not is_plain(name):
            return None
        bare = plain_name(name)
        with self._reached():
            self._put_back(bare)
            there = self._files.exists(self._path(f"{bare}/{RECORD}"))
        return self._read(bare) if there else None

    def location(self, name: str) -> str:
        """Return the URI of the saved pipeline."""
        return f"{self.where}/{plain_name(name)}/{MODEL}"

    def add(self, entry: StoredModel, model: Path, card: bytes = b"") -> None:
        """Copy a saved pipeline into the store aside, then put it in the place of a model of that name."""
        name = plain_name(entry.name)
        aside, old = (f".{name}.{secrets.token_hex(6)}" for _ in range(2))
        with self._reached():
            try:
                self._files.copyFromLocalFile(False, True, self._local(model), self._path(f"{aside}/{MODEL}"))
                self._write(f"{aside}/{CARD}", card)
                self._write(f"{aside}/{RECORD}", (to_json(entry, indent=2) + "\n").encode())
                if self._files.exists(self._path(name)):
                    self._rename(name, old)
                self._rename(aside, name)
            finally:
                if self._files.exists(self._path(old)) and not self._files.exists(self._path(name)):
                    self._rename(old, name)
                for left in (aside, old):
                    self._files.delete(self._path(left), True)

    def remove(self, name: str) -> None:
        """Remove a model."""
        if self.find(name) is None:
            raise _unknown(name, self.where)
        bare = plain_name(name)
        gone = f".{bare}.{secrets.token_hex(6)}"
        with self._reached():
            # Copies that a kill left would come back in its place.
            for status in self._files.globStatus(self._path(f".{bare}.*/{RECORD}")) or ():
                self._files.delete(status.getPath(), False)
            self._rename(bare, gone)
            self._files.delete(self._path(f"{gone}/{RECORD}"), False)  # without it, it is no model any more
            self._files.delete(self._path(gone), True)

    def fetch(self, name: str, target: Path) -> None:
        """Copy the saved pipeline of a model to `target`."""
        with self._reached():
            source = self._path(f"{plain_name(name)}/{MODEL}")
            self._files.copyToLocalFile(False, source, self._local(target), True)

    def require_writable(self) -> None:
        """Raise `SetupError` where no model could be added."""
        probe = f".probe.{secrets.token_hex(6)}"
        with self._reached():
            self._write(probe, b"")
            self._files.delete(self._path(probe), False)

    def _put_back(self, name: str) -> None:
        """Give models their names again that were killed between two renames; what is young may just be added."""
        found = self._files.globStatus(self._path(f".{name}.*/{RECORD}")) or ()
        old = (status for status in found if time.time() - status.getModificationTime() / 1000 > PATIENCE)
        for status in sorted(old, key=lambda status: status.getModificationTime(), reverse=True):
            folder = str(status.getPath().getParent().getName())
            target = folder[1:].rpartition(".")[0]
            if target and not self._files.exists(self._path(target)):
                self._files.rename(self._path(folder), self._path(target))

    def _rename(self, before: str, after: str) -> None:
        if self._files.exists(self._path(after)) or not self._files.rename(self._path(before), self._path(after)):
            raise SetupError("a model could not be renamed", where=f"{self.where}/{after}", code="store")

    def _path(self, name: str = "") -> JavaObject:
        return self._jvm.org.apache.hadoop.fs.Path(f"{self.where}/{name}" if name else self.where)

    def _local(self, path: Path) -> JavaObject:
        return self._jvm.org.apache.hadoop.fs.Path(path.resolve().as_uri())

    def card(self, name: str) -> bytes:
        """Return the model card, empty where there is none."""
        path = f"{plain_name(name)}/{CARD}"
        with self._reached():
            return self._bytes(path) if self._files.exists(self._path(path)) else b""

    def _read(self, folder: str) -> StoredModel:
        with self._reached():
            content = self._bytes(f"{folder}/{RECORD}")
        return read_entry(content, f"{self.where}/{folder}/{RECORD}")

    def _bytes(self, name: str) -> bytes:
        stream = self._files.open(self._path(name))
        try:
            return bytes(self._jvm.org.apache.commons.io.IOUtils.toByteArray(stream))
        finally:
            stream.close()

    def _write(self, name: str, content: bytes) -> None:
        stream = self._files.create(self._path(name), True)
        try:
            stream.write(bytearray(content))
        finally:
            stream.close()

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except (SetupError, UsageError):
            raise
        except Exception as problem:
            raise _unreachable(self.where, problem) from None


def _listed(name: str, read: Callable[[], StoredModel]) -> StoredModel:
    try:
        return read()
    except InputError:
        return StoredModel(name, BROKEN)


def _not_copied(target: Path, problem: OSError) -> SetupError:
    """Return the error for a copy that failed; `shutil` puts what went wrong into words only."""
    if isinstance(problem, shutil.Error):
        full = os.strerror(errno.ENOSPC) in str(problem)
        problem = OSError(errno.ENOSPC if full else errno.EIO, os.strerror(errno.EIO))
    return cannot_write(target, problem)


def _hidden(target: Path) -> Path:
    return target.with_name(f".{target.name}.{secrets.token_hex(6)}")


def _name_of(hidden: Path) -> str:
    return hidden.name[1:].rpartition(".")[0]


def _delete(folder: Path) -> None:
    """Delete a model's folder, its record first: without it, what a kill leaves of the rest is no model."""
    (folder / RECORD).unlink(missing_ok=True)
    shutil.rmtree(folder)


def _unknown(name: str, where: str) -> UsageError:
    return UsageError(f"the store has no model {name!r}", where=where, hint="`alabtrain models` lists its models")


def _unreachable(where: str, problem: Exception) -> SetupError:
    return SetupError(
        f"this store cannot be accessed ({type(problem).__name__})",
        where=where,
        hint="is its file system configured for Spark? See --conf, --packages and --properties-file",
        code="store",
    )

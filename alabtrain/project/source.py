"""The source of an export: a zip, a folder or a file, behind one protocol. Untrusted, never extracted."""

from __future__ import annotations

import hashlib
import io
import lzma
import os
import stat
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NoReturn, Protocol, cast

from alabtrain.core.errors import InputError, UsageError

MAX_ENTRIES = 10_000
MAX_MEMBER = 4 << 30  # bytes of one member, counted while reading
MAX_SMALL = 16 << 20  # bytes of a labeling config or a project.json
MAX_RATIO = 200  # the highest compression ratio of a member that is over RATIO_FROM bytes
RATIO_FROM = 10 << 20
_PIECE = 1 << 16
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
_RUN_FILE = "run.json"
_ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
_UNPACK = "unpack it and pass the folder"


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an export; `name` is its path inside, with `/`; `size` in bytes as declared."""

    name: str
    size: int

    @property
    def folder(self) -> str:
        """Return the path of the folder that holds the member, "" for the top."""
        return self.name.rpartition("/")[0]

    @property
    def base(self) -> str:
        """Return the last part of the name."""
        return self.name.rpartition("/")[2]


class Source(Protocol):
    """An export that can be listed and read; the number of bytes read is counted and limited."""

    path: Path

    def members(self) -> list[Member]:
        """Return the files, by name."""
        ...

    def open(self, name: str, *, limit: int = MAX_MEMBER) -> BinaryIO:
        """Open a member for reading; more than `limit` bytes raise `InputError`."""
        ...

    def read(self, name: str, limit: int = MAX_SMALL) -> bytes:
        """Return the whole of a member."""
        ...

    def where(self, name: str) -> str:
        """Return the name of a member for errors: the path as the user gave it, and the name inside."""
        ...

    def sha256(self, names: Iterable[str]) -> dict[str, str]:
        """Return the SHA-256 of the files that contain the members, by path as the user gave it."""
        ...


def open_source(path: Path) -> Source:
    """Return the zip, the folder or the file at `path`.

    Raises:
        UsageError: there is no such file or folder.
        InputError: it is neither a file nor a folder, or a zip that is unsafe or cannot be read.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "not a path"
        raise UsageError(f"cannot be read: {reason}", where=str(path)) from None
    if stat.S_ISDIR(mode):
        return FolderSource(path)
    if not stat.S_ISREG(mode):
        raise InputError(
            "neither a file nor a folder", where=str(path), hint="save it to a file first: it is read more than once"
        )
    with _readable(path) as stream:
        head = stream.read(4)
    if head in _ZIP_MARKS or path.suffix.lower() == ".zip":
        return ZipSource(path)
    return FileSource(path)


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with _readable(path) as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


class _Counted(io.RawIOBase):
    """A stream that counts its bytes and stops at its limits; errors of decompression become `InputError`."""

    def __init__(self, stream: BinaryIO, where: str, limit: int, packed: _Tallied | None = None) -> None:
        self._stream = stream
        self._where = where
        self._limit = limit
        self._packed = packed
        self._packed_before = packed.count if packed is not None else 0
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes."""
        wanted = self._limit - self._count + 1 if size < 0 else size
        if self._packed is None:
            return self._piece(wanted)
        # A zip reads ahead as far as it is asked to: ask for little, or the count of consumed bytes says nothing.
        pieces = []
        while wanted > 0 and (piece := self._piece(min(wanted, _PIECE))):
            pieces.append(piece)
            wanted -= len(piece)
        return b"".join(pieces)

    def _piece(self, size: int) -> bytes:
        try:
            data = self._stream.read(size)
        except _BROKEN:
            raise InputError("this member of the zip is damaged or cannot be decompressed", where=self._where) from None
        except OSError as problem:
            raise InputError(f"cannot be read: {problem.strerror}", where=self._where) from None
        self._count += len(data)
        if self._count > self._limit:
            raise InputError(f"more than {self._limit} bytes", where=self._where)
        consumed = self._packed.count - self._packed_before if self._packed is not None else self._count
        if self._count > max(RATIO_FROM, consumed * MAX_RATIO):
            raise InputError(
                f"compressed more than {MAX_RATIO}:1, which may be a zip bomb", where=self._where, hint=_UNPACK
            )
        return data

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Tallied(io.FileIO):
    """The file of a zip; counts the bytes that are read, because the sizes that a zip declares cannot be trusted."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most `size` bytes."""
        data = super().read(size)
        self.count += len(data or b"")
        return data or b""

    def __del__(self) -> None:
        self.close()


class _Base(ABC):
    """The common part of the three sources."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def where(self, name: str) -> str:
        """Return the name of a member for errors."""
        return f"{self.path}/{name}"

    @abstractmethod
    def open(self, name: str, *, limit: int = MAX_MEMBER) -> BinaryIO:
        """Open a member for reading; more than `limit` bytes raise `InputError`."""

    def read(self, name: str, limit: int = MAX_SMALL) -> bytes:
        """Return the whole of a member."""
        with self.open(name, limit=limit) as stream:
            return stream.read()


class FileSource(_Base):
    """A single file, whose only member has the file's name."""

    def members(self) -> list[Member]:
        """Return the files, by name."""
        return [Member(self.path.name, self.path.stat().st_size)]

    def where(self, name: str) -> str:
        """Return the name of a member for errors."""
        return str(self.path)

    def open(self, name: str, *, limit: int = MAX_MEMBER) -> BinaryIO:
        """Open a member for reading; more than `limit` bytes raise `InputError`."""
        return cast(BinaryIO, _Counted(_readable(self.path), self.where(name), limit))

    def sha256(self, names: Iterable[str]) -> dict[str, str]:
        """Return the SHA-256 of the files that contain the members, by path as the user gave it."""
        return {str(self.path): hash_file(self.path) for _ in names}


class FolderSource(_Base):
    """A folder with everything in it except hidden files, run folders, and folders that are links."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._root = path.resolve()
        self._members = sorted(self._walk(path, ""), key=lambda member: member.name)

    def members(self) -> list[Member]:
        """Return the files, by name."""
        return list(self._members)

    def open(self, name: str, *, limit: int = MAX_MEMBER) -> BinaryIO:
        """Open a member for reading; more than `limit` bytes raise `InputError`."""
        target = self.path / name
        if not target.resolve().is_relative_to(self._root):
            raise InputError("this link leads out of the folder", where=self.where(name))
        if not target.is_file():
            raise InputError("not a file", where=self.where(name))
        return cast(BinaryIO, _Counted(_readable(target), self.where(name), limit))

    def sha256(self, names: Iterable[str]) -> dict[str, str]:
        """Return the SHA-256 of the files that contain the members, by path as the user gave it."""
        return {self.where(name): hash_file(self.path / name) for name in sorted(set(names))}

    def _walk(self, folder: Path, prefix: str) -> Iterator[Member]:
        count = 0
        pending = [(folder, prefix)]
        while pending:
            here, prefix = pending.pop()
            try:
                entries = [entry for entry in os.scandir(here) if not _is_clutter(entry.name)]
            except OSError as problem:
                raise InputError(f"cannot be read: {problem.strerror}", where=str(here)) from None
            if prefix and any(entry.name == _RUN_FILE for entry in entries):
                continue
            for entry in entries:
                count += 1
                if count > MAX_ENTRIES:
                    raise InputError(
                        f"more than {MAX_ENTRIES} files",
                        where=str(self.path),
                        hint="pass the folder or file of the export itself",
                    )
                if entry.is_dir(follow_symlinks=False):
                    pending.append((Path(entry.path), f"{prefix}{entry.name}/"))
                elif entry.is_file(follow_symlinks=False) or entry.is_symlink():
                    yield Member(f"{prefix}{entry.name}", entry.stat(follow_symlinks=False).st_size)


class ZipSource(_Base):
    """A zip, whose members are read without ever writing them to the disk."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            self._file = _Tallied(path)
            self._zip = zipfile.ZipFile(self._file)
        except _BROKEN:
            self._refuse("it is not a zip, or it is damaged", "download it again")
        except OSError as problem:
            self._refuse(f"cannot be read: {problem.strerror}")
        infos = self._zip.infolist()
        if len(infos) > MAX_ENTRIES:
            self._refuse(f"more than {MAX_ENTRIES} entries", _UNPACK)
        self._infos: dict[str, zipfile.ZipInfo] = {}
        seen: set[str] = set()
        for number, info in enumerate(infos, 1):
            key = self._check(info, number)
            if key in seen:
                self._refuse(f"entry {number} has the same name as another entry")
            seen.add(key)
            if not info.is_dir() and not any(_is_clutter(part) for part in info.filename.split("/")):
                self._infos[info.filename] = info
        runs = {name.rpartition("/")[0] + "/" for name in self._infos if name.endswith("/" + _RUN_FILE)}
        if runs:
            folders = tuple(runs)
            self._infos = {name: info for name, info in self._infos.items() if not name.startswith(folders)}

    def members(self) -> list[Member]:
        """Return the files, by name."""
        return [Member(name, self._infos[name].file_size) for name in sorted(self._infos)]

    def open(self, name: str, *, limit: int = MAX_MEMBER) -> BinaryIO:
        """Open a member for reading; more than `limit` bytes raise `InputError`."""
        info = self._infos.get(name)
        if info is None:
            raise InputError("no such member", where=self.where(name))
        packed = None if info.compress_type == zipfile.ZIP_STORED else self._file
        try:
            stream = cast(BinaryIO, self._zip.open(info))
        except (*_BROKEN, OSError):
            raise InputError(
                "this member of the zip is damaged or cannot be decompressed", where=self.where(name)
            ) from None
        return cast(BinaryIO, _Counted(stream, self.where(name), limit, packed))

    def sha256(self, names: Iterable[str]) -> dict[str, str]:
        """Return the SHA-256 of the files that contain the members, by path as the user gave it."""
        return {str(self.path): hash_file(self.path)}

    def _check(self, info: zipfile.ZipInfo, number: int) -> str:
        """Refuse an entry that no genuine export has; return its name in normalized form."""
        name = info.orig_filename
        parts = PurePosixPath(name).parts
        if "\\" in name or "\0" in name or name.startswith("/") or ".." in parts or ":" in name[:2]:
            self._refuse(f"entry {number}: its name leads out of the zip")
        if stat.S_ISLNK(info.external_attr >> 16):
            self._refuse(f"entry {number} is a link", _UNPACK)
        if info.flag_bits & 0x1:
            self._refuse(f"entry {number} is encrypted", "unpack it with its password and pass the folder")
        if info.compress_type not in _METHODS:
            self._refuse(f"entry {number}: compression method {info.compress_type} is not supported", _UNPACK)
        return "/".join(parts)

    def _refuse(self, message: str, hint: str | None = None) -> NoReturn:
        raise InputError(message, where=str(self.path), hint=hint) from None


def _is_clutter(name: str) -> bool:
    return name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini")


def _readable(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}", where=str(path)) from None

"""Replace a file, or members of a zip; the original stays intact until the new version is complete."""

from __future__ import annotations

import contextlib
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import BinaryIO, NoReturn

from alabtrain.core.errors import InputError
from alabtrain.core.files import flush, replacing

_COPY_SIZE = 1 << 20
# PKWARE's APPNOTE.TXT, sections 4.3.7 (local header), 4.3.12 (central directory) and 4.3.16 (its end).
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_HAS_DESCRIPTOR = 0x8
_UNFIT = "unpack it, deploy into the folder, and zip it again; or write only the config with --output"


def replace_file(path: Path, data: bytes) -> Path:
    """Write `data` to `path` and return the backup file that holds the former content.

    The permissions stay; a link stays and its target is replaced. Raises `SetupError`.
    """
    with replacing(path) as stream:
        stream.write(data)
        return _keep(path, stream)


def replace_files(files: Mapping[Path, bytes]) -> list[Path]:
    """Replace several files, or none: if one fails, those before it get their former content back.

    Returns the backup files, in the same order. Raises `SetupError`.
    """
    kept: dict[Path, Path] = {}
    try:
        for path, data in files.items():
            kept[path] = replace_file(path, data)
    except BaseException:
        for path, backup in kept.items():
            with contextlib.suppress(OSError):  # then the backup stays, for people
                backup.replace(path.resolve())
        raise
    return list(kept.values())


def replace_members(path: Path, members: Mapping[str, bytes]) -> Path:
    """Replace the content of members of a zip and return the backup of the former zip.

    All other members are copied in their compressed form, with their metadata.

    Raises:
        InputError: the structure of the zip is unusual (over 4 GiB, in several parts).
        SetupError: it cannot be written.
    """
    with replacing(path) as stream:
        with _readable(path) as source:
            _Zip(path, source).copy(stream, members)
        stream.flush()
        _compare(path, Path(stream.name), members)
        return _keep(path, stream)


def _keep(path: Path, following: BinaryIO) -> Path:
    """Link the file under a second name with a timestamp, once the version that follows it is on the disk.

    Where the file system has no links, it is copied.
    """
    flush(following)
    target = path.resolve()
    stem = f"{target.name}.bak-{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}"
    for number in range(1, 1000):
        backup = target.with_name(stem if number == 1 else f"{stem}-{number}")
        try:
            os.link(target, backup)
        except FileExistsError:
            continue
        except OSError:
            if backup.exists():
                continue
            shutil.copy2(target, backup)
        return backup if path.is_symlink() else path.with_name(backup.name)
    raise InputError("too many backups of one second", where=str(target))


def _readable(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}", where=str(path)) from None


class _Zip:
    """The bytes of a zip, entry by entry, so that they can be copied without unpacking."""

    def __init__(self, path: Path, stream: BinaryIO) -> None:
        self._path = path
        self._stream = stream
        try:
            with zipfile.ZipFile(path) as archive:
                self._names = [info.filename for info in archive.infolist()]
        except (OSError, zipfile.BadZipFile):
            self._refuse("it is not a zip, or it is damaged")
        self._end = self._read_end()
        count, size, self._directory = self._end[4], self._end[5], self._end[6]
        stream.seek(self._directory)
        self._entries = _split_directory(stream.read(size))
        if len(self._entries) != count or len(self._names) != count:
            self._refuse("its directory is unusual")
        starts = sorted(entry.offset for entry in self._entries)
        if len(set(starts)) != len(starts) or (starts and starts[-1] >= self._directory):
            self._refuse("its entries overlap or are out of order")
        self._following = dict(zip(starts, [*starts[1:], self._directory], strict=True))

    def copy(self, target: BinaryIO, members: Mapping[str, bytes]) -> None:
        """Write the zip to `target`; entries named in `members` get the content given there."""
        by_offset = sorted(zip(self._entries, self._names, strict=True), key=lambda pair: pair[0].offset)
        self._copy(target, 0, by_offset[0][0].offset if by_offset else self._directory)
        for entry, name in by_offset:
            begin = entry.offset
            entry.offset = target.tell()
            if name in members:
                self._write(target, entry, begin, members[name])
            else:
                self._copy(target, begin, self._following[begin])
        start = target.tell()
        for entry in self._entries:
            target.write(entry.packed())
        end = list(self._end[:-1])
        end[5], end[6] = target.tell() - start, start
        target.write(_END.pack(*end, len(self._end[-1])) + self._end[-1])

    def _write(self, target: BinaryIO, entry: _Entry, begin: int, data: bytes) -> None:
        """Write an entry with new content, stored or deflated as before, with its time and name."""
        self._stream.seek(begin)
        local = list(_LOCAL.unpack(self._stream.read(_LOCAL.size)))
        name = self._stream.read(local[9])
        stored = entry.fields[4] == zipfile.ZIP_STORED
        body = data if stored else _deflated(data)
        method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        checksum = zlib.crc32(data)
        local[2:4] = [local[2] & ~_HAS_DESCRIPTOR, method]
        local[6:11] = [checksum, len(body), len(data), len(name), 0]
        target.write(_LOCAL.pack(*local) + name + body)
        entry.fields[3:5] = [entry.fields[3] & ~_HAS_DESCRIPTOR, method]
        entry.fields[7:10] = [checksum, len(body), len(data)]

    def _copy(self, target: BinaryIO, begin: int, end: int) -> None:
        self._stream.seek(begin)
        left = end - begin
        while left > 0:
            piece = self._stream.read(min(left, _COPY_SIZE))
            if not piece:
                self._refuse("it is truncated")
            target.write(piece)
            left -= len(piece)

    def _read_end(self) -> tuple[bytes, int, int, int, int, int, int, bytes]:
        length = self._stream.seek(0, os.SEEK_END)
        tail_start = self._stream.seek(max(0, length - _END.size - 0xFFFF))
        tail = self._stream.read()
        position = tail.rfind(b"PK\x05\x06")
        while position >= 0:
            fields = _END.unpack_from(tail, position) if len(tail) - position >= _END.size else None
            if fields and position + _END.size + fields[-1] == len(tail):
                # Nothing lies between directory and end record, except in a 64-bit zip.
                if fields[1] or fields[5] + fields[6] != tail_start + position:
                    break
                return (*fields[:-1], tail[position + _END.size :])
            position = tail.rfind(b"PK\x05\x06", 0, position)
        return self._refuse("its structure is unusual")

    def _refuse(self, message: str) -> NoReturn:
        raise InputError(f"this zip cannot be changed: {message}", where=str(self._path), hint=_UNFIT) from None


class _Entry:
    """One record of the central directory: its fixed fields, then name, extra and comment unchanged."""

    def __init__(self, record: bytes) -> None:
        self.fields = list(_CENTRAL.unpack_from(record))
        self.rest = record[_CENTRAL.size :]

    @property
    def offset(self) -> int:
        """The byte offset of the entry's local header in the file."""
        return int(self.fields[-1])

    @offset.setter
    def offset(self, value: int) -> None:
        self.fields[-1] = value

    def packed(self) -> bytes:
        """Return the record as bytes."""
        return _CENTRAL.pack(*self.fields) + self.rest


def _split_directory(directory: bytes) -> list[_Entry]:
    entries: list[_Entry] = []
    position = 0
    while directory[position : position + 4] == b"PK\x01\x02" and len(directory) - position >= _CENTRAL.size:
        fields = _CENTRAL.unpack_from(directory, position)
        length = _CENTRAL.size + sum(fields[10:13])
        entries.append(_Entry(directory[position : position + length]))
        position += length
    return entries


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def _compare(path: Path, new: Path, members: Mapping[str, bytes]) -> None:
    """Raise `InputError` unless the metadata of all other members is the same in both zips."""
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(new) as after:
        records = [[_metadata(info) for info in z.infolist() if info.filename not in members] for z in (before, after)]
        same = records[0] == records[1] and before.comment == after.comment
        if not same or any(after.read(name) != data for name, data in members.items()):
            raise InputError("this zip cannot be changed: its structure is unusual", where=str(path), hint=_UNFIT)


def _metadata(info: zipfile.ZipInfo) -> tuple[object, ...]:
    return tuple(getattr(info, name) for name in info.__slots__ if name in _COMPARED_FIELDS)


_COMPARED_FIELDS = frozenset(
    ["filename", "date_time", "compress_type", "comment", "extra", "create_system", "create_version",
     "extract_version", "flag_bits", "internal_attr", "external_attr", "CRC", "compress_size", "file_size"]
)  # fmt: skip

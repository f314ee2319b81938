from __future__ import annotations

import hashlib
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from alabtrain.core.errors import InputError, UsageError
from alabtrain.project import source
from alabtrain.project.source import FileSource, FolderSource, ZipSource, open_source
from tests.support.builders import write_folder, write_zip


def test_the_three_kinds_read_alike(tmp_path: Path) -> None:
    files = {"a.json": b"[]", "deep/er/b.xml": b"<View/>"}
    folder = open_source(write_folder(tmp_path / "folder", files))
    packed = open_source(write_zip(tmp_path / "p.zip", files))
    for opened in (folder, packed):
        assert [m.name for m in opened.members()] == ["a.json", "deep/er/b.xml"]
        assert opened.read("deep/er/b.xml") == b"<View/>"
    single = open_source(tmp_path / "folder/a.json")
    assert [m.name for m in single.members()] == ["a.json"]
    assert single.read("a.json") == b"[]"
    assert (type(folder), type(packed), type(single)) == (FolderSource, ZipSource, FileSource)


def test_hashes_go_by_the_path_as_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_folder(Path("folder"), {"a.json": b"[]"})
    write_zip(Path("p.zip"), {"a.json": b"[]"})
    empty = hashlib.sha256(b"[]").hexdigest()
    assert open_source(Path("folder")).sha256(["a.json"]) == {"folder/a.json": empty}
    assert open_source(Path("folder/a.json")).sha256(["a.json"]) == {"folder/a.json": empty}
    assert open_source(Path("p.zip")).sha256(["a.json"]) == {
        "p.zip": hashlib.sha256(Path("p.zip").read_bytes()).hexdigest()
    }


def test_clutter_and_runs_are_passed_over(tmp_path: Path) -> None:
    files = {
        "a.json": b"[]",
        ".hidden.json": b"[]",
        "__MACOSX/._a.json": b"x",
        ".git/b.json": b"[]",
        "runs/one/run.json": b"{}",
        "runs/one/config.xml": b"<View/>",
        "runs/one/model/c.json": b"[]",
    }
    for opened in (
        open_source(write_folder(tmp_path / "f", files)),
        open_source(write_zip(tmp_path / "p.zip", files)),
    ):
        assert [m.name for m in opened.members()] == ["a.json"]


@pytest.mark.parametrize("name", ["../a.json", "/etc/a.json", "x/../../a.json", "a\\b.json", "C:/a.json"])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="leads out"):
        open_source(write_zip(tmp_path / "p.zip", {"ok.json": b"[]", name: b"[]"}))


def test_links_in_a_zip_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        archive.writestr(link, "/etc/hostname")
    with pytest.raises(InputError, match="a link"):
        open_source(tmp_path / "p.zip")


@pytest.mark.parametrize("second", ["a.json", "./a.json", "a//b.json"])
def test_duplicates_are_refused(tmp_path: Path, second: str) -> None:
    first = "a/b.json" if "//" in second else "a.json"
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        archive.writestr(first, "[]")
        with pytest.warns(UserWarning, match="Duplicate") if first == second else _Nothing():
            archive.writestr(second, "[1]")
    with pytest.raises(InputError, match="the same name as another entry"):
        open_source(tmp_path / "p.zip")


def test_encrypted_and_unknown_packing_are_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "p.zip", {"a.json": b"[]"})
    data = bytearray(path.read_bytes())
    central = data.rindex(b"PK\x01\x02")
    locked = bytearray(data)
    locked[central + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(locked)
    with pytest.raises(InputError, match="encrypted"):
        open_source(tmp_path / "locked.zip")
    struct.pack_into("<H", data, central + 10, 97)
    (tmp_path / "odd.zip").write_bytes(data)
    with pytest.raises(InputError, match="method 97"):
        open_source(tmp_path / "odd.zip")


def test_a_zip_bomb_is_stopped_while_reading(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "p.zip", {"a.json": b"[" + b" " * (30 << 20)})
    stream = open_source(path).open("a.json")
    with stream, pytest.raises(InputError, match="zip bomb"):
        list(iter(lambda: stream.read(1 << 20), b""))


def test_the_declared_size_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "p.zip", {"a.json": b"[" + b"1" * 5000})
    opened = open_source(path)
    with pytest.raises(InputError, match="more than 100 bytes"):
        opened.read("a.json", 100)
    monkeypatch.setattr(source, "MAX_ENTRIES", 0)
    with pytest.raises(InputError, match="more than 0 entries"):
        open_source(path)


def test_a_damaged_member_is_an_error(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "p.zip", {"a.json": b"[1, 2, 3]"}, method=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"[1, 2, 3]", b"[1, 2, 4]"))
    with pytest.raises(InputError, match="damaged"):
        open_source(path).read("a.json")


def test_a_file_that_only_claims_to_be_a_zip(tmp_path: Path) -> None:
    (tmp_path / "p.zip").write_bytes(b"hello")
    with pytest.raises(InputError, match="not a zip"):
        open_source(tmp_path / "p.zip")


def test_links_out_of_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("[]")
    folder = write_folder(tmp_path / "f", {"in.json": b"[]"})
    (folder / "out.json").symlink_to(tmp_path / "secret.json")
    (folder / "fine.json").symlink_to(folder / "in.json")
    opened = open_source(folder)
    assert opened.read("fine.json") == b"[]"
    with pytest.raises(InputError, match="leads out of the folder"):
        opened.open("out.json")


def test_a_folder_has_a_largest_number_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_folder(tmp_path / "f", {f"{n}.json": b"[]" for n in range(4)})
    monkeypatch.setattr(source, "MAX_ENTRIES", 3)
    with pytest.raises(InputError, match="more than 3 files"):
        open_source(folder)


def test_nothing_there_and_no_regular_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        open_source(tmp_path / "nowhere.zip")
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(InputError, match="neither a file nor a folder"):
        open_source(tmp_path / "pipe.json")


class _Nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def test_the_declared_packed_size_is_not_believed(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "p.zip", {"a.json": b"[" + b" " * (30 << 20)})
    content = bytearray(path.read_bytes())
    (packed,) = struct.unpack_from("<I", content, content.index(b"PK\x01\x02") + 20)
    for mark, at in ((b"PK\x01\x02", 20), (b"PK\x03\x04", 18)):
        struct.pack_into("<I", content, content.index(mark) + at, packed + (1 << 20))
    # As much follows as is declared, but the packed data end before.
    at = content.index(b"PK\x01\x02")
    content[at:at] = bytes(1 << 20)
    end = content.rindex(b"PK\x05\x06")
    struct.pack_into("<I", content, end + 16, at + (1 << 20))
    path.write_bytes(content)
    stream = open_source(path).open("a.json")
    with stream, pytest.raises(InputError, match="zip bomb"):
        list(iter(lambda: stream.read(1 << 20), b""))

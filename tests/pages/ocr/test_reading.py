"""Words of pages that have none: read by Tesseract, kept, and every bad picture told."""

from __future__ import annotations

import io
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest

from alabtrain.core.errors import SetupError
from alabtrain.pages.boxes import Box
from alabtrain.pages.ocr.reading import PageReader
from alabtrain.pages.ocr.tesseract import find_tesseract
from alabtrain.pages.words import Page, Word
from alabtrain.project.parsing import parse_task
from alabtrain.project.records import Task
from alabtrain.project.source import open_source
from tests.support import builders as b
from tests.support.paths import REPOSITORY

NEW = REPOSITORY / "examples" / "invoices" / "new"


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("ALABTRAIN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def picture(kind: str = "PNG", mode: str = "RGB", exif: Any = None, size: tuple[int, int] = (400, 120)) -> bytes:
    """A page with three words."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("RGB", size, "white")
    ImageDraw.Draw(page).text((20, 40), "Invoice number 4711", fill="black", font=ImageFont.load_default(30))
    if exif:
        page = page.rotate(90, expand=True)  # as a camera that was held upright stores it
    written = io.BytesIO()
    page.convert(mode).save(written, kind, **({"exif": exif} if exif else {}))
    return written.getvalue()


def huge() -> bytes:
    """The head of a PNG of 30,000 x 30,000 pixels, and no pixel."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def rotated() -> Any:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6  # the right side is up
    return exif


def pages_of(folder: Path, **files: bytes) -> tuple[PageReader, list[tuple[Task, list[Page]]]]:
    b.write_folder(folder, {name.replace("_", "."): content for name, content in files.items()})
    tasks = []
    for number, name in enumerate(files, 1):
        file = name.replace("_", ".")
        tasks.append((parse_task(b.task(number, data={"image": [file]}), where="x"), [Page(1, file)]))
    return PageReader(open_source(folder), "en"), tasks


def test_the_words_of_a_drawn_page() -> None:
    from PIL import Image

    with Image.open(NEW / "new_1.png") as page:
        words = find_tesseract("en").read(page.convert("RGB"))
    found = {word.text: word.box for word in words}
    assert {"Made-up", "example."} <= set(found)
    assert all(
        0 <= word.box.left < word.box.right <= 850 and 0 <= word.box.top < word.box.bottom <= 1100 for word in words
    )
    assert found["Made-up"].top > 1000  # at the foot of the page, in its own pixels


def test_every_kind_of_bad_picture_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    good = picture()
    reader, tasks = pages_of(
        tmp_path / "p", good_png=good, cut_png=good[: len(good) // 2], empty_png=b"", pdf_png=b"%PDF-1.4 nothing",
        huge_png=huge(), cmyk_jpg=picture("JPEG", "CMYK"), turned_jpg=picture("JPEG", exif=rotated()),
    )  # fmt: skip
    missing = parse_task(b.task(99, data={"image": ["nowhere.png"]}), where="x")
    away = parse_task(b.task(98, data={"image": ["https://example.org/a.png"]}), where="x")
    tasks += [(missing, [Page(1, "nowhere.png")]), (away, [Page(1, "https://example.org/a.png")])]
    read = {page.image: [word.text for word in page.words] for _task, pages in reader.fill(tasks) for page in pages}
    assert read["good.png"] == read["cmyk.jpg"] == read["turned.jpg"] == ["Invoice", "number", "4711"]
    assert {finding.code: finding.count for finding in reader.findings()} == {
        "missing_image": 1, "remote_image": 1, "no_picture": 2, "broken_image": 1, "huge_image": 1,
    }  # fmt: skip


def no_engine(_lang: str) -> Any:
    raise SetupError("there is no engine")


def test_a_page_whose_picture_is_missing_needs_no_engine(tmp_path: Path) -> None:
    reader, tasks = pages_of(tmp_path / "p", cut_png=picture()[:100])
    reader.find = no_engine
    tasks.append((parse_task(b.task(9, data={"image": ["nowhere.png"]}), where="x"), [Page(1, "nowhere.png")]))
    assert [page.words for _task, pages in reader.fill(tasks) for page in pages] == [(), ()]
    assert {finding.code for finding in reader.findings()} == {"missing_image", "broken_image"}
    reader, tasks = pages_of(tmp_path / "q", good_png=picture())
    reader.find = no_engine
    with pytest.raises(SetupError, match="no engine"):
        list(reader.fill(tasks))


def test_what_is_wrong_with_the_picture_of_a_page_with_words_is_told(tmp_path: Path) -> None:
    reader, tasks = pages_of(tmp_path / "p", cut_png=picture()[:100], huge_png=huge())
    words = (Word("a", Box(0, 0, 5, 5)),)
    tasks = [(task, [Page(1, page.image, words) for page in pages]) for task, pages in tasks]
    tasks.append((parse_task(b.task(9, data={"image": ["nowhere.png"]}), where="x"), [Page(1, "nowhere.png", words)]))
    assert [page.words for _task, pages in reader.fill(tasks) for page in pages] == [words] * 3
    assert {finding.code: finding.count for finding in reader.findings()} == {
        "broken_image": 1, "huge_image": 1, "unseen_page": 1,
    }  # fmt: skip


def test_what_was_read_is_kept_for_the_user_alone(tmp_path: Path, own_cache: Path) -> None:
    reader, tasks = pages_of(tmp_path / "p", good_png=picture())
    first = [page.words for _task, pages in reader.fill(tasks) for page in pages]
    (kept,) = own_cache.glob("ocr/*/*.json")
    assert kept.stat().st_mode & 0o077 == kept.parent.stat().st_mode & 0o077 == 0

    class Unused:
        recipe = find_tesseract("en").recipe

        def read(self, _picture: Any) -> list[Word]:
            raise AssertionError("it was read again")

    again = PageReader(open_source(tmp_path / "p"), "en", find=lambda _lang: Unused())
    assert [page.words for _task, pages in again.fill(tasks) for page in pages] == first
    kept.write_text("{damaged")
    assert [page.words for _task, pages in reader.fill(tasks) for page in pages] == first


def test_without_keeping_nothing_of_a_page_is_left(tmp_path: Path, own_cache: Path) -> None:
    _reader, tasks = pages_of(tmp_path / "p", good_png=picture())
    reader = PageReader(open_source(tmp_path / "p"), "en", keep=False)
    assert [len(page.words) for _task, pages in reader.fill(tasks) for page in pages] == [3]
    assert not list(own_cache.glob("ocr/*/*.json"))


def test_a_language_without_data_is_told() -> None:
    with pytest.raises(SetupError, match="no data for the language xyz"):
        find_tesseract("xyz")


def test_without_any_tesseract_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alabtrain.pages.ocr.tesseract._packaged", lambda: None)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(SetupError, match="is not installed") as caught:
        find_tesseract("en")
    assert "alabtrain[ocr]" in (caught.value.hint or "")


def test_a_page_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, tasks = pages_of(tmp_path / "p", good_png=picture())
    find_tesseract("en")  # asks for its languages

    def slow(*command: Any, **_more: Any) -> Any:
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr("alabtrain.pages.ocr.tesseract.subprocess.run", slow)
    assert [page.words for _task, pages in reader.fill(tasks) for page in pages] == [()]
    assert [finding.code for finding in reader.findings()] == ["unread_page"]


def test_pages_with_words_need_no_engine(tmp_path: Path) -> None:
    _reader, tasks = pages_of(tmp_path / "p", good_png=picture())

    def none(_lang: str) -> Any:
        raise AssertionError("it was looked for")

    known = [(task, [Page(1, "good.png", (Word("here", Box(0, 0, 9, 9)),))]) for task, _pages in tasks]
    reader = PageReader(open_source(tmp_path / "p"), "en", find=none)
    ((_task, (page,)),) = reader.fill(known)
    assert page.words == known[0][1][0].words
    assert page.size == (400, 120)

"""Pictures of pages: which file is meant, what cannot be read, and the boxes on them."""

from __future__ import annotations

import contextlib
import io
import json
import struct
import warnings
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np  # noqa: TID253 - pictures are what is tested
import PIL.Image  # noqa: TID253
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.cli import run
from alabtrain.pages.boxes import Box
from alabtrain.pages.drawing import draw_boxes
from alabtrain.pages.images import ImageProblem, decode, find_image
from alabtrain.pages.results import ScoredPage, draw_results, found_boxes, picture_name
from alabtrain.project.source import Member, open_source
from tests.support import builders as b
from tests.support.pages import CONFIG, drawn, word

RED = (255, 0, 0)


def picture(kind: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (200, 100), **more: Any) -> bytes:
    written = io.BytesIO()
    PIL.Image.new(mode, size, "white").save(written, kind, **more)
    return written.getvalue()


def claimed(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is as large as this."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def upside_down() -> bytes:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter
    return picture("JPEG", exif=exif)


BROKEN = {
    "zero bytes": (b"", "no_picture"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "no_picture"),
    "cut off": (picture()[:-40], "broken_image"),
    "cut off early": (picture("JPEG", size=(900, 900))[:700], "broken_image"),
    "30,000 x 30,000": (claimed(30_000, 30_000), "huge_image"),
    "beyond all bounds": (claimed(2**31 - 1, 2**31 - 1), "huge_image"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_told(name: str) -> None:
    content, code = BROKEN[name]
    with pytest.raises(ImageProblem) as caught:
        decode(content)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "CMYK"), ("PNG", "P"), ("PNG", "1"), ("TIFF", "L"), ("PNG", "RGBA")]
)
def test_whatever_its_colours_are_a_picture_comes_in_rgb(kind: str, mode: str) -> None:
    written = io.BytesIO()
    PIL.Image.new(mode, (20, 10)).save(written, kind)
    assert (decode(written.getvalue()).mode, decode(written.getvalue()).size) == ("RGB", (20, 10))


def test_deep_greys_and_transparent_pictures_come_as_on_paper() -> None:
    deep = PIL.Image.fromarray(np.array([[0, 65535], [32768, 65535]], dtype=np.uint16))
    written = io.BytesIO()
    deep.save(written, "PNG")
    assert [pixel[0] for pixel in pixels(decode(written.getvalue()))] == [0, 255, 127, 255]
    clear = PIL.Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    clear.putpixel((1, 0), (0, 0, 0, 255))
    for mode in ("RGBA", "LA"):
        written = io.BytesIO()
        clear.convert(mode).save(written, "PNG")
        assert pixels(decode(written.getvalue())) == [(255, 255, 255), (0, 0, 0)]


def pixels(image: PIL.Image.Image) -> list[tuple[int, ...]]:
    return [tuple(map(int, row)) for row in np.asarray(image).reshape(-1, 3)]


def test_reading_in_threads_leaves_the_warnings_as_they_were() -> None:
    before = list(warnings.filters)
    content = picture()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: decode(content), range(200)))
    assert warnings.filters == before


def test_a_picture_is_turned_as_its_camera_says() -> None:
    assert decode(upside_down()).size == (100, 200)


@given(st.binary(max_size=300), st.integers(0, 300))
def test_whatever_the_bytes_are_there_is_a_picture_or_a_problem(rubbish: bytes, place: int) -> None:
    whole = picture(size=(20, 10))
    for content in (rubbish, whole[:place] + rubbish, whole[:20] + rubbish + whole[20:]):
        with contextlib.suppress(ImageProblem):
            assert decode(content).mode == "RGB"


@pytest.mark.parametrize(
    ("image", "found"),
    [
        ("/images/p/a.png", "images/p/a.png"),
        ("images/p/a.png?d=1", "images/p/a.png"),
        ("/elsewhere/b.png", "missing_image"),
        ("/data/upload/1/b.png", "images/p/b.png"),
        ("b.png", "images/p/b.png"),
        ("/data/upload/1/c.png", "missing_image"),
        ("/data/local-files/?d=p/a.png", "images/p/a.png"),
        ("/data/local-files/?d=mine/p/a%20b.png", "images/p/a b.png"),
        ("/images/p/a%20b.png", "images/p/a b.png"),
        ("/images/q/a.png", "missing_image"),
        ("twice.png", "missing_image"),
        ("q/twice.png", "images/q/twice.png"),
        ("https://example.org/a.png", "remote_image"),
        ("s3://bucket/a.png", "remote_image"),
        ("", "no_image"),
        (None, "no_image"),
        ("../../../etc/passwd", "missing_image"),
    ],
)
def test_the_file_that_is_meant_is_one_of_the_export(image: str | None, found: str) -> None:
    names = ["result.json", "images/p/a.png", "images/p/b.png", "images/p/twice.png", "images/q/twice.png"]
    names.append("images/p/a b.png")
    members = [Member(name, 1) for name in names]
    if "/" in found:
        assert find_image(members, image) == found
    else:
        with pytest.raises(ImageProblem) as caught:
            find_image(members, image)
        assert caught.value.code == found


def project(folder: Path, images: dict[str, bytes]) -> Path:
    boxes = [drawn("KEY", 0, 5, 45, 20), drawn("VALUE", 50, 5, 45, 20, pageNumber=2), drawn("KEY", 0, 60, 45, 20)]
    words = [[word("Secret", 2)], [word("thing", 60)]]
    data = {"image": ["/images/p/one.png", "/images/p/two.png"], "ocr_text": words}
    tasks = [b.task(1, b.completion(1001, result=boxes), data=data), b.task(2, data=data)]
    path = folder / "p.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("result.json", json.dumps(tasks))
        archive.writestr("config.xml", CONFIG.replace('value="KEY"', 'value="KEY" background="#ff0000"'))
        for name, content in images.items():
            archive.writestr(f"images/p/{name}", content)
    return path


def test_boxes_are_drawn_where_they_are_in_the_colours_of_the_config(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project(tmp_path, {"one.png": picture(), "two.png": picture()})
    assert run(["show", str(path), "1", "--output", str(tmp_path / "out"), "--json"]) == 0
    printed = capsys.readouterr().out
    told = json.loads(printed)
    assert told["boxes"] == {"KEY": 1, "VALUE": 1}
    assert [finding["code"] for finding in told["findings"]] == ["no_words"]
    first, second = (decode(Path(file).read_bytes()) for file in told["files"])
    assert first.getpixel((45, 20)) == RED
    assert first.getpixel((150, 80)) == (255, 255, 255)
    assert second.getpixel((10, 15)) == (255, 255, 255)
    assert second.getpixel((52, 20)) != (255, 255, 255)
    assert "Secret" not in printed


def test_a_page_without_a_picture_is_told_and_the_others_are_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project(tmp_path, {"one.png": b"%PDF-1.7", "two.png": picture()})
    assert run(["show", str(path), "1", "--output", str(tmp_path / "out"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [Path(file).name for file in told["files"]] == ["task-1-page-2.png"]
    assert [finding["examples"] for finding in told["findings"] if finding["code"] == "no_picture"] == [["page 1"]]


def test_an_unannotated_task_is_shown_without_boxes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project(tmp_path, {"one.png": picture(), "two.png": picture()})
    assert run(["show", str(path), "2", "--output", str(tmp_path / "out"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["completion_id"], told["boxes"], len(told["files"])) == (None, {}, 2)


def test_wrong_usage_is_told(tmp_path: Path, clinic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project(tmp_path, {})
    assert run(["show", str(path), "77"]) == 2
    assert "there is no task 77" in capsys.readouterr().err
    assert run(["show", str(clinic), "5"]) == 3
    assert "no RectangleLabels" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert run(["show", str(path), "1", "--output", str(tmp_path / "file")]) == 4


def test_the_real_forms_are_shown(shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["show", str(shared_data / "projects" / "funsd.zip"), "160", "--output", str(tmp_path), "--json"]
    assert run(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["boxes"] == {"HEADER": 1, "QUESTION": 10, "ANSWER": 6}
    assert len(told["files"]) == 1
    assert decode(Path(told["files"][0]).read_bytes()).size == (754, 1000)


def test_what_a_model_found_is_framed_and_what_was_drawn_filled() -> None:
    page = PIL.Image.new("RGB", (200, 100), "white")
    made = draw_boxes(page, [("KEY", Box(20, 40, 60, 60))], {"KEY": "#ff0000"}, found=[("KEY", Box(120, 40, 160, 60))])
    with PIL.Image.open(io.BytesIO(made)) as drawn:
        assert drawn.getpixel((40, 50)) not in ((255, 255, 255), RED)
        assert drawn.getpixel((20, 50)) != RED  # no frame
        assert drawn.getpixel((119, 50)) == RED
        assert drawn.getpixel((140, 50)) == (255, 255, 255)


def test_boxes_of_a_run_come_back_by_task_and_page() -> None:
    pages = [ScoredPage("7", 2, "a.png", (), (("KEY", Box(1, 2, 3.5, 4)),)), ScoredPage(8, 1, None, (), ())]
    lines = [json.loads(json.dumps(page.to_dict())) for page in pages]
    assert found_boxes(lines, 7) == {2: [("KEY", Box(1, 2, 3.5, 4))]}
    assert found_boxes(lines, "8") == {1: []}
    assert found_boxes(lines, 9) == {}


def test_pages_that_cannot_be_drawn_are_told(tmp_path: Path) -> None:
    source = open_source(b.write_folder(tmp_path / "p", {"a.png": picture(), "b.png": b"x"}))
    pages = [ScoredPage(1, 1, "a.png", (), ()), ScoredPage(2, 1, "b.png", (), ()), ScoredPage(3, 1, None, (), ())]
    names, findings = draw_results(source, pages, {}, tmp_path / "out")
    assert names == ["task-1-page-1.png"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == names
    assert {finding.code: finding.count for finding in findings} == {"no_image": 1, "no_picture": 1}


@pytest.mark.parametrize("name", ["../../etc", "a/b", "", "\u00e9"])
def test_the_name_of_a_picture_leads_nowhere(name: str) -> None:
    assert Path(picture_name(name, 1)).name == picture_name(name, 1)
    assert ".." not in picture_name(name, 1)


def test_a_picture_of_the_very_name_is_meant() -> None:
    members = [Member("x.png", 1), Member("sub/x.png", 1), Member("a?b.png", 1)]
    assert find_image(members, "x.png") == "x.png"
    assert find_image(members, "a?b.png") == "a?b.png"

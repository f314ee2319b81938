"""Boxes on pages: which words they are of, and what of them cannot be used."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import PIL.Image  # noqa: TID253 - pictures are what is tested
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.annotations.boxes import BoxReading, read_boxes
from alabtrain.cli import run
from alabtrain.core.findings import Tally
from alabtrain.pages.boxes import Box, make_box, union
from alabtrain.pages.words import Page, Word, read_pages, read_word, word_item
from alabtrain.project.parsing import parse_task
from tests.support import builders as b
from tests.support.pages import CONFIG, drawn, word


def pages(*words: dict[str, Any], image: Any = "a.png") -> list[Page]:
    task = parse_task(b.task(1, data={"image": [image], "ocr_text": [list(words)]}), where="test")
    return read_pages(task, "image")


def read(
    boxes: list[dict[str, Any]], found: list[Page], labels: tuple[str, ...] | None = ("KEY", "VALUE")
) -> BoxReading:
    return read_boxes(boxes, found, labels)


def codes(incidents: list[Any]) -> list[str]:
    return [incident.code for incident in incidents]


def test_a_box_has_the_words_that_it_covers() -> None:
    reading = read([drawn("KEY", 0, 5, 45, 20)], pages(word("Name", 2), word("of", 24), word("Date", 60)))
    assert [(box.label, box.words) for box in reading.boxes] == [("KEY", (0, 1))]
    assert (reading.entered, reading.lost, reading.noted) == (1, [], [])


def test_its_own_tokens_say_more_than_its_place() -> None:
    own = word("Date", 60)
    reading = read([drawn("KEY", 0, 5, 90, 20, tokens=[own])], pages(word("Name", 2), word("of", 24), own))
    assert reading.boxes[0].words == (2,)


def test_where_a_token_is_no_word_of_the_page_what_the_box_covers_counts_too() -> None:
    words = [word("Total", 2), word("amount", 24), word("due", 46)]
    tokens = [words[0], word("arnount", 24), words[2]]
    reading = read([drawn("KEY", 0, 5, 70, 20, tokens=tokens)], pages(*words))
    assert [box.words for box in reading.boxes] == [(0, 1, 2)]
    assert codes(reading.noted) == ["other_tokens"]


def test_what_is_guessed_from_a_transcript_is_no_token() -> None:
    box = drawn("KEY", 0, 5, 90, 20)
    box["value"]["text"] = ["Total amount due"]  # side by side, Total would be where it is, the others not
    reading = read([box], pages(word("Total", 0, 5, 28, 20), word("amount", 40), word("due", 65)))
    assert [box.words for box in reading.boxes] == [(0, 1, 2)]
    assert reading.noted == []


def test_percent_and_pixels_say_the_same() -> None:
    box = drawn("KEY", 0, 5, 45, 20)
    percent = {**box, "value": {k: v for k, v in box["value"].items() if not k.endswith("_px")}}
    found = pages(word("Name", 2), word("of", 24), word("Date", 60))
    assert read([percent], found).boxes == read([box], found).boxes


def test_a_word_in_two_boxes_belongs_to_the_smaller_one() -> None:
    boxes = [drawn("KEY", 0, 5, 90, 20), drawn("VALUE", 55, 5, 30, 20)]
    found = pages(word("Name", 2), word("of", 24), word("Date", 60))
    reading = read(boxes, found)
    assert [(box.label, box.words) for box in reading.boxes] == [("KEY", (0, 1)), ("VALUE", (2,))]
    assert codes(reading.noted) == ["shared_words"]
    # The order in the file does not matter.
    assert read(boxes[::-1], found).boxes == reading.boxes
    twice = read([drawn("KEY", 55, 5, 30, 20), drawn("VALUE", 55, 5, 30, 20, id="other")], found)
    assert (len(twice.boxes), codes(twice.lost)) == (1, ["words_taken"])


@pytest.mark.parametrize(
    ("box", "code"),
    [
        (drawn(None, 0, 5, 45, 20), "box_without_label"),
        (drawn("OTHER", 0, 5, 45, 20), "unknown_box_label"),
        (drawn("KEY", 0, 5, 0, 20), "broken_box"),
        (drawn("KEY", 0, 5, float("nan"), 20), "broken_box"),
        ({**drawn("KEY", 0, 5, 45, 20), "value": {"rectanglelabels": ["KEY"], "x": "left"}}, "broken_box"),
        ({**drawn("KEY", 0, 5, 45, 20), "value": None}, "box_without_label"),
        (drawn("KEY", 0, 5, 45, 20, pageNumber=2), "no_page"),
        (drawn("KEY", 0, 60, 45, 20), "no_words"),
    ],
)
def test_what_cannot_be_used_is_told(box: dict[str, Any], code: str) -> None:
    reading = read([box], pages(word("Name", 2)))
    assert (reading.boxes, codes(reading.lost), reading.entered) == ([], [code], 1)


def test_a_box_that_reaches_out_of_the_page_is_kept_and_told() -> None:
    reading = read([drawn("KEY", 0, 5, 250, 20)], pages(word("Name", 2)))
    assert (len(reading.boxes), codes(reading.noted)) == (1, ["outside_page"])


def test_label_studio_brings_the_words_of_a_page_without_any() -> None:
    box = drawn("KEY", 20, 5, 100, 20, id="x")
    box["value"] = {k: v for k, v in box["value"].items() if not k.endswith("_px")}
    del box["pageNumber"]
    text = {"id": "x", "type": "textarea", "from_name": "transcription", "value": {"text": ["Name of"]}}
    reading = read_boxes([box, text], pages(), ("KEY", "VALUE"), unread=True)
    assert [w.text for w in reading.pages[0].words] == ["Name", "of"]
    assert reading.boxes[0].words == (0, 1)
    first, second = (w.box for w in reading.pages[0].words)
    assert first.left == 20
    assert first.right < second.left < second.right == pytest.approx(120)


def test_broken_words_are_counted_and_pages_are_as_many_as_images_or_lists() -> None:
    data = {
        "image": ["a.png", 7],
        "ocr_text": [[word("Name", 2), {"text": "x"}, "y", word(" ", 2)], None, [word("B", 1)]],
    }
    tally = Tally()
    found = read_pages(parse_task(b.task(1, data=data), where="test"), "image", tally=tally)
    assert [(page.number, page.image, len(page.words)) for page in found] == [
        (1, "a.png", 1),
        (2, None, 0),
        (3, None, 1),
    ]
    assert tally.counts == {"broken_word": 3}


def test_a_quarter_turn_is_the_box_of_what_was_turned() -> None:
    turned = make_box(50, 10, 20, 10, 90)
    assert (turned.left, turned.top, turned.right, turned.bottom) == pytest.approx((40, 10, 50, 30))


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(0.1, 90), st.floats(0.1, 90), st.floats(-720, 720))
def test_a_turned_box_holds_its_corner_and_no_less_area(
    x: float, y: float, width: float, height: float, angle: float
) -> None:
    box = make_box(x, y, width, height, angle)
    assert box.left - 1e-6 <= x <= box.right + 1e-6
    assert box.top - 1e-6 <= y <= box.bottom + 1e-6
    assert box.area >= width * height * (1 - 1e-6) - 1e-6
    assert union([box, box]) == box
    assert box.covered_by(box) == pytest.approx(1)


NUMBERS = st.floats(-300, 300) | st.none() | st.just("x")
ITEMS = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["a", "b", ""]),
        "type": st.sampled_from(["rectanglelabels", "rectanglelabels", "textarea"]),
        "value": st.none() | st.fixed_dictionaries(
            {}, optional={
                **dict.fromkeys(("x", "y", "width", "height", "rotation", "x_px", "y_px", "width_px", "height_px"), NUMBERS),
                "rectanglelabels": st.lists(st.sampled_from(["KEY", "VALUE", "OTHER", 3]), max_size=2),
                "text": st.text() | st.lists(st.text(), max_size=2) | st.none(),
            },
        ),
    },
    optional={
        "pageNumber": st.integers(0, 3) | st.text(), "original_width": NUMBERS, "original_height": NUMBERS,
        "tokens": st.lists(st.just(word("Name", 2)) | st.none(), max_size=2),
    },
)  # fmt: skip


@given(st.lists(ITEMS, max_size=6), st.booleans())
def test_whatever_is_drawn_every_box_is_accounted_for(items: list[dict[str, Any]], empty: bool) -> None:
    words = [] if empty else [word("Name", 2), word("of", 24), word("Date", 60)]
    reading = read(items, pages(*words))
    assert reading.entered == len(reading.boxes) + len(reading.lost)
    taken = [(box.page, place) for box in reading.boxes for place in box.words]
    assert len(set(taken)) == len(taken)
    by_number = {page.number: page for page in reading.pages}
    assert all(place < len(by_number[page].words) for page, place in taken)
    assert Box(0, 0, 1, 1).area == 1


def test_check_counts_boxes_and_tells_of_those_without_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    boxes = [drawn("KEY", 0, 5, 45, 20), drawn("VALUE", 0, 60, 45, 20)]
    data = {"image": ["a.png"], "ocr_text": [[word("Secret", 2)]]}
    task = b.task(1, b.completion(1001, result=boxes), data=data)
    project = b.write_project(tmp_path / "p.zip", [task], config=CONFIG)
    run(["check", str(project), "--json"])
    printed = capsys.readouterr().out
    told = json.loads(printed)
    assert told["counts"]["labels"]["visual_ner"] == {"KEY": {"train": 1, "test": 0}}
    (finding,) = (finding for finding in told["findings"] if finding["code"] == "no_words")
    assert finding["examples"] == ["task 1, region r0-60 (VALUE)"]
    assert "Secret" not in printed


def test_every_box_of_a_real_project_finds_its_words(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(shared_data / "projects" / "funsd.zip"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    counts = {name: parts["train"] + parts["test"] for name, parts in told["counts"]["labels"]["visual_ner"].items()}
    assert counts == {"QUESTION": 4323, "ANSWER": 3541, "HEADER": 560}
    assert [finding["code"] for finding in told["findings"] if finding["severity"] != "info"] == []


def checked(tmp_path: Path, capsys: pytest.CaptureFixture[str], *tasks: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The findings of `check` on visual tasks, by code."""
    project = b.write_folder(tmp_path / "p", {"result.json": b.as_json(tasks), "config.xml": CONFIG.encode()})
    assert run(["check", str(project), "--json"]) == 0
    return {finding["code"]: finding for finding in json.loads(capsys.readouterr().out)["findings"]}


def boxed(number: int, *boxes: dict[str, Any], words: bool = True) -> dict[str, Any]:
    data = {"image": ["a.png"], **({"ocr_text": [[word("Name", 2)]]} if words else {})}
    return b.task(number, b.completion(number * 1000 + 1, result=list(boxes)), data=data)


def test_why_a_training_on_pages_would_be_poor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    box = drawn("KEY", 0, 5, 30, 20)
    found = checked(
        tmp_path, capsys, *(boxed(n, *([box] if n % 2 else [])) for n in range(1, 11)), boxed(11, words=False)
    )
    assert (found["few_pages"]["severity"], found["few_pages"]["count"]) == ("warning", 5)
    assert found["pages_without_boxes"]["message"] == "6 of 11 training pages have no box"
    assert found["pages_without_words"]["count"] == 1
    assert "10 words" in found["machine"]["message"]


def test_parameters_with_which_little_is_learned_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tasks = [boxed(n, drawn("KEY", 0, 5, 30, 20)) for n in range(1, 61)]
    project = b.write_folder(tmp_path / "p", {"result.json": b.as_json(tasks), "config.xml": CONFIG.encode()})
    assert run(["check", str(project), "--epochs", "5", "--batch-size", "64", "--learning-rate", "0.5"]) == 0
    told = capsys.readouterr().out
    assert "5 epochs of 60 windows in batches of 64 are 5 steps" in told
    assert "the learning rate is 0.5, but 0.001 worked well in benchmarks" in told
    assert run(["check", str(project)]) == 0
    told = capsys.readouterr().out
    assert "steps" not in told
    assert "learning rate" not in told


def png() -> bytes:
    written = io.BytesIO()
    PIL.Image.new("RGB", (200, 100)).save(written, "PNG")
    return written.getvalue()


def test_pictures_that_cannot_be_read_are_told_before_a_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = png()
    names = {"good.png": good, "cut.png": good[:-30], "empty.png": b"", "pdf.png": b"%PDF-1.4"}
    data = [{"image": [name]} for name in (*names, "missing.png")]
    data.append({"image": ["elsewhere.png"], "ocr_text": [[word("Name", 2)]]})
    tasks = [
        b.task(n, b.completion(n * 1000 + 1, result=[drawn("KEY", 0, 5, 30, 20)]), data=d)
        for n, d in enumerate(data, 1)
    ]
    files = {"result.json": b.as_json(tasks), "config.xml": CONFIG.encode(), **names}
    assert run(["check", str(b.write_folder(tmp_path / "p", files)), "--json"]) == 0
    found = {finding["code"]: finding["count"] for finding in json.loads(capsys.readouterr().out)["findings"]}
    assert (found["broken_image"], found["no_picture"], found["missing_image"], found["unseen_page"]) == (1, 2, 1, 1)


def test_a_good_project_of_pages_is_told_its_cost_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = checked(tmp_path, capsys, *(boxed(n, drawn("KEY", 0, 5, 30, 20)) for n in range(1, 61)))
    assert {code for code, finding in found.items() if finding["severity"] != "info"} <= {
        "unused_label",
        "single_label",
    }
    assert not {"few_pages", "pages_without_boxes", "pages_without_words"} & set(found)


def test_label_studio_counts_pages_from_zero() -> None:
    two = [*pages(word("Name", 2)), Page(2, "b.png", pages(word("Date", 2))[0].words)]
    box = drawn("KEY", 0, 5, 45, 20, item_index=1)
    del box["pageNumber"]
    assert [(found.page, found.words) for found in read([box], two).boxes] == [(2, (0,))]


def test_numbers_too_large_for_their_size_are_no_rectangle() -> None:
    for sides in ((0, 1e17, 1, 1), (1e308, 0, 1e308, 1)):
        with pytest.raises(ValueError, match="no rectangle"):
            make_box(*sides)


def test_boxes_on_pages_that_are_still_to_be_read_are_no_loss(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = checked(tmp_path, capsys, *(boxed(n, drawn("KEY", 0, 5, 30, 20), words=False) for n in range(1, 41)))
    assert found["pages_without_words"]["count"] == 40
    assert not {"no_words", "few_pages", "pages_without_boxes", "no_examples"} & set(found)


def test_a_word_that_is_thinner_than_a_pixel_can_be_read_again() -> None:
    thin = Word("|", Box(10, 10, 10.3, 20))
    again = read_word(word_item(thin))
    assert again is not None
    assert again.box.right > again.box.left

"""The order in which the words of a page are read."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.annotations.boxes import read_boxes
from alabtrain.pages.boxes import Box
from alabtrain.pages.order import reading_order
from alabtrain.pages.words import Word, read_pages
from alabtrain.project.project import open_project
from tests.support.pages import BOXES, line


def read(*lines: list[Word], seed: int = 1) -> str:
    """Read the words of lines that were thrown together."""
    words = [word for one in lines for word in one]
    random.Random(seed).shuffle(words)  # noqa: S311
    return " ".join(words[place].text for place in reading_order(words))


def test_one_column_is_read_line_by_line() -> None:
    assert read(line("The first line", 10, 10), line("and the second", 10, 22)) == "The first line and the second"


def test_two_columns_are_read_one_after_the_other() -> None:
    left, right = ("a long left", "column of it"), ("the right one", "comes behind")
    found = read(line(left[0], 10, 10), line(right[0], 200, 10), line(left[1], 10, 22), line(right[1], 200, 22))
    assert found == "a long left column of it the right one comes behind"


def test_a_form_is_read_caption_and_answer() -> None:
    rows = [line("Name:", 10, 10), line("Ann Smith", 100, 10), line("Date of birth:", 10, 30), line("1 May", 110, 30)]
    assert read(*rows) == "Name: Ann Smith Date of birth: 1 May"


def test_captions_of_two_lines_stay_together() -> None:
    rows = [
        line("Plaintiff's", 10, 10),
        line("counsel:", 10, 22),
        line("Doe & Roe", 150, 10),
        line("Main Street 1", 150, 22),
    ]
    assert read(*rows) == "Plaintiff's counsel: Doe & Roe Main Street 1"


def test_lines_of_different_height_are_of_different_blocks() -> None:
    assert read(line("BIG", 10, 10, 40), line("small print", 10, 52, 8)) == "BIG small print"


def test_a_scan_that_is_a_little_crooked_is_read_the_same() -> None:
    rows = [[Word(w.text, Box(w.box.left, w.box.top + w.box.left * 0.01, w.box.right, w.box.bottom + w.box.left * 0.01))
             for w in line(text, 10, top)] for text, top in (("one two three four five", 10), ("six seven eight nine", 22))]  # fmt: skip
    assert read(*rows) == "one two three four five six seven eight nine"


@given(st.lists(BOXES, max_size=25), st.randoms())
def test_every_word_is_read_once_in_whatever_order_they_come(boxes: list[Box], chance: random.Random) -> None:
    words = [Word(f"w{number}", box) for number, box in enumerate(boxes)]
    order = reading_order(words)
    assert sorted(order) == list(range(len(words)))
    if len(set(boxes)) == len(boxes):
        mixed = list(words)
        chance.shuffle(mixed)
        assert len(reading_order(mixed)) == len(order)


def test_few_regions_of_real_forms_are_torn_apart(shared_data: Path) -> None:
    """Of the test forms: the numbers in order.py were chosen on the others. Line by line it is about twice as many."""
    torn = total = 0
    for task in open_project(shared_data / "projects" / "funsd.zip").tasks():
        if "Test" not in task.tags:
            continue
        reading = read_boxes(task.completions[0].result, read_pages(task, "image"), None)
        place = {word: at for at, word in enumerate(reading_order(reading.pages[0].words))}
        for box in reading.boxes:
            places = [place[word] for word in box.words]
            total += 1
            torn += max(places) - min(places) != len(places) - 1
    assert total == pytest.approx(1998, abs=0)
    assert torn / total < 0.04

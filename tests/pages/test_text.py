"""Pages as texts: words in reading order, in windows, with boxes as spans and numbers for the layout."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.annotations.boxes import LabelledBox
from alabtrain.documents.pages import read_page_documents, spans_of
from alabtrain.documents.split import Split
from alabtrain.embeddings.registry import encoders
from alabtrain.pages.boxes import Box
from alabtrain.pages.codes import NAMES, NOTHING, code, word_codes, word_shape
from alabtrain.pages.layout import GROUPS, layout_names, layout_numbers, layout_rows
from alabtrain.pages.options import PageOptions
from alabtrain.pages.sheet import lay_out
from alabtrain.pages.text import page_text, plain_word
from alabtrain.pages.words import Page, Word
from alabtrain.project.project import open_project
from alabtrain.selection.select import select_project
from alabtrain.trainers.nerdl.limits import roomy_dimension
from alabtrain.trainers.visual_ner.layout_stage import visual_dimension
from tests.support import builders as b
from tests.support.pages import BOXES, CONFIG, drawn, line, word

WORDS = st.builds(Word, st.text(min_size=1, max_size=8).filter(lambda text: bool(text.strip())), BOXES)


def page(*lines: list[Word]) -> Page:
    return Page(1, "a.png", tuple(one for words in lines for one in words))


@given(st.lists(WORDS, min_size=1, max_size=30), st.integers(1, 9))
def test_each_word_stands_once_in_the_text_and_no_window_is_too_long(words: list[Word], window: int) -> None:
    text = page_text(Page(1, None, tuple(words)), window)
    assert text is not None
    assert sorted(text.order) == list(range(len(words)))
    assert [text.text[begin:end] for begin, end in text.spans] == [plain_word(one.text) for one in text.words]
    # What the tagger's tokenizer cuts at is between words only.
    assert [len(part.split(" ")) <= window for part in text.text.split("\n")].count(False) == 0
    assert sum(len(part.split(" ")) for part in text.text.split("\n")) == len(words)


def test_windows_are_cut_between_blocks() -> None:
    two = page(line("one two three", 10, 10), line("four five", 10, 60), line("six seven", 10, 120))
    text = page_text(two, 4)
    assert text is not None
    assert text.text == "one two three\nfour five six seven"


def test_a_page_without_words_has_no_text() -> None:
    assert page_text(Page(1, "a.png")) is None


def boxed(label: str, *words: int) -> LabelledBox:
    return LabelledBox(f"r-{label}", label, 1, Box(0, 0, 1, 1), words)


def test_boxes_become_spans_and_torn_ones_are_told() -> None:
    text = page_text(page(line("Name: Ann Smith", 10, 10), line("paid", 300, 10)))
    assert text is not None
    spans, torn = spans_of(text, [boxed("VALUE", 1, 2), boxed("KEY", 0, 3)])
    assert [(text.text[s.start : s.end], s.label) for s in spans] == [
        ("Name:", "KEY"), ("Ann Smith", "VALUE"), ("paid", "KEY"),
    ]  # fmt: skip
    assert [incident.code for incident in torn] == ["torn_box"]


def test_a_span_ends_with_its_window() -> None:
    text = page_text(page(line("one two three four", 10, 10)), 2)
    assert text is not None
    spans, torn = spans_of(text, [boxed("KEY", 1, 2)])
    assert [text.text[s.start : s.end] for s in spans] == ["two", "three"]
    assert len(torn) == 1


@given(st.lists(WORDS, min_size=1, max_size=15))
def test_every_word_has_the_same_numbers_and_none_is_out_of_range(words: list[Word]) -> None:
    told = layout_numbers(lay_out(words))
    assert {len(numbers) for numbers in told} == {len(layout_names())}
    assert len({tuple(numbers) for numbers in told}) == 1
    assert all(-0.001 <= value <= 1.001 for numbers in told for value in numbers.values())


def test_layout_is_the_same_in_another_size() -> None:
    lines = [line("Name: Ann Smith", 10, 10), line("Date of birth:", 10, 40), line("1 May 1970", 160, 40)]
    small = [word for words in lines for word in words]
    large = [Word(w.text, Box(w.box.left * 3, w.box.top * 3, w.box.right * 3, w.box.bottom * 3)) for w in small]
    assert layout_numbers(lay_out(small)) == layout_numbers(lay_out(large))


def test_neighbours_are_told() -> None:
    words = [*line("Name:", 10, 10), *line("Ann", 100, 10), *line("Date:", 10, 40)]
    name, ann, date = layout_numbers(lay_out(words))
    assert ann["left_ends_colon"]
    assert not ann["right_ends_colon"]
    assert name["left_none"]
    assert name["below_ends_colon"]
    assert name["below_left_edge"]
    assert date["above_ends_colon"]
    assert date["begins_row"]
    assert date["ends_row"]


@given(st.lists(WORDS, min_size=1, max_size=15))
def test_codes_stand_behind_the_numbers_and_a_float_holds_each(words: list[Word]) -> None:
    text = page_text(Page(1, None, tuple(words)))
    assert text is not None
    codes = word_codes(text)
    assert {len(told) for told in codes} == {len(NAMES)}
    assert all(
        0 <= number < 2**24 and struct.unpack("f", struct.pack("f", number))[0] == number
        for told in codes
        for number in told
    )
    rows = layout_rows(text)
    assert [list(map(int, row[len(layout_names()) :])) for row in rows] == codes


def test_codes_tell_the_words_around() -> None:
    text = page_text(page(line("Full Name:", 10, 10), line("Ann Smith", 200, 10), line("Date:", 10, 40)))
    assert text is not None
    told = [dict(zip(NAMES, codes, strict=True)) for codes in word_codes(text)]
    place = {one.text: number for number, one in enumerate(text.words)}
    ann, full, date = (told[place[word]] for word in ("Ann", "Full", "Date:"))
    assert (ann["left_first"], ann["left_last"]) == (code("left_first", "full"), code("left_last", "name:"))
    assert (ann["word"], ann["shape"], ann["suffix"]) == (
        code("word", "ann"),
        code("shape", "Xx"),
        code("suffix", "ann"),
    )
    assert (full["left_last"], date["left_last"]) == (NOTHING, NOTHING)
    assert (full["word+1"], full["word-1"]) == (code("word+1", "name:"), code("word-1", ""))
    assert date["above_last"] == code("above_last", "name:") != code("above_first", "name:")


def test_a_word_has_a_shape() -> None:
    assert [word_shape(word) for word in ("Ann", "USA", "12/05", "a1B2", "\u00c4\u00df", "...", "\U0001f600", "")] == [
        "Xx", "X", "d/d", "xdXd", "Xx", ".", "\U0001f600", "",
    ]  # fmt: skip


def test_groups_of_numbers_can_be_left_out() -> None:
    assert layout_names(()) == ()
    assert len(layout_names(GROUPS)) == len(layout_names()) == sum(len(layout_names([name])) for name in GROUPS)


def project(tmp_path: Path, *tasks: dict[str, Any]) -> Path:
    return b.write_folder(tmp_path / "p", {"result.json": b.as_json(tasks), "config.xml": CONFIG.encode()})


def task(number: int, *boxes: dict[str, Any], words: Any = None, **fields: Any) -> dict[str, Any]:
    data = {"image": [f"/images/p/{number}.png"]}
    if words is not None:
        data["ocr_text"] = words
    return b.task(number, b.completion(number * 1000 + 1, result=list(boxes)), data=data, **fields)


def documents(tmp_path: Path, *tasks: dict[str, Any]) -> Any:
    opened = open_project(project(tmp_path, *tasks))
    chosen = select_project(opened)
    options = PageOptions("image", 100, {"KEY", "VALUE"})
    return read_page_documents(
        opened.tasks(), chosen.decisions, options=options, split=Split(by_tags=False, validation=0.0, seed=1)
    )


def test_a_document_a_page_and_all_is_accounted_for(tmp_path: Path) -> None:
    words = [[word("Name", 2), word("Ann", 60)], [word("Date", 2)]]
    boxes = [drawn("KEY", 0, 5, 30, 20), drawn("VALUE", 150, 5, 30, 20), drawn("VALUE", 0, 5, 30, 20, pageNumber=2)]
    read = documents(tmp_path, task(1, *boxes, words=words), task(2, drawn("KEY", 0, 5, 30, 20)))
    assert [(d.task_id, d.text, [(s.start, s.end, s.label) for s in d.spans]) for d in read.documents] == [
        (1, "Name Ann", [(0, 4, "KEY")]), (1, "Date", [(0, 4, "VALUE")]),
    ]  # fmt: skip
    stages = {stage.unit: (stage.entered, stage.lost) for stage in read.funnel}
    assert stages["tasks"] == (2, {})
    assert stages["pages"] == (3, {"no_word_on_page": 1})
    assert stages["boxes"] == (4, {"no_words": 2})
    assert {finding.code for finding in read.findings} == {"no_word_on_page", "no_words"}


def test_a_task_without_a_page_is_lost_with_its_boxes(tmp_path: Path) -> None:
    other = b.task(3, b.completion(3001, result=[drawn("KEY", 0, 5, 30, 20)]), data={"title": "x"})
    read = documents(tmp_path, task(1, drawn("KEY", 0, 5, 30, 20), words=[[word("Name", 2)]]), other)
    stages = {stage.unit: (stage.entered, stage.lost) for stage in read.funnel}
    assert stages["tasks"] == (2, {"no_page_in_task": 1})
    assert stages["boxes"] == (2, {"no_page": 1})


@pytest.mark.parametrize("text", ["two words", "a\u00a0b", "tab\tbed", "\U0001f600"])
def test_blanks_within_a_word_do_not_cut_it(text: str) -> None:
    made = page_text(Page(1, None, (Word(text, Box(0, 0, 9, 9)), Word("next", Box(20, 0, 29, 9)))))
    assert made is not None
    assert len(made.text.split(" ")) == 2


@pytest.mark.parametrize("text", ["a\u2554b", "\x02Name", "\uf050", "x\u2566", "\x7f"])
def test_marks_of_the_engine_are_told_in_another_way(text: str) -> None:
    made = page_text(Page(1, None, (Word(text, Box(0, 0, 9, 9)),)))
    assert made is not None
    assert len(made.text) == len(text)
    assert not set(made.text) & {"\u2554", "\u2566", "\x02", "\uf050", "\x7f"}
    assert made.words[0].text == text  # what is written to others is the word itself


def test_pages_that_train_and_test_are_told(tmp_path: Path) -> None:
    words = [[word("Name", 2), word("Ann", 60)]]
    box = drawn("KEY", 0, 5, 30, 20)
    opened = open_project(project(tmp_path, task(1, box, words=words), task(2, box, words=words, tags=["Test"])))
    chosen = select_project(opened)
    split = Split(by_tags=True, validation=0.0, seed=1)
    options = PageOptions("image", 100, {"KEY", "VALUE"})
    read = read_page_documents(opened.tasks(), chosen.decisions, options=options, split=split)
    assert "text_in_train_and_test" in {finding.code for finding in read.findings}


def test_pages_that_nobody_read_have_no_words_of_their_boxes(tmp_path: Path) -> None:
    box = {**drawn("KEY", 0, 5, 30, 20), "tokens": [word("Name", 2)]}
    read = documents(tmp_path, task(1, box), task(2, box, words=[[word("Name", 2)]]))
    assert [document.task_id for document in read.documents] == [2]
    assert {stage.unit: stage.lost for stage in read.funnel}["boxes"] == {"no_words": 1}


def test_the_numbers_fit_behind_the_vectors_of_the_usual_encoder() -> None:
    # One more, and NerDL's next graph has 2,048 numbers and takes twice as long.
    assert visual_dimension(encoders()["minilm"].dimension, len(layout_names())) == 1024


def test_the_layout_alone_has_a_graph_that_takes_many_characters() -> None:
    assert roomy_dimension(len(layout_names())) == 300  # that of 256 numbers takes 120 characters
    assert roomy_dimension(0) == 100

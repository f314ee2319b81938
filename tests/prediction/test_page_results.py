"""What models found on pages, as boxes that the tools import."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alabtrain.core.errors import InputError
from alabtrain.labeling.config import Label, parse_config
from alabtrain.pages.boxes import Box
from alabtrain.pages.layout import LAYOUT_VERSION, layout_names
from alabtrain.pages.ocr.options import OcrOptions
from alabtrain.pages.options import Recipe
from alabtrain.pages.text import page_text
from alabtrain.pages.words import Page, Word
from alabtrain.prediction.load import LoadedModel
from alabtrain.prediction.named_models import are_of_pages, named_models
from alabtrain.prediction.page_results import KeptPage, keep_page, page_items, taken_up, with_words
from alabtrain.prediction.pages import reading_in, tasks_of_pictures, window_of
from alabtrain.project.source import open_source
from alabtrain.store.entries import StoredModel
from alabtrain.store.store import LocalStore
from alabtrain.trainers.model_type import NamedModel
from alabtrain.trainers.predictions import Found, ResultCounts
from alabtrain.trainers.registry import model_type
from alabtrain.trainers.visual_ner.voting import EnsembleMember, _tags
from tests.support import builders as b

MODEL = NamedModel("visualner_p", model_type("visual_ner"), (Label("VALUE", group="label", to_name="image"),))
THEIRS = {"text": "theirs", "x": 1, "y": 1, "width": 5, "height": 5}
WORDS = (Word("Name:", Box(10, 10, 40, 20)), Word("\U0001f600", Box(60, 10, 70, 20)), Word("Ann", Box(72, 10, 90, 22)))


def kept(words: Sequence[Word] = WORDS, size: tuple[int, int] | None = (200, 100), number: int = 1) -> KeptPage:
    text = page_text(Page(number, "a.png", tuple(words)))
    return taken_up(json.loads(json.dumps(keep_page(number, size, text))))


def rows(*found: list[Found]) -> Iterator[Sequence[Sequence[Found]]]:
    return iter([[things] for things in found])


def items(*found: list[Found], pages: Sequence[KeptPage] | None = None) -> tuple[list[dict[str, Any]], ResultCounts]:
    account = ResultCounts()
    return page_items([MODEL], [kept()] if pages is None else pages, rows(*found), account), account


def test_words_of_an_entity_are_one_box_in_percent_and_pixels() -> None:
    # "Name: 😀 Ann": Java counts the emoji as two.
    (item,), account = items([Found(6, 11, "VALUE", 0.987654)])
    value = item["value"]
    assert (value["x"], value["y"], value["width"], value["height"]) == (30, 10, 15, 12)
    assert (value["x_px"], value["y_px"], value["width_px"], value["height_px"]) == (60, 10, 30, 12)
    assert (value["text"], value["rectanglelabels"], value["confidence"]) == (["\U0001f600 Ann"], ["VALUE"], "0.9877")
    assert [token["text"] for token in item["tokens"]] == ["\U0001f600", "Ann"]
    assert (item["from_name"], item["to_name"], item["type"], item["pageNumber"]) == (
        "label",
        "image",
        "rectanglelabels",
        1,
    )
    assert (item["original_width"], item["original_height"], item["score"]) == (200, 100, 0.9877)
    assert "item_index" not in item
    assert account.written == {"VALUE": 1}


def test_labels_that_the_config_does_not_have_are_dropped_and_counted() -> None:
    found, account = items([Found(0, 4, "OTHER", 0.5)])
    assert found == []
    assert account.dropped == {("visualner_p", "OTHER"): 1}


def test_pages_without_words_have_no_row_and_those_without_a_size_no_box() -> None:
    empty, sizeless = kept(()), kept(size=None, number=3)
    found, _account = items(
        [Found(0, 4, "VALUE", 0.5)], [Found(0, 4, "VALUE", 0.5)], pages=[kept(), empty, sizeless]
    )  # fmt: skip
    assert [(item["pageNumber"], item["item_index"]) for item in found] == [(1, 0)]


def test_a_task_keeps_its_own_words() -> None:
    own = {"id": 1, "data": {"image": ["a.png"], "ocr_text": [[THEIRS]]}}
    assert with_words(own, [kept()]) == own
    filled = with_words({"id": 1, "data": {"image": ["a.png"]}, "x": 1}, [kept()])
    assert [word["text"] for word in filled["data"]["ocr_text"][0]] == ["Name:", "\U0001f600", "Ann"]
    assert filled["x"] == 1


def test_words_that_nobody_can_read_are_no_words() -> None:
    broken = [{"text": "x", "x": 1, "y": 1, "width": 0, "height": 5}]
    for ocr_text in ([broken], broken):
        filled = with_words({"data": {"ocr_text": ocr_text}}, [kept()])["data"]["ocr_text"]
        assert [word["text"] for word in filled[0]] == ["Name:", "\U0001f600", "Ann"]
    good = [*broken, {"text": "x", "x": 1, "y": 1, "width": 5, "height": 5}]
    task = {"data": {"ocr_text": good}}
    assert with_words(task, [kept()])["data"]["ocr_text"] in (good, [good])


def test_pictures_of_a_folder_are_tasks(tmp_path: Path) -> None:
    b.write_folder(tmp_path / "p", {"b.PNG": b"x", "a.jpg": b"x", "notes.txt": b"x", "sub/c.tif": b"x"})
    tasks = list(tasks_of_pictures(open_source(tmp_path / "p"), "picture"))
    assert [(task.id, task.data["picture"]) for task in tasks] == [(1, ["a.jpg"]), (2, ["b.PNG"]), (3, ["sub/c.tif"])]


CONFIG = """<View><Labels name="l" toName="t"><Label value="A" model="ner_a"/></Labels><Text name="t" value="$text"/>
<RectangleLabels name="r" toName="i"><Label value="K" model="visualner_k"/></RectangleLabels><Image name="i" value="$image"/></View>"""


def test_models_of_pages_and_of_texts_do_not_go_together() -> None:
    models = named_models(parse_config(CONFIG.encode(), where="config.xml"))
    assert [(model.name, model.type) for model in models] == [("ner_a", "ner"), ("visualner_k", "visual_ner")]
    with pytest.raises(InputError, match="for pages and some for texts"):
        are_of_pages(models, "config.xml")
    assert are_of_pages(models[1:], "config.xml")
    assert not are_of_pages(models[:1], "config.xml")


def test_pages_without_words_are_filled_one_by_one() -> None:
    task = {"data": {"ocr_text": [[], [THEIRS]]}}
    filled = with_words(task, [kept(), kept(number=2)])["data"]["ocr_text"]
    assert [len(words) for words in filled] == [3, 1]
    assert [len(words) for words in with_words({"data": {"ocr_text": [[]]}}, [kept()])["data"]["ocr_text"]] == [3]


def loaded(name: str, version: int, window: int) -> LoadedModel:
    class Stage:
        def getStatement(self) -> str:  # noqa: N802 - as Spark has it
            return f"SELECT {Recipe(version, len(layout_names()), window)} 1"

    named = NamedModel("visualner_p", model_type("visual_ner"), run=name)
    stages: Any = (Stage(),)
    return LoadedModel(named, (), stages, "ner_chunk", (), "here")


def test_models_of_one_name_must_read_pages_alike() -> None:
    assert window_of([loaded("a", LAYOUT_VERSION, 60)]) == 60
    with pytest.raises(InputError, match=r"different windows \(60, 120 words\)"):
        window_of([loaded("a", LAYOUT_VERSION, 120), loaded("b", LAYOUT_VERSION, 60)])
    with pytest.raises(InputError, match="another version"):
        window_of([loaded("a", LAYOUT_VERSION + 1, 120), loaded("b", LAYOUT_VERSION, 120)])


def test_the_most_labels_that_a_network_takes_can_be_voted_on() -> None:
    tags = [f"{prefix}-L{number}" for number in range(18) for prefix in "BI"] + ["O"]
    letters = [tag.letter for tag in _tags([EnsembleMember("ner")], tags)]
    assert not any(letter in "\\'" for letter in letters)
    assert len(set(letters)) == len(tags)  # a character of its own for each


def test_pages_are_read_in_the_language_of_their_models(tmp_path: Path) -> None:
    model = b.write_folder(tmp_path / "model", {"metadata/part-00000": b"{}"})
    store = LocalStore(tmp_path / "models")
    store.add(StoredModel("visualner_p", "visual_ner", ("VALUE",), lang="de"), model)
    asked = OcrOptions(lang="pt")
    assert reading_in(OcrOptions(), [MODEL], store.where).lang == "de"
    assert reading_in(asked, [MODEL], store.where) == asked
    assert reading_in(OcrOptions(), [replace(MODEL, name="other")], store.where).lang == "en"
    of_run = replace(MODEL, path=tmp_path, run_lang="it")
    assert reading_in(OcrOptions(), [of_run], store.where).lang == "it"

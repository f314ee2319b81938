"""From what models found to predictions, and which models a config names; no Spark."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from alabtrain.cli import run
from alabtrain.core.errors import InputError
from alabtrain.labeling.config import parse_config
from alabtrain.prediction.apply import read_found
from alabtrain.prediction.named_models import named_models, text_of
from alabtrain.prediction.results import (
    USERNAME,
    others_than,
    prediction,
    prediction_id,
    text_items,
)
from alabtrain.project.parsing import parse_task
from alabtrain.trainers.predictions import Found, ResultCounts
from tests.support import builders as b

CONFIG = """<View>
  <Labels name="label" toName="text">
    <Label value="Symptom" model="ner_a"/>
    <Label value="Remedy" model="ner_b"/>
    <Label value="Dose" model="ner_b"/>
    <Label value="Absent" assertion="true" model="assertion_jsl_annotation_manual.model"/>
  </Labels>
  <Choices name="mood" toName="text" choice="single" model="classification_mood_annotation_manual">
    <Choice value="calm"/><Choice value="worried"/>
  </Choices>
  <Text name="text" value="$text"/>
</View>"""
TEXT = "\U0001f600 Mild cough. No fever."


def named(config: str = CONFIG) -> Any:
    return named_models(parse_config(config.encode(), where="config.xml"))


def predict(*found: list[Found], text: str = TEXT) -> tuple[dict[str, Any], ResultCounts]:
    account = ResultCounts()
    task = parse_task(b.task(7, data={"text": text}), where="x")
    models = named()
    things = [*found, *([] for _ in models[len(found) :])]
    about = text_of(parse_config(CONFIG.encode(), where="config.xml"), models)
    return prediction(task, models, text_items(text, models, things, about, account)), account


def test_the_models_of_a_config_in_the_order_in_which_they_run() -> None:
    assert [(model.name, model.type) for model in named()] == [
        ("ner_a", "ner"),
        ("ner_b", "ner"),
        ("assertion_jsl_annotation_manual", "assertion"),
        ("classification_mood_annotation_manual", "classification"),
    ]
    assert [label.name for label in named()[1].labels] == ["Remedy", "Dose"]


def config_of(labels: str) -> str:
    return f'<View><Labels name="label" toName="text">{labels}</Labels><Text name="text" value="$text"/></View>'


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ('<Label value="A"/>', "names no model"),
        ("".join(f'<Label value="L{n}" model="ner_{n}"/>' for n in range(6)), "6 models"),
        ('<Label value="A"/><Label value="No" assertion="true" model="assertion_x"/>', "assertion model"),
    ],
)
def test_models_that_do_not_go_together_are_told(labels: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        named(config_of(labels))


def test_a_classifier_is_of_one_group_and_all_models_are_about_one_text() -> None:
    group = '<Choices name="{}" toName="{}" model="classification_x"><Choice value="a"/><Choice value="b"/></Choices>'
    texts = '<Text name="text" value="$text"/><Text name="title" value="$title"/>'
    with pytest.raises(InputError, match="several Choices"):
        named(f"<View>{group.format('a', 'text')}{group.format('b', 'text')}{texts}</View>")
    labels = '<Labels name="label" toName="title"><Label value="A" model="ner_x"/></Labels>'
    config = parse_config(f"<View>{labels}{group.format('a', 'text')}{texts}</View>".encode(), where="c.xml")
    with pytest.raises(InputError, match="annotate 2 texts"):
        text_of(config, named_models(config))
    alone = parse_config(f"<View>{labels}{texts}</View>".encode(), where="c.xml")
    assert text_of(alone, named_models(alone)).key == "title"


def test_offsets_count_code_points_and_regions_stand_in_the_order_of_the_text() -> None:
    made, account = predict([Found(18, 22, "Symptom", 0.5), Found(3, 12, "Symptom", 0.9)])
    values = [item["value"] for item in made["result"]]
    assert [(v["start"], v["end"], v["text"]) for v in values] == [(2, 12, "Mild cough"), (17, 22, "fever")]
    assert [v["confidence"] for v in values] == ["0.9000", "0.5000"]
    assert made["score"] == 0.7
    assert account.written == {"Symptom": 2}


def test_every_region_has_an_id_of_its_own_and_the_group_of_the_config() -> None:
    made, _account = predict(
        [Found(3, 12, "Symptom", 0.9)], [], [Found(3, 12, "Absent", None)], [Found(0, 0, "calm", 0.8)]
    )
    assert len({item["id"] for item in made["result"]}) == 3
    assert [(item["type"], item["from_name"], item["to_name"]) for item in made["result"]] == [
        ("labels", "label", "text"), ("labels", "label", "text"), ("choices", "mood", "text"),
    ]  # fmt: skip
    first, status, choice = made["result"]
    assert (first["value"]["start"], first["value"]["end"]) == (status["value"]["start"], status["value"]["end"])
    assert "score" not in status
    assert choice["value"]["choices"] == ["calm"]
    assert {item["source"] for item in made["result"]} == {"$text"}


def test_a_single_choice_is_the_best_one_however_often_a_model_says_it() -> None:
    things = [Found(0, 0, "worried", 0.4), Found(0, 0, "calm", 0.8), Found(0, 0, "calm", 0.7)]
    made, account = predict([], [], [], things)
    assert [item["value"]["choices"] for item in made["result"]] == [["calm"]]
    assert account.written == {"calm": 1}


def test_a_score_that_is_no_number_is_none() -> None:
    rows = [SimpleNamespace(begin=0, end=1, label="x", score=score) for score in (float("nan"), None, 0.5)]
    assert [thing.score for thing in read_found(rows)] == [None, None, 0.5]
    assert read_found(None) == []


def test_what_the_config_does_not_have_for_a_model_is_dropped_and_counted() -> None:
    made, account = predict(
        [Found(3, 12, "Remedy", 0.9), Found(3, 12, "Nothing", 0.9)], [], [], [Found(0, 0, "sad", 0.8)]
    )
    assert made["result"] == []
    assert account.dropped == {
        ("ner_a", "Remedy"): 1, ("ner_a", "Nothing"): 1, ("classification_mood_annotation_manual", "sad"): 1,
    }  # fmt: skip


def test_a_status_is_said_once_of_an_entity_that_is_written() -> None:
    entities = [Found(3, 12, "Symptom", 0.9), Found(18, 22, "Nothing", 0.9)]
    statuses = [Found(3, 12, "Absent", 0.8), Found(3, 12, "Absent", 0.7), Found(18, 22, "Absent", 0.6)]
    made, account = predict(entities, [], statuses)
    assert [(item["value"]["start"], item["value"]["labels"]) for item in made["result"]] == [
        (2, ["Symptom"]), (2, ["Absent"]),
    ]  # fmt: skip
    assert account.written == {"Symptom": 1, "Absent": 1}
    assert account.alone == {"assertion_jsl_annotation_manual": 1}


def test_a_prediction_takes_the_place_of_ours_and_of_the_same_models_not_of_others() -> None:
    rows: list[dict[str, Any]] = [
        {"id": 7001, "created_username": USERNAME}, {"id": 7002, "model_version": "ner_a"},
        {"id": 7003, "model_version": "other"}, {"id": 7004, "created_username": "somebody"},
    ]  # fmt: skip
    task = parse_task({**b.task(7), "predictions": rows}, where="x")
    assert [row["id"] for row in others_than({"model_version": "ner_a"}, task)] == [7003, 7004]


def test_a_prediction_gets_a_number_that_nothing_else_in_the_task_has() -> None:
    rows = [{"id": 7002, "result": []}, {"id": [1]}, 3]
    assert prediction_id(parse_task(b.task(7, b.completion(7001), predictions=rows), where="x")) == 7003
    assert prediction_id(parse_task(b.task(7, predictions=3), where="x")) == 7001
    assert prediction_id(parse_task(b.task("seven"), where="x")) is None


def test_a_project_without_models_or_tasks_is_told_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = b.write_project(tmp_path / "p.zip", [b.task(1)])
    assert run(["preannotate", str(project)]) == 3
    assert "names no model" in capsys.readouterr().err
    assert not Path("preannotated.json").exists()
    with_models = b.write_project(tmp_path / "q.zip", [b.task(1)], config=CONFIG)
    assert run(["preannotate", str(with_models), "--output", str(tmp_path)]) == 2
    assert "this is a folder" in capsys.readouterr().err
    assert run(["preannotate", str(with_models), "--output", "x" * 300]) == 4


@pytest.mark.parametrize("command", ["preannotate", "evaluate", "rank"])
def test_a_config_that_names_no_model_is_told(command: str, clinic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, str(clinic)]) == 3
    assert "the labeling config names no model" in capsys.readouterr().err
    assert not Path("runs").exists()

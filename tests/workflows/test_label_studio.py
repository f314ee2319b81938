"""The way round with a real Label Studio: config, tasks, pre-annotation, annotations, export, training."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from alabtrain.cli import run
from tests.support.label_studio import LabelStudio, label_studio
from tests.support.paths import REPOSITORY
from tests.support.training import train

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.slow

COUNT = 60
OF_LABEL_STUDIO = ("id", "from_name", "to_name", "type", "value")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelStudio]:
    with label_studio(tmp_path_factory.mktemp("studio") / "data") as studio:
        yield studio


def new_tasks(clinic: Path) -> list[dict[str, Any]]:
    """The texts of the example without what was said of them, with fields that nobody but their owner knows."""
    with zipfile.ZipFile(clinic) as archive:
        tasks = json.loads(archive.read("result.json"))[:COUNT]
    return [
        {"data": {**task["data"], "extra": {"list": [1, None, "\U0001f600\r\n"]}}, "meta": {"ward": f"w{number}"}}
        for number, task in enumerate(tasks)
    ]


def said(result: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a result says, without the scores that Label Studio keeps beside it."""
    return [{key: item[key] for key in OF_LABEL_STUDIO} for item in result]


def test_the_way_round_loses_no_field(
    spark: SparkSession,
    mixed: dict[str, Any],
    clinic: Path,
    server: LabelStudio,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = Path(mixed["run"]) / "config.xml"
    tasks = new_tasks(clinic)

    # Tasks go in, and come out for us.
    first = server.make_project("before", config.read_text(encoding="utf-8"))
    server.add_tasks(first, tasks)
    exported = tmp_path / "exported.json"
    rows = server.exported(first)
    assert [{"data": row["data"], "meta": row["meta"]} for row in rows] == tasks
    exported.write_text(json.dumps(rows), encoding="utf-8")

    # We pre-annotate them, and every field of theirs is still there.
    ours = tmp_path / "preannotated.json"
    assert run(["preannotate", str(exported), "--config", str(config), "--output", str(ours), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["written"] == COUNT
    written = json.loads(ours.read_text(encoding="utf-8"))
    for row, task in zip(rows, written, strict=True):
        assert {**task, "predictions": []} == row
    predicted = [task["predictions"][0] for task in written]
    found = {item["type"] for prediction in predicted for item in prediction["result"]}
    assert found == {"labels", "choices"}

    # Label Studio takes the predictions as they are.
    second = server.make_project("after", config.read_text(encoding="utf-8"))
    server.add_tasks(second, written)
    rows = server.exported(second)
    assert [{"data": row["data"], "meta": row["meta"]} for row in rows] == tasks
    for row, prediction in zip(rows, predicted, strict=True):
        (kept,) = server.call("GET", "predictions", params={"task": row["id"]})
        assert said(kept["result"]) == said(prediction["result"])
        assert kept["model_version"] == prediction["model_version"]
        assert kept["score"] == pytest.approx(prediction["score"])
        # An annotator agrees, and submits.
        server.call("POST", f"tasks/{row['id']}/annotations", json={"result": kept["result"], "lead_time": 3.5})

    # What was submitted trains again, all of it.
    annotated = tmp_path / "annotated.json"
    rows = server.exported(second)
    annotated.write_text(json.dumps(rows), encoding="utf-8")
    for row, prediction in zip(rows, predicted, strict=True):
        (annotation,) = row["annotations"]
        assert said(annotation["result"]) == said(prediction["result"])
    assert run(["select", str(annotated), "--config", str(config), "--json"]) == 0
    selected = json.loads(capsys.readouterr().out)
    assert (len(selected["selected"]), selected["not_selected"]) == (COUNT, [])
    answer = train(str(annotated), "--config", str(config), "--type", "ner", "--epochs", "2")
    assert answer["state"] == "done"
    funnel = json.loads((Path(answer["run"]) / "funnel.json").read_text(encoding="utf-8"))
    (placed,) = (stage for stage in funnel["stages"] if stage["name"] == "place in text")
    entities = {"Problem", "Treatment", "Test", "Anatomy"}
    regions = [
        item for prediction in predicted for item in prediction["result"] if item["type"] == "labels"
        if entities & set(item["value"]["labels"])
    ]  # fmt: skip
    assert placed["entered"] == len(regions) > COUNT
    assert sum(placed["lost"].values()) == 0


def test_boxes_of_new_pages_stand_at_the_right_place(
    spark: SparkSession, server: LabelStudio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    invoices = REPOSITORY / "examples" / "invoices"
    project = str(invoices / "invoices.zip")
    trained = train(project, "--epochs", "12", "--members", "1", "--deploy", "--output", str(tmp_path))
    config, ours = Path(trained["run"]) / "config.xml", tmp_path / "new.json"
    arguments = ["--config", str(config), "--pictures", str(invoices / "new"), "--output", str(ours), "--json"]
    assert run(["preannotate", project, *arguments]) == 0
    assert sum(json.loads(capsys.readouterr().out)["regions"].values()) >= 2

    pages = server.make_project("pages", config.read_text(encoding="utf-8"))
    tasks = json.loads(ours.read_text(encoding="utf-8"))
    for task in tasks:
        (name,) = task["data"]["image"]
        task["data"]["image"] = server.upload(pages, invoices / "new" / name)
    server.add_tasks(pages, tasks)
    rows = server.exported(pages)
    for row, task in zip(rows, tasks, strict=True):
        (prediction,) = task["predictions"]
        (kept,) = server.call("GET", "predictions", params={"task": row["id"]})
        assert row["data"] == task["data"]
        assert said(kept["result"]) == said(prediction["result"])

    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        pytest.skip("there is no Chromium to look with")
    seen = server.photograph(pages, rows[0]["id"], tmp_path / "task.png")
    values = [item["value"] for item in tasks[0]["predictions"][0]["result"]]
    wanted = [[value[side] / 100 for side in ("x", "y", "width", "height")] for value in values]
    assert sorted(map(tuple, seen)) == [pytest.approx(box, abs=1e-3) for box in sorted(map(tuple, wanted))]
    assert (tmp_path / "task.png").stat().st_size > 10_000

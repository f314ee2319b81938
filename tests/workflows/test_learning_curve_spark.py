"""A learning curve through the real engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from alabtrain.cli import run
from alabtrain.runs.run import list_runs

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def test_a_curve_trains_on_growing_parts_and_says_what_it_saw(
    spark: SparkSession, few: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--type", "ner", "--split", "tags", "--embeddings", "word2vec", "--epochs", "3", "--shares"]
    assert run(["curve", str(few), *arguments, "40,70,100", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    tasks = [point["tasks"] for point in found["points"]]
    assert tasks == sorted(tasks)
    assert 0 < tasks[0] < tasks[1] < tasks[2]
    (whole, *labels) = found["lines"]
    assert [line["label"] for line in labels] == ["Anatomy", "Problem", "Test", "Treatment"]
    assert all(f1 is not None for f1 in whole["f1"])
    assert whole["outlook"] in ("more", "little", "level")
    folder = Path(found["folder"])
    assert (folder / "curve.png").read_bytes().startswith(b"\x89PNG")
    runs = list_runs(folder)
    assert [info.state for info in runs] == ["done"] * 3
    funnel = json.loads((Path(found["points"][0]["run"]) / "funnel.json").read_text())
    assert any("beyond_share" in stage["lost"] for stage in funnel["stages"])

"""A watch that trains, in the real engine, and is killed while it does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from alabtrain.__main__ import run
from alabtrain.run import list_runs

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def test_killed_in_the_training_it_trains_once_more_and_nothing_is_doubled(
    spark: SparkSession, clinic: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output, store = tmp_path / "runs", tmp_path / "models"
    arguments = [
        "watch",
        str(clinic),
        "--once",
        "--deploy",
        "--type",
        "ner",
        "--embeddings",
        "word2vec",
        "--epochs",
        "1",
    ]
    arguments += ["--output", str(output), "--models", str(store)]
    with subprocess.Popen(
        [sys.executable, "-m", "alabtrain", *arguments, "--epochs", "900", "--driver-memory", "2g"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path, env=os.environ, start_new_session=True,
    ) as process:  # fmt: skip
        deadline = time.monotonic() + 240
        while not list(output.glob(".*.partial/epochs.jsonl")) and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.5)
        os.killpg(process.pid, signal.SIGKILL)
    assert [info.state for info in list_runs(output)] == ["dead"]
    assert not list(store.iterdir())
    answers: list[dict[str, Any]] = []
    for _ in range(2):
        assert run([*arguments, "--json"]) == 0
        answers.append(json.loads(capsys.readouterr().out))
    assert answers[0]["new"] >= 50
    assert answers[0]["run"]
    assert (answers[1]["new"], answers[1]["run"]) == (0, None)
    assert sorted(info.state for info in list_runs(output)) == ["dead", "done"]
    assert run(["models", "--models", str(store), "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["models"]
    assert (entry["name"], entry["source"]) == ("ner_clinic_annotation_active_learning", "active_learning")

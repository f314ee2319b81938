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

from alabtrain.cli import run
from alabtrain.runs.run import list_runs
from alabtrain.store.entries import StoredModel
from alabtrain.store.store import LocalStore
from tests.support import builders as b

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
    arguments += ["--runs", str(output), "--models", str(store)]
    before = StoredModel("ner_clinic_annotation_active_learning", "ner", ("Problem",), trained="2020-01-01T00:00:00Z")
    LocalStore(store).add(before, b.write_folder(tmp_path / "model", {"metadata/part-00000": b"{}"}))
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
    assert LocalStore(store).entries() == [before]
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
    assert (entry["name"], entry["source"]) == (before.name, "active_learning")
    assert entry["trained"] > str(before.trained)

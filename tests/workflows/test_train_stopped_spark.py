"""A training that is stopped: it says so, and nothing of it goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.spark

# A stopped JVM does not read what it is asked: the thread that asks hears of its end as a connection reset.
KILL = """
import contextlib
import signal
import threading
import time
from pyspark import SparkContext
from alabtrain.spark.options import SparkOptions
from alabtrain.spark.session import kill_engine, open_session

def ask():
    with contextlib.suppress(Exception):
        SparkContext._jvm.java.lang.System.nanoTime()

with open_session(SparkOptions(driver_memory="1g")):
    asking = threading.Thread(target=ask)
    SparkContext._gateway.proc.send_signal(signal.SIGSTOP)
    asking.start()
    time.sleep(1)
    kill_engine()
    asking.join()
"""


@pytest.mark.parametrize(
    ("stop", "code", "embeddings", "told"),
    [(signal.SIGINT, 130, "word2vec", "epoch 2/"), (signal.SIGTERM, 143, "minilm", "embedding")],
)
def test_a_stopped_training_says_so_and_leaves_no_jvm(
    few: Path, tmp_path: Path, stop: signal.Signals, code: int, embeddings: str, told: str
) -> None:
    command = [sys.executable, "-m", "alabtrain", "train", str(few), "--type", "ner", "--embeddings", embeddings]
    command += ["--epochs", "500", "--driver-memory", "2g", "--no-embeddings-cache", "--runs", str(tmp_path)]
    with (tmp_path / "err").open("w", encoding="utf-8") as err:
        process = subprocess.Popen(command, stderr=err, stdout=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + 240
        while told not in (tmp_path / "err").read_text(encoding="utf-8"):
            assert process.poll() is None, (tmp_path / "err").read_text(encoding="utf-8")
            assert time.monotonic() < deadline
            time.sleep(0.5)
        process.send_signal(stop)
        assert process.wait(60) == code
    (folder,) = [p for p in tmp_path.iterdir() if p.is_dir()]
    assert json.loads((folder / "run.json").read_text(encoding="utf-8"))["state"] == "interrupted"
    assert not (folder / "model").exists()
    assert "Traceback" not in (tmp_path / "err").read_text(encoding="utf-8")
    deadline = time.monotonic() + 20
    while alive_in_session(process.pid):
        assert time.monotonic() < deadline, alive_in_session(process.pid)
        time.sleep(0.2)


def test_what_waits_for_a_killed_engine_prints_nothing_of_its_own() -> None:
    ended = subprocess.run([sys.executable, "-c", KILL], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0
    assert "Traceback" not in ended.stderr, ended.stderr


def alive_in_session(leader: int) -> list[str]:
    """The processes that a command left behind: its JVM, and Spark's Python workers, which end with it."""
    listed = subprocess.run(["ps", "-o", "args=", "-g", str(leader)], capture_output=True, text=True)
    return listed.stdout.splitlines()

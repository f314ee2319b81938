"""alabtrain against the same training written by hand (`by_hand.py`): time as whole processes, and F1.

    python -m benchmarks.overhead PROJECT.zip --label Disease --rounds 1

Both start from cached jars and a converted encoder, embed every sentence anew, train on all training tasks (nothing is
held back), and keep the last epoch.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from alabtrain.embeddings.catalogue import install_by_name
from alabtrain.spark.jars import fetch_jars
from alabtrain.trainers.ner.options import NerOptions
from benchmarks.common import alabtrain, machine, table


def main() -> None:
    """Run both in turn, once per round, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project")
    parser.add_argument("--label", required=True)
    parser.add_argument("--epochs", type=int, default=NerOptions().epochs)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    fetch_jars()
    encoder = install_by_name("minilm")
    rows: list[tuple[object, ...]] = []
    for number in range(1, options.rounds + 1):
        hand_f1, hand = _by_hand(options, encoder)
        f1, seconds = _alabtrain(options)
        rows.append((number, hand_f1, f1, round(hand), round(seconds), hand / seconds))
    print(f"{Path(options.project).stem}, {options.epochs} epochs; {machine()}.\n")
    print(table(("round", "F1 by hand", "F1 alabtrain", "s by hand", "s alabtrain", "by hand / alabtrain"), rows))


def _by_hand(options: argparse.Namespace, encoder: Path) -> tuple[float, float]:
    command = [sys.executable, "-m", "benchmarks.by_hand", options.project, "--label", options.label]
    command += ["--encoder", str(encoder), "--epochs", str(options.epochs)]
    start = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    seconds = time.monotonic() - start
    return float(json.loads(done.stdout.splitlines()[-1])["f1"]), seconds


def _alabtrain(options: argparse.Namespace) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as runs:
        outcome = alabtrain(
            "train", options.project, "--type", "ner", "--split", "tags", "--epochs", str(options.epochs),
            "--validation", "0", "--no-embeddings-cache", "--runs", runs,
        )  # fmt: skip
    return float(outcome.answer["metrics"]["ner"]["entity"]["micro"]["f1"]), outcome.seconds


if __name__ == "__main__":
    main()

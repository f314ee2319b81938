"""Quality of classification or assertion status on a project with Test tags: alabtrain with several seeds, and its peers.

    python -m benchmarks.class_quality PROJECT.zip --type classification --seeds 1,2,3

The peers (`class_peers.py`) are trained in the same command, on the same training tasks.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from alabtrain.scoring.results import ClassMetrics, MultilabelMetrics
from benchmarks.class_peers import peers
from benchmarks.common import alabtrain, machine, table, tell_row

COLUMNS = ("model", "seed", "accuracy", "micro F1", "macro F1", "seconds")
ABOUT = {"classification": "classes: ", "assertion": "statuses: "}  # how the names of the peers begin


Row = tuple[str, str, float, float, float, int]


def main() -> None:
    """Run everything one after another and print the table; a row as soon as it is known on stderr."""
    options = _options()
    rows = [*_ours(options), *_peers(options)]
    print(f"{options.type} on the test tags of {options.project.stem}; {machine()}.\n")
    print(table(COLUMNS, rows))
    for number, column in ((3, "micro"), (4, "macro")):
        found = [row[3] if number == 3 else row[4] for row in rows if row[0] == "alabtrain"]
        if len(found) > 1:
            spread = f"lowest {min(found):.3f}, highest {max(found):.3f}"
            print(f"\nalabtrain, {column} F1: mean {statistics.mean(found):.3f}, {spread}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--type", choices=tuple(ABOUT), required=True)
    parser.add_argument("--choices", help="the group of choices, where it is not the one that a training takes")
    parser.add_argument("--embeddings", default="minilm")
    parser.add_argument("--seeds", default="1,2,3")
    return parser.parse_args()


def _ours(options: argparse.Namespace) -> Iterator[Row]:
    choices = ["--choices", options.choices] if options.choices else []
    with tempfile.TemporaryDirectory() as runs:
        for seed in options.seeds.split(","):
            outcome = alabtrain(
                "train", str(options.project), "--type", options.type, *choices, "--split", "tags",
                "--embeddings", options.embeddings, "--seed", seed, "--runs", runs,
            )  # fmt: skip
            yield _told("alabtrain", seed, outcome.answer["metrics"][options.type], outcome.seconds)


def _peers(options: argparse.Namespace) -> Iterator[Row]:
    for name, peer in peers(options.project, options.choices):
        if name.startswith(ABOUT[options.type]):
            start = time.monotonic()
            scores = peer()
            yield _told(name.removeprefix(ABOUT[options.type]), "-", scores, time.monotonic() - start)


def _told(name: str, seed: str, scores: ClassMetrics | MultilabelMetrics, seconds: float) -> Row:
    row = (name, seed, scores["accuracy"], scores["micro"]["f1"], scores["macro"]["f1"], round(seconds))
    tell_row(row)
    return row


if __name__ == "__main__":
    main()

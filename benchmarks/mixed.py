"""Several types in one run against one run each: the times of the trainings, and of everything.

    python -m benchmarks.mixed PROJECT.zip --seed 1 --members 1

One member of the assertion model in place of three, or fewer epochs, make the trainings short, so that all that a run does
besides weighs more.

The single runs come first, each in a process of its own. The time of a training is what the engine says of its epochs; vectors
that an earlier run left in the cache make everything else short, so the comparison is the harder one for the mixed run.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.common import Outcome, alabtrain, machine, table, tell_row

TYPES = ("ner", "assertion", "classification")
COLUMNS = ("run", *TYPES, "trainings, s", "everything, s")


def main() -> None:
    """Run everything one after another and print the table; a row as soon as it is known on stderr."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--members", help="of the assertion model, where it is not the default")
    parser.add_argument("--epochs", help="of every type, where they are not the defaults")
    parser.add_argument("--runs", type=Path, help="keep the runs in this folder")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        runs = str(options.runs or scratch)
        for types in (*((kind,) for kind in TYPES), TYPES):
            asked = [argument for kind in types for argument in ("--type", kind)]
            if options.members and "assertion" in types:
                asked += ["--members", options.members]
            if options.epochs:
                asked += ["--epochs", options.epochs]
            outcome = alabtrain(
                "train", str(options.project), *asked, "--split", "tags", "--seed", options.seed, "--runs", runs,
                *(["--deploy", "--models", f"{runs}/models"] if len(types) > 1 else []),
            )  # fmt: skip
            rows.append(_row(types, outcome))
            tell_row(rows[-1])
    *single, mixed = rows
    fits, whole = (sum(float(row[at]) for row in single) for at in (-2, -1))
    print(f"F1 (micro of entities, macro of classes) and seconds on {options.project.stem}; {machine()}.\n")
    print(table(COLUMNS, rows))
    print(
        f"\nTrainings: {mixed[-2] / fits:.2f} times the sum of the single ones. Everything: {mixed[-1] / whole:.2f} times."
    )
    print(f"The whole mixed run against the sum of the single trainings: {mixed[-1] / fits:.2f} times.")


def _row(types: tuple[str, ...], outcome: Outcome) -> tuple[Any, ...]:
    folder = Path(outcome.answer["run"])
    seconds = sum(
        json.loads(line)["seconds"] for path in folder.rglob("epochs.jsonl") for line in path.read_text().splitlines()
    )
    scores = outcome.answer["metrics"]
    told = [_f1(scores[kind]) if kind in scores else "" for kind in TYPES]
    return ("mixed" if len(types) > 1 else types[0], *told, round(seconds), round(outcome.seconds))


def _f1(scores: dict[str, Any]) -> float:
    return float(scores["entity"]["micro"]["f1"] if "entity" in scores else scores["macro"]["f1"])


if __name__ == "__main__":
    main()

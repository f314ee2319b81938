"""What a base model is worth: half of a project's training tasks, with and without a model of the other half.

    python -m benchmarks.fine_tuning PROJECT.zip --seeds 1,2,3

The tasks tagged `Train` are divided by the parity of their place. The model of the first half is trained once, with
`--base-seed`; the second half is trained on with each of the seeds, alone and from that model.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from alabtrain.project.project import open_project
from benchmarks.common import alabtrain, machine, table, tell_row

COLUMNS = ("training", "seed", "F1", "seconds")
FIRST, SECOND, CONTINUED = "the first half", "the second half", "the second half, continuing the first"


def main() -> None:
    """Run everything one after another and print the table; a row as soon as it is known on stderr."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--base-seed", default="1", help="the seed of the model of the first half")
    options = parser.parse_args()
    seeds = options.seeds.split(",")
    with tempfile.TemporaryDirectory() as scratch:
        tags = _halves(options.project, Path(scratch) / "halves.csv")
        common = ["--task-tags", str(tags), "--runs", scratch]
        first, base = _trained(options.project, FIRST, "first,Test", options.base_seed, common)
        rows = [first]
        for seed in seeds:
            for name, more in ((SECOND, []), (CONTINUED, ["--base-model", base])):
                rows.append(_trained(options.project, name, "second,Test", seed, [*common, *more])[0])
    print(f"Entity-exact F1 (IOB2, strict) on the test tags of {options.project.stem}; {machine()}.\n")
    print(table(COLUMNS, rows))
    for name in (SECOND, CONTINUED):
        scores = [row[2] for row in rows if row[0] == name]
        print(f"\n{name}: mean {statistics.mean(scores):.3f}, lowest {min(scores):.3f}, highest {max(scores):.3f}")


def _halves(project: Path, path: Path) -> Path:
    training = [task for task in open_project(project).tasks() if "Train" in task.tags]
    lines = [f"{task.id},{('first', 'second')[number % 2]}" for number, task in enumerate(training)]
    path.write_text("\n".join(["task_id,tag", *lines, ""]), encoding="utf-8")
    return path


def _trained(
    project: Path, name: str, part: str, seed: str, more: list[str]
) -> tuple[tuple[str, str, float, int], str]:
    """Train on the tasks with one of the tags of `part`; return a row of the table, and the run."""
    outcome = alabtrain(
        "train", str(project), "--type", "ner", "--split", "tags", "--seed", seed, "--tags", part, *more
    )
    row = (name, seed, float(outcome.answer["metrics"]["ner"]["entity"]["micro"]["f1"]), round(outcome.seconds))
    tell_row(row)
    return row, outcome.answer["run"]


if __name__ == "__main__":
    main()

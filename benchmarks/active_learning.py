"""What `alabtrain rank` gains over a random order: annotation is simulated by uncovering what a project holds.

    python -m benchmarks.active_learning PROJECT.zip --seeds 1,2,3,4,5 --sizes 50,100,150,200

Both orders begin with the same random tasks. In each round a NER model is trained on what is uncovered, scored on the tasks tagged
`Test`, and the next tasks are uncovered: random ones, or the first that `rank` gives with that model. The area under a curve
is the mean of its F1s.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alabtrain.project.project import open_project
from benchmarks.common import alabtrain, machine, table, tell_row

RANDOM, RANK = "random", "rank"


def main() -> None:
    """Run everything one after another and print the table; a row as soon as it is known on stderr."""
    options = _options()
    sizes = [int(size) for size in options.sizes.split(",")]
    columns = ("order", "seed", *(f"F1, {size} tasks" for size in sizes), "area")
    rows: list[tuple[Any, ...]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for seed in options.seeds.split(","):
            simulation = _Simulation(options.project, seed, options.epochs, options.options.split(), Path(scratch))
            first = simulation.train(simulation.random_tasks(sizes[0], ()))
            for order in (RANDOM, RANK):
                f1s = simulation.follow(order, sizes, *first)
                rows.append((order, seed, *f1s, statistics.mean(f1s)))
                tell_row(rows[-1])
    print(f"Entity-exact F1 on the test tags of {options.project.stem}, {options.epochs} epochs; {machine()}.\n")
    print(table(columns, rows))
    areas = {order: [row[-1] for row in rows if row[0] == order] for order in (RANDOM, RANK)}
    print(f"\nMean area: random {statistics.mean(areas[RANDOM]):.3f}, rank {statistics.mean(areas[RANK]):.3f}.")
    better = sum(rank > other for rank, other in zip(areas[RANK], areas[RANDOM], strict=True))
    print(f"rank is better for {better} of {len(areas[RANK])} seeds.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--seeds", default="1,2,3,4,5")
    parser.add_argument("--sizes", default="50,100,150,200")
    parser.add_argument("--epochs", default="12")
    parser.add_argument("--options", default="", help="further options of `alabtrain train`, with blanks between")
    return parser.parse_args()


class _Simulation:
    """One seed: which tasks are uncovered, and what a model of them scores."""

    def __init__(self, project: Path, seed: str, epochs: str, more: Sequence[str], scratch: Path) -> None:
        self.project, self.seed, self.epochs, self.more, self.scratch = project, seed, epochs, more, scratch
        self.pool = [task.id for task in open_project(project).tasks() if "Train" in task.tags]

    def random_tasks(self, size: int, known: Sequence[int | str]) -> list[int | str]:
        """Return `size` tasks that begin with the known ones, the others drawn."""
        shuffled = sorted(self.pool, key=str)
        random.Random(int(self.seed)).shuffle(shuffled)  # noqa: S311 - an order, not a secret
        left = [task for task in shuffled if task not in set(known)]
        return [*known, *left[: size - len(known)]]

    def train(self, tasks: list[int | str]) -> tuple[list[int | str], float, Path]:
        """Train on tasks and return them with the F1 and the run."""
        tags = self.scratch / "tags.csv"
        tags.write_text("\n".join(["task_id,tag", *(f"{task},uncovered" for task in tasks), ""]), encoding="utf-8")
        answer = alabtrain(
            "train", str(self.project), "--type", "ner", "--split", "tags", "--seed", self.seed, "--epochs", self.epochs,
            "--task-tags", str(tags), "--tags", "uncovered,Test", "--runs", str(self.scratch / "runs"), *self.more,
        ).answer  # fmt: skip
        return tasks, float(answer["metrics"]["ner"]["entity"]["micro"]["f1"]), Path(answer["run"])

    def follow(self, order: str, sizes: Sequence[int], tasks: list[int | str], f1: float, run: Path) -> list[float]:
        """Return the F1 at each size, from the first training on."""
        f1s = [f1]
        for size in sizes[1:]:
            chosen = self.random_tasks(size, tasks) if order == RANDOM else self._ranked(size, tasks, run)
            tasks, f1, run = self.train(chosen)
            f1s.append(f1)
        return f1s

    def _ranked(self, size: int, known: list[int | str], run: Path) -> list[int | str]:
        covered = self.scratch / "covered.zip"
        self._cover(set(known), covered)
        answer = alabtrain("rank", str(covered), "--run", str(run)).answer
        return [*known, *(row["task_id"] for row in answer["tasks"][: size - len(known)])]

    def _cover(self, known: set[int | str], target: Path) -> None:
        """Write the project with the completions of the known training tasks alone; what tests is not in it."""
        pool = set(self.pool)
        with zipfile.ZipFile(self.project) as source, zipfile.ZipFile(target, "w") as archive:
            for name in source.namelist():
                content = source.read(name)
                if Path(name).name == "result.json":
                    tasks = [task for task in json.loads(content) if task["id"] in pool]
                    for task in tasks:
                        if task["id"] not in known:
                            task["completions"] = []
                    content = json.dumps(tasks).encode()
                archive.writestr(name, content)


if __name__ == "__main__":
    main()

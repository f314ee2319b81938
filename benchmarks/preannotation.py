"""Pre-annotation: its speed beside a pipeline written by hand, and its peak memory as the tasks grow in number.

    python -m benchmarks.preannotation PROJECT.zip --counts 10000,100000 --by-hand 10000

A NER model is trained on the project once; new tasks are made of the sentences of its texts. Whole processes, so both include
the start of Spark; memory is that of the process and its Java together, looked at twice a second.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from alabtrain.project.project import open_project
from benchmarks.common import alabtrain, machine, measured, table, tell_row

COLUMNS = ("program", "tasks", "entities", "seconds", "tasks a second", "peak MiB")


def main() -> None:
    """Run everything one after another and print the table; a row as soon as it is known on stderr."""
    options = _options()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        trained = alabtrain(
            "train", str(options.project), "--type", "ner", "--epochs", "2", "--embeddings", options.embeddings,
            "--deploy", "--models", str(folder / "models"), "--runs", str(folder / "runs"),
        ).answer  # fmt: skip
        config = Path(trained["run"]) / "config.xml"
        model = trained["models"][0]["path"]
        counts = [int(count) for count in options.counts.split(",")]
        for count in filter(None, dict.fromkeys([*counts, options.by_hand])):
            tasks = folder / f"{count}.json"
            _make_tasks(options.project, count, tasks)
            if count in counts:
                arguments = [
                    "-m", "alabtrain", "preannotate", str(tasks), "--config", str(config), "--lang", "en",
                    "--models", str(folder / "models"), "--output", str(folder / "out.json"), "--json",
                    *(["--driver-memory", options.driver_memory] if options.driver_memory else []),
                ]  # fmt: skip
                rows.append(_measured("alabtrain", count, arguments))
            if count == options.by_hand:
                arguments = ["-m", "benchmarks.preannotation_by_hand", str(tasks), model, str(folder / "by-hand.json")]
                rows.append(_measured("by hand", count, arguments))
    print(f"Pre-annotation with the NER model of {options.project.stem} ({options.embeddings}); {machine()}.\n")
    print(table(COLUMNS, rows))
    _print_ratios(rows, options.by_hand)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--counts", default="10000,100000")
    parser.add_argument("--by-hand", type=int, default=10000)
    parser.add_argument("--embeddings", default="word2vec")
    parser.add_argument("--driver-memory", help="of alabtrain; Java takes as much as it may before it collects")
    return parser.parse_args()


def _make_tasks(project: Path, count: int, path: Path) -> None:
    with path.open("w", encoding="utf-8") as stream:
        for number, text in enumerate(islice(cycle(_sentences(project)), count), 1):
            task = {"id": number, "data": {"text": text}, "completions": [], "predictions": []}
            stream.write(("[" if number == 1 else ",\n") + json.dumps(task))
        stream.write("]\n")


def _sentences(project: Path) -> list[str]:
    texts = [str(task.data.get("text")) for task in open_project(project).tasks()]
    return [sentence for text in texts for sentence in re.split(r"(?<=[.!?])\s+", text) if len(sentence) > 20]


def _measured(program: str, count: int, arguments: list[str]) -> tuple[Any, ...]:
    done = measured([sys.executable, *arguments])
    entities = sum(done.answer["regions"].values())
    row = (program, count, entities, round(done.seconds, 1), round(count / done.seconds, 1), done.peak)
    tell_row(row)
    return row


def _print_ratios(rows: list[tuple[Any, ...]], count: int) -> None:
    ours = {row[1]: row for row in rows if row[0] == "alabtrain"}
    hand = next((row for row in rows if row[0] == "by hand"), None)
    if hand is not None and count in ours:
        print(f"\nThroughput, alabtrain / by hand: {ours[count][4] / hand[4]:.3f} ({count:,} tasks)")
    if len(ours) > 1:
        least, most = min(ours), max(ours)
        print(f"Peak memory, {most:,} tasks / {least:,} tasks: {ours[most][5] / ours[least][5]:.3f}")


if __name__ == "__main__":
    main()

"""Pre-annotation of pages that a model has not seen, with the words of the project and with those that OCR reads.

    python -m benchmarks.visual_preannotation PROJECT.zip RUN

RUN is a visual NER run that was trained on the project (`alabtrain train … --deploy`). Each page tagged Test is a task
without words and completion; what is found is compared with the boxes of the annotators: one is found when a box of its
label covers it, and is covered, to at least half (intersection over union 0.5), each box once.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from alabtrain.annotations.boxes import BOXES
from alabtrain.pages.boxes import Box
from alabtrain.project.project import open_project
from alabtrain.scoring.averages import score
from benchmarks.common import Outcome, alabtrain, machine, table, tell_row

COLUMNS = ("words", "pages", "precision", "recall", "F1 by overlap", "seconds", "pages a second", "peak MiB")
OVERLAP = 0.5
Labelled = tuple[str, Box]


def main() -> None:
    """Pre-annotate twice and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("run", type=Path)
    options = parser.parse_args()
    gold = _gold(options.project)
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, with_words in (("of the project", True), ("of OCR", False)):
            pages = Path(scratch) / f"{name.replace(' ', '-')}.zip"
            _write(options.project, options.run, pages, with_words=with_words)
            output = Path(scratch) / "out.json"
            done = alabtrain("preannotate", str(pages), "--no-hub", "--no-ocr-cache", "--output", str(output))
            rows.append(_row(name, gold, json.loads(output.read_bytes()), done))
            tell_row(rows[-1])
    print(f"The pages tagged Test of {options.project.stem}, a whole process each; {machine()}.\n")
    print(table(COLUMNS, rows))


def _row(name: str, gold: Mapping[Any, list[Labelled]], tasks: list[dict[str, Any]], done: Outcome) -> tuple[Any, ...]:
    right = given = 0
    for task in tasks:
        found = list(_boxes(task["predictions"][0]["result"]))
        right += _matched(gold[task["id"]], found)
        given += len(found)
    scores = score(right, given, sum(map(len, gold.values())))
    pages, seconds = len(tasks), done.seconds
    told = (scores["precision"], scores["recall"], scores["f1"])
    return (name, pages, *told, round(seconds), round(pages / seconds, 2), done.peak)


def _matched(gold: list[Labelled], found: list[Labelled]) -> int:
    """Return how many boxes are found, the largest overlaps first."""
    pairs = [
        (overlap, i, j)
        for i, (label, box) in enumerate(gold)
        for j, (said, other) in enumerate(found)
        if label == said and (overlap := _overlap(box, other)) >= OVERLAP
    ]
    free_gold, free_found = set(range(len(gold))), set(range(len(found)))
    count = 0
    for _overlapping, i, j in sorted(pairs, reverse=True):
        if i in free_gold and j in free_found:
            free_gold.remove(i)
            free_found.remove(j)
            count += 1
    return count


def _overlap(one: Box, other: Box) -> float:
    shared = one.shared(other)
    both = one.area + other.area - shared
    return shared / both if both else 0.0


def _gold(project: Path) -> dict[Any, list[Labelled]]:
    """Return the boxes of the tasks tagged Test, by task: of each the only completion."""
    tasks = (task for task in open_project(project).tasks() if "Test" in task.tags)
    return {task.id: list(_boxes(task.completions[0].result)) for task in tasks}


def _boxes(result: Iterable[Mapping[str, Any]]) -> Iterable[Labelled]:
    for item in result:
        if item.get("type") == BOXES:
            value = item["value"]
            left, top = value["x_px"], value["y_px"]
            yield value[BOXES][0], Box(left, top, left + value["width_px"], top + value["height_px"])


def _write(project: Path, run: Path, target: Path, *, with_words: bool) -> None:
    """Write the tasks tagged Test without completions, with the pictures, and the labeling config of the run."""
    with zipfile.ZipFile(project) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            if Path(name).name == "result.json":
                tasks = [task for task in json.loads(source.read(name)) if "Test" in (task.get("tags") or ())]
                for task in tasks:
                    task["completions"] = []
                    if not with_words:
                        task["data"].pop("ocr_text", None)
                archive.writestr("result.json", json.dumps(tasks))
            elif name.startswith("images/"):
                archive.writestr(name, source.read(name))
        archive.writestr("config.xml", (run / "config.xml").read_bytes())


if __name__ == "__main__":
    main()

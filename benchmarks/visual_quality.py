"""Visual NER on a project with Test tags: alabtrain with several seeds, the same words without layout, and a CRF.

    python -m benchmarks.visual_quality PROJECT.zip --seeds 1,2,3

Entity F1 is by strict IOB2 over the words in alabtrain's reading order; region F1 asks for a region's label and its very
words. Memory is that of the process and its Java together.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from alabtrain.documents.options import SplitOptions
from alabtrain.project.project import open_project
from alabtrain.scoring.results import Metrics
from alabtrain.trainers.visual_ner.options import VisualNerOptions
from alabtrain.trainers.visual_ner.trainer import VisualNerTrainer
from alabtrain.workflows.train import train_with
from alabtrain.workflows.train_config import TrainConfig
from alabtrain.workflows.workspace import Workspace
from benchmarks.common import alabtrain, machine, table, tell_row
from benchmarks.visual_peers import crf_scores, read_pages_of

COLUMNS = ("model", "seed", "entity F1", "region F1", "seconds", "peak MiB")
Row = tuple[str, int | str, float, float, int, str | int]


def main() -> None:
    """Run everything one after another and print the table, a row as soon as it is known on stderr."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--options", default="", help="further options of `alabtrain train`, with blanks between")
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder for the runs; without it they are deleted")
    options = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as scratch:
        if not options.without_peers:
            rows += [_told(row) for row in (_crf(options.project), _text_only(options.project, Path(scratch)))]
        rows += [_told(row) for row in _ours(options, str(options.keep or scratch))]
    print(f"On the pages tagged Test of {options.project.stem}; {machine()}.\n")
    print(table(COLUMNS, rows))
    scores = [row[2] for row in rows if row[0] == "alabtrain"]
    if len(scores) > 1:
        print(f"\nalabtrain: mean {statistics.mean(scores):.3f}, lowest {min(scores):.3f}, highest {max(scores):.3f}")


def _ours(options: argparse.Namespace, output: str) -> Iterator[Row]:
    for seed in options.seeds.split(","):
        done = alabtrain(
            "train", str(options.project), "--type", "visual_ner", "--split", "tags", "--seed", seed, "--runs", output,
            *options.options.split(),
        )  # fmt: skip
        metrics = done.answer["metrics"]["visual_ner"]
        yield "alabtrain", seed, *_f1s(metrics), round(done.seconds), done.peak


def _crf(project: Path) -> Row:
    start = time.monotonic()
    pages = read_pages_of(project)
    f1, regions = crf_scores([p for p in pages if p.part == "train"], [p for p in pages if p.part == "test"])
    return "CRF, words and layout", "-", f1, regions, round(time.monotonic() - start), "-"


def _text_only(project: Path, scratch: Path) -> Row:
    """Train NerDL on the same words without what the layout tells, in this process."""
    start = time.monotonic()
    trainer = VisualNerTrainer(VisualNerOptions(members=1, layout_members=0, crf=False), groups=())
    config = TrainConfig(split=SplitOptions("tags", seed=1))
    done = train_with([trainer], open_project(project), config, Workspace(runs=scratch / "text-only"))
    return "NerDL, words only", 1, *_f1s(done.metrics["visual_ner"]), round(time.monotonic() - start), "-"


def _f1s(metrics: Metrics) -> tuple[float, float]:
    assert "entity" in metrics
    return metrics["entity"]["micro"]["f1"], metrics["regions"]["micro"]["f1"]


def _told(row: Row) -> Row:
    tell_row(row)
    return row


if __name__ == "__main__":
    main()

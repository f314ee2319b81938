"""NER quality on projects with Test tags: alabtrain with several encoders and seeds, beside a CRF and spaCy.

    python -m benchmarks.ner_quality PROJECT.zip --embeddings minilm,bert-base-cased --seeds 1,2,3 --peers crf,spacy
    python -m benchmarks.ner_quality da-news.zip de-germeval.zip --embeddings default --seeds 1,2,3 --peers crf

`default` are the embeddings of the texts' language.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.common import alabtrain, machine, table, tell_row
from benchmarks.peers import crf_f1, spacy_f1

COLUMNS = ("project", "model", "seed", "F1", "seconds")
DEFAULT = "default"
Row = tuple[Any, ...]


def main() -> None:
    """Run everything one after another and print the table, a row as soon as it is known on stderr."""
    options = _options()
    rows: list[Row] = []
    for project in options.projects:
        with tempfile.TemporaryDirectory() as scratch:
            rows += map(_told, _peers(project, options, Path(scratch)))
            rows += map(_told, _ours(project, options, Path(scratch)))
    print(f"Entity-exact F1 (IOB2, strict) on the tasks tagged Test; {machine()}.\n")
    print(table(COLUMNS, rows))
    print()
    for project, model in dict.fromkeys(row[:2] for row in rows):
        scores = [float(row[3]) for row in rows if row[:2] == (project, model)]
        if len(scores) > 1:
            spread = f"lowest {min(scores):.3f}, highest {max(scores):.3f}"
            print(f"{project}, {model}: mean {statistics.mean(scores):.3f}, {spread}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("projects", nargs="+")
    parser.add_argument("--embeddings", default="minilm")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--peers", default="crf,spacy")
    parser.add_argument("--peer-seeds", help="default: those of --seeds")
    return parser.parse_args()


def _ours(project: str, options: argparse.Namespace, work: Path) -> Iterator[Row]:
    for embeddings in filter(None, options.embeddings.split(",")):
        asked = [] if embeddings == DEFAULT else ["--embeddings", embeddings]
        for seed in options.seeds.split(","):
            outcome = alabtrain(
                "train", project, "--type", "ner", "--split", "tags", *asked, "--seed", seed,
                "--runs", str(work / "runs"),
            )  # fmt: skip
            f1 = outcome.answer["metrics"]["ner"]["entity"]["micro"]["f1"]
            yield Path(project).stem, f"alabtrain, {embeddings}", seed, f1, round(outcome.seconds)


def _peers(project: str, options: argparse.Namespace, work: Path) -> Iterator[Row]:
    for peer in filter(None, options.peers.split(",")):
        kind = "conll" if peer == "crf" else "spacy"
        folder = work / kind
        alabtrain("export", project, "--split", "tags", "--format", kind, "--output", str(folder))
        # A CRF is trained by L-BFGS: it has no seed.
        seeds = (options.peer_seeds or options.seeds).split(",")
        for seed in seeds[:1] if peer == "crf" else seeds:
            start = time.monotonic()
            f1 = crf_f1(folder) if peer == "crf" else spacy_f1(folder, _made(work / f"spacy-{seed}"), int(seed))
            name = "CRF, hand-made features" if peer == "crf" else "spaCy, CPU pipeline"
            yield Path(project).stem, name, "-" if peer == "crf" else seed, f1, round(time.monotonic() - start)


def _told(row: Row) -> Row:
    tell_row(row)
    return row


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main()

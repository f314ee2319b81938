"""NER quality on a project with Test tags: alabtrain with several encoders and seeds, beside a CRF and spaCy.

python -m benchmarks.ner_quality PROJECT.zip --embeddings minilm,bert-base-cased --seeds 1,2,3 --peers crf,spacy
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.common import alabtrain, machine, table
from benchmarks.peers import crf_f1, spacy_f1


def main() -> None:
    """Run everything one after another and print the table, a row as soon as it is known on stderr."""
    options = _options()
    rows: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        for embeddings in filter(None, options.embeddings.split(",")):
            for seed in options.seeds.split(","):
                rows.append(_told(_alabtrain(options.project, embeddings, seed, work)))
        for peer in filter(None, options.peers.split(",")):
            rows += map(_told, _peer(options.project, peer, (options.peer_seeds or options.seeds).split(","), work))
    print(f"Entity-exact F1 (IOB2, strict) on the test tags of {Path(options.project).stem}; {machine()}.\n")
    print(table(("model", "seed", "F1", "seconds"), rows))
    for model in dict.fromkeys(str(row[0]) for row in rows):
        scores = [float(str(row[2])) for row in rows if row[0] == model]
        if len(scores) > 1:
            print(f"\n{model}: mean {statistics.mean(scores):.3f}, lowest {min(scores):.3f}, highest {max(scores):.3f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project")
    parser.add_argument("--embeddings", default="minilm")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--peers", default="crf,spacy")
    parser.add_argument("--peer-seeds", help="default: those of --seeds")
    return parser.parse_args()


def _alabtrain(project: str, embeddings: str, seed: str, work: Path) -> tuple[object, ...]:
    outcome = alabtrain(
        "train", project, "--type", "ner", "--split", "tags", "--embeddings", embeddings, "--seed", seed,
        "--output", str(work / "runs"),
    )  # fmt: skip
    f1 = outcome.answer["metrics"]["ner"]["entity"]["micro"]["f1"]
    return (f"alabtrain, {embeddings}", seed, f1, round(outcome.seconds))


def _told(row: tuple[object, ...]) -> tuple[object, ...]:
    print(table((), [row]).splitlines()[-1], file=sys.stderr, flush=True)
    return row


def _peer(project: str, peer: str, seeds: list[str], work: Path) -> Iterator[tuple[object, ...]]:
    kind = "conll" if peer == "crf" else "spacy"
    folder = work / kind
    alabtrain("export", project, "--split", "tags", "--format", kind, "--output", str(folder))
    # A CRF is trained to its optimum: it has no seed.
    for seed in seeds[:1] if peer == "crf" else seeds:
        start = time.monotonic()
        f1 = crf_f1(folder) if peer == "crf" else spacy_f1(folder, _made(work / f"spacy-{seed}"), int(seed))
        name = "CRF, hand-made features" if peer == "crf" else "spaCy, CPU pipeline"
        yield name, "-" if peer == "crf" else seed, f1, round(time.monotonic() - start)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main()

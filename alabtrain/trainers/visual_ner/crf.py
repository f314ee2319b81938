"""Train a linear-chain CRF on the words of pages, by CRFsuite (http://www.chokkan.org/software/crfsuite/).

Spark NLP's own one is trained by a gradient descent that is far from its end after as many minutes as CRFsuite takes
seconds, and gives a word the probability that the words before it leave, not that of the whole sequence.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from alabtrain.pages.codes import NAMES, NOTHING
from alabtrain.spark.background import run_aside
from alabtrain.trainers.visual_ner.crf_stage import Chain

L1, L2 = 0.15, 0.05
ITERATIONS = 80
BIAS = "bias"


def fit_chain(
    windows: Iterable[tuple[Sequence[Sequence[float]], Sequence[str]]], tags: Sequence[str], numbers: int
) -> Chain:
    """Return a CRF trained on windows: what is told of each word (`numbers` numbers, then its codes), and its tag.

    `tags` are all that there are. It is trained by at most `ITERATIONS` steps of L-BFGS, which has no seed. Raises
    `TrainingError`, `Interrupted`.
    """
    import pycrfsuite

    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": L1, "c2": L2, "max_iterations": ITERATIONS})
    for rows, told in windows:
        trainer.append([dict(_attributes(row, numbers)) for row in rows], told)
    with tempfile.TemporaryDirectory(prefix="alabtrain-") as folder:
        file = str(Path(folder, "crf"))
        run_aside(lambda: trainer.train(file), lambda: None)
        tagger = pycrfsuite.Tagger()
        tagger.open(file)
        try:
            learned = tagger.info()
        finally:
            tagger.close()
    return _chain(tags, numbers, learned.state_features, learned.transitions)


def _attributes(row: Sequence[float], numbers: int) -> Iterator[tuple[str, float]]:
    yield BIAS, 1.0
    yield from ((f"number:{place}", float(value)) for place, value in enumerate(row[:numbers]) if value)
    codes = enumerate(map(int, row[numbers:]))
    yield from ((f"code:{place}:{code}", 1.0) for place, code in codes if code != NOTHING)


def _chain(
    tags: Sequence[str],
    numbers: int,
    features: Mapping[tuple[str, str], float],
    transitions: Mapping[tuple[str, str], float],
) -> Chain:
    """Return what CRFsuite learned, by tag."""
    weights: dict[str, list[float]] = defaultdict(lambda: [0.0] * len(tags))
    for (attribute, tag), weight in features.items():
        weights[attribute][tags.index(tag)] = weight
    codes: list[dict[int, Any]] = [{} for _ in NAMES]
    for attribute, values in weights.items():
        kind, *rest = attribute.split(":")
        if kind == "code":
            codes[int(rest[0])][int(rest[1])] = values
    told = [weights[f"number:{place}"] for place in range(numbers)]
    steps = [[transitions.get((before, tag), 0.0) for tag in tags] for before in tags]
    return Chain(weights[BIAS], told, codes, steps)

"""Train a linear-chain CRF on the words of pages with CRFsuite (http://www.chokkan.org/software/crfsuite/).

Spark NLP's own CRF uses a gradient descent that is far from convergence after as many minutes as CRFsuite needs
seconds. It also gives a word the probability after the preceding words, not that in the whole sequence.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from alabtrain.pages.codes import NAMES, NOTHING
from alabtrain.spark.background import run_aside
from alabtrain.trainers.visual_ner.crf_stage import Chain

L1, L2 = 0.15, 0.05
ITERATIONS = 80
BIAS = "bias"


def fit_chain(
    windows: Iterable[tuple[Sequence[Sequence[float]], Sequence[str]]], tags: Sequence[str], numbers: int
) -> Chain:
    """Return a CRF trained on windows: the features of each word (`numbers` numbers, then codes), and its tag.

    `tags` are all tags. The training takes at most `ITERATIONS` steps of L-BFGS, which needs no seed. Raises
    `TrainingError`, `Interrupted`.
    """
    import pycrfsuite

    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": L1, "c2": L2, "max_iterations": ITERATIONS})
    for rows, gold in windows:
        trainer.append([dict(_attributes(row, numbers)) for row in rows], gold)
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
    yield from ((f"number:{index}", float(value)) for index, value in enumerate(row[:numbers]) if value)
    codes = enumerate(map(int, row[numbers:]))
    yield from ((f"code:{index}:{code}", 1.0) for index, code in codes if code != NOTHING)


def _chain(
    tags: Sequence[str],
    numbers: int,
    features: Mapping[tuple[str, str], float],
    transitions: Mapping[tuple[str, str], float],
) -> Chain:
    """Return the weights that CRFsuite learned as a chain, in the order of `tags`."""
    weights: dict[str, list[float]] = defaultdict(lambda: [0.0] * len(tags))
    for (attribute, tag), weight in features.items():
        weights[attribute][tags.index(tag)] = weight
    codes: list[dict[int, Sequence[float]]] = [{} for _ in NAMES]
    for attribute, values in weights.items():
        prefix, *rest = attribute.split(":")
        if prefix == "code":
            codes[int(rest[0])][int(rest[1])] = values
    of_numbers = [weights[f"number:{index}"] for index in range(numbers)]
    steps = [[transitions.get((before, tag), 0.0) for tag in tags] for before in tags]
    return Chain(weights[BIAS], of_numbers, codes, steps)

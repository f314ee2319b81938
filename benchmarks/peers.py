"""Other ways to train a NER model on the very sentences that alabtrain exports: a CRF, and spaCy's CPU pipeline."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from alabtrain.pages.codes import word_shape

Sentence = list[tuple[str, str]]


def read_conll(path: Path) -> list[Sentence]:
    """Return sentences of (token, tag) from a file of `alabtrain export --format conll`."""
    sentences: list[Sentence] = [[]]
    for line in path.read_text(encoding="utf-8").split("\n"):
        if not line:
            sentences.append([])
        elif not line.startswith("-DOCSTART-"):
            token, _, _, tag = line.rsplit(" ", 3)
            sentences[-1].append((token, tag))
    return [sentence for sentence in sentences if sentence]


def crf_f1(folder: Path) -> float:
    """Train a CRF with hand-made features on `folder`/train.conll and return its entity-exact F1 on test.conll."""
    from seqeval.metrics import f1_score
    from seqeval.scheme import IOB2
    from sklearn_crfsuite import CRF

    train, test = (read_conll(folder / f"{part}.conll") for part in ("train", "test"))
    model = CRF(algorithm="lbfgs", c1=0.1, c2=0.1, max_iterations=100, all_possible_transitions=True)
    model.fit([_features(s) for s in train], [[tag for _, tag in s] for s in train])
    predicted = [list(tags) for tags in model.predict([_features(s) for s in test])]
    gold = [[tag for _, tag in s] for s in test]
    return float(f1_score(gold, predicted, mode="strict", scheme=IOB2))


def _features(sentence: Sentence) -> list[dict[str, Any]]:
    words = [token for token, _ in sentence]
    found = []
    for i, word in enumerate(words):
        features: dict[str, Any] = {"bias": 1.0}
        for offset in (-2, -1, 0, 1, 2):
            if 0 <= i + offset < len(words):
                other = words[i + offset]
                features[f"{offset}:lower"] = other.lower()
                features[f"{offset}:shape"] = word_shape(other)
            else:
                features[f"{offset}:edge"] = True
        for size in (2, 3, 4):
            features[f"prefix{size}"], features[f"suffix{size}"] = word[:size].lower(), word[-size:].lower()
        if i:
            features["pair"] = f"{words[i - 1].lower()} {word.lower()}"
        found.append(features)
    return found


def spacy_f1(folder: Path, work: Path, seed: int) -> float:
    """Train spaCy's default CPU pipeline on `folder`/train.spacy and return its entity-exact F1 on test.spacy.

    A tenth of the training documents picks spaCy's best model, as its own quickstart would have it.
    """
    import spacy
    from spacy.cli.init_config import init_config
    from spacy.cli.train import train
    from spacy.tokens import DocBin
    from spacy.training import Example

    blank = spacy.blank("en")
    documents = list(DocBin().from_disk(folder / "train.spacy").get_docs(blank.vocab))
    random.Random(seed).shuffle(documents)  # noqa: S311 - a benchmark
    held = len(documents) // 10
    DocBin(docs=documents[:held]).to_disk(work / "dev.spacy")
    DocBin(docs=documents[held:]).to_disk(work / "train.spacy")
    config = init_config(lang="en", pipeline=["ner"], optimize="efficiency", gpu=False)
    config.to_disk(work / "config.cfg")
    paths = {
        "paths.train": str(work / "train.spacy"),
        "paths.dev": str(work / "dev.spacy"),
        "system.seed": seed,
    }
    train(work / "config.cfg", work / "model", overrides=paths)
    model = spacy.load(work / "model" / "model-best")
    test = list(DocBin().from_disk(folder / "test.spacy").get_docs(model.vocab))
    examples = []
    for gold in test:
        copy = spacy.tokens.Doc(model.vocab, words=[t.text for t in gold], spaces=[bool(t.whitespace_) for t in gold])
        for _, pipe in model.pipeline:
            copy = pipe(copy)
        examples.append(Example(copy, gold))
    return _exact_f1(examples)


def _exact_f1(examples: list[Any]) -> float:
    found = kept = gold = 0
    for example in examples:
        predicted = {(e.start, e.end, e.label_) for e in example.predicted.ents}
        expected = {(e.start, e.end, e.label_) for e in example.reference.ents}
        found, gold, kept = found + len(predicted), gold + len(expected), kept + len(predicted & expected)
    return 2 * kept / (found + gold) if found + gold else 0.0

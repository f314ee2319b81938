"""A CRF on pages, with the layout numbers of alabtrain and the words around: a peer of visual NER, and a quick judge of numbers.

    python -m benchmarks.visual_peers PROJECT.zip              trained on the training tasks, scored on those tagged Test
    python -m benchmarks.visual_peers PROJECT.zip --ablation   five folds of the training tasks, one group of numbers left out

It has no seed: it is trained by L-BFGS. It is another CRF than the one that alabtrain ships (its features and strengths differ).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from alabtrain.documents.document import Document
from alabtrain.documents.options import SplitOptions
from alabtrain.pages.codes import word_shape
from alabtrain.pages.layout import GROUPS, layout_numbers
from alabtrain.pages.sheet import SIDES
from alabtrain.project.project import open_project
from alabtrain.scoring.metrics import entities, region_scores
from alabtrain.selection.options import SelectionOptions
from alabtrain.trainers.jobs import make_job, read_selected
from alabtrain.trainers.visual_ner.options import VisualNerOptions
from alabtrain.trainers.visual_ner.trainer import VisualNerTrainer
from benchmarks.common import machine, table

FOLDS, THIRDS = 5, 3
Tags = list[list[str]]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--ablation", action="store_true")
    options = parser.parse_args()
    pages = read_pages_of(options.project)
    train = [page for page in pages if page.part == "train"]
    if not options.ablation:
        start = time.monotonic()
        f1, regions = crf_scores(train, [page for page in pages if page.part == "test"])
        rows = [("CRF, words and layout", f1, regions, round(time.monotonic() - start))]
        print(f"On the pages tagged Test of {options.project.stem}; {machine()}.\n")
        print(table(("model", "entity F1", "region F1", "seconds"), rows))
        return
    print(f"Five folds of the training pages of {options.project.stem}; {machine()}.\n")
    asked: list[tuple[str, tuple[str, ...]]] = [("all numbers", tuple(GROUPS)), ("none: words only", ())]
    asked += [(f"without {left}", tuple(name for name in GROUPS if name != left)) for left in GROUPS]
    print(table(("numbers", "entity F1"), [(name, _folded(train, groups)) for name, groups in asked]))


def read_pages_of(project: Path) -> list[Document]:
    """Return the pages of a project as alabtrain reads them, divided by its tags."""
    opened = open_project(project)
    split = SplitOptions("tags", validation=0.0)
    job = make_job(opened, selection=SelectionOptions(), split=split, strict=False)
    return read_selected(job, [VisualNerTrainer(VisualNerOptions())]).documents


def crf_scores(train: Sequence[Document], test: Sequence[Document]) -> tuple[float, float]:
    """Return the entity F1 and the region F1 on some pages of a CRF trained on others."""
    predicted = _predicted(train, test, tuple(GROUPS))
    gold, found = [], []
    for page, tags in zip(test, predicted, strict=True):
        assert page.page is not None
        order = page.page.text.order
        gold.append([(box.label, frozenset(box.words)) for box in page.page.boxes])
        found.append([(e.label, frozenset(order[e.start : e.end])) for e in entities(tags)])
    return _f1([_tags(page) for page in test], predicted), region_scores(gold, found)["micro"]["f1"]


def _folded(pages: Sequence[Document], groups: Sequence[str]) -> float:
    gold: Tags = []
    predicted: Tags = []
    for fold in range(FOLDS):
        held = [page for number, page in enumerate(pages) if number % FOLDS == fold]
        predicted += _predicted([page for n, page in enumerate(pages) if n % FOLDS != fold], held, groups)
        gold += [_tags(page) for page in held]
    return _f1(gold, predicted)


def _f1(gold: Tags, predicted: Tags) -> float:
    from seqeval.metrics import f1_score
    from seqeval.scheme import IOB2

    return float(f1_score(gold, predicted, mode="strict", scheme=IOB2))


def _predicted(train: Sequence[Document], test: Sequence[Document], groups: Sequence[str]) -> Tags:
    from sklearn_crfsuite import CRF

    model = CRF(algorithm="lbfgs", c1=0.3, c2=0.05, max_iterations=80)
    model.fit([_features(page, groups) for page in train], [_tags(page) for page in train])
    return [list(tags) for tags in model.predict([_features(page, groups) for page in test])]


def _tags(document: Document) -> list[str]:
    """Return the IOB2 tags of the words of a page, in reading order."""
    assert document.page is not None
    at = {begin: number for number, (begin, _end) in enumerate(document.page.text.spans)}
    tags = ["O"] * len(at)
    for span in document.spans:
        words = [number for begin, number in at.items() if span.start <= begin < span.end]
        for number in words:
            tags[number] = f"{'I' if number > words[0] else 'B'}-{span.label}"
    return tags


def _features(document: Document, groups: Sequence[str]) -> list[list[str]]:
    assert document.page is not None
    text = document.page.text
    told = layout_numbers(text.sheet, groups)
    places = text.sheet.positions()
    words = [word.text for word in text.words]
    found = []
    for number, place in enumerate(text.order):
        features = ["bias", *_word(words[number]), *_told(told[place])]
        for step in (-2, -1, 1, 2):
            other = words[number + step] if 0 <= number + step < len(words) else ""
            features += [f"{step}:{name}" for name in ((f"word={other.lower()}", f"shape={word_shape(other)}"))]
        if "neighbours" in groups:
            for side in SIDES:
                segment = getattr(places[place].segment, side)
                if segment is not None:
                    first, last = segment.words[0].text.lower(), segment.words[-1].text.lower()
                    features += [f"{side}:first={first}", f"{side}:last={last}"]
        found.append(features)
    return found


def _told(numbers: Mapping[str, float]) -> Iterator[str]:
    """Yield the numbers that are true, and in which third a share lies."""
    for name, value in numbers.items():
        if isinstance(value, bool):
            if value:
                yield name
        elif value > 0:
            yield f"{name}:{min(2, int(value * THIRDS))}"


def _word(word: str) -> Iterable[str]:
    lower = word.lower()
    return f"word={lower}", f"shape={word_shape(word)}", f"prefix={lower[:3]}", f"suffix={lower[-3:]}"


if __name__ == "__main__":
    main()

"""The CRF of pages: what CRFsuite learned, by tag, without an engine."""

from __future__ import annotations

from alabtrain.pages.codes import NAMES, NOTHING
from alabtrain.trainers.visual_ner.crf import fit_chain

TAGS = ("B-A", "I-A", "O")


def told(number: float, word: int) -> list[float]:
    return [number, word, *[NOTHING] * (len(NAMES) - 1)]


def test_a_chain_learns_from_numbers_words_and_steps() -> None:
    window = [told(1.0, 7), told(0.0, 8), told(0.0, 9)], ["B-A", "I-A", "O"]
    chain = fit_chain([window] * 20, TAGS, numbers=1)
    assert max(range(3), key=chain.numbers[0].__getitem__) == 0
    assert [max(range(3), key=chain.codes[0][word].__getitem__) for word in (7, 8, 9)] == [0, 1, 2]
    assert all(NOTHING not in known for known in chain.codes)
    assert chain.codes[1:] == [{}] * (len(NAMES) - 1)
    assert chain.steps[0][1] > 0 == chain.steps[1][0]


def test_a_chain_does_not_hang_on_chance() -> None:
    windows = [([told(0.5, word), told(0.25, 3)], ["O", "B-A" if word % 2 else "O"]) for word in range(1, 9)]
    assert fit_chain(windows, TAGS, numbers=1) == fit_chain(windows, TAGS, numbers=1)

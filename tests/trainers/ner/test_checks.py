from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from alabtrain.core.numbers import size
from alabtrain.embeddings.registry import encoders
from alabtrain.inspect.check import CheckReport
from alabtrain.trainers.ner import checks as ner_checks
from tests.support import builders as b
from tests.support.checks import Check, check_tasks, codes, found, note, words


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return partial(check_tasks, tmp_path)


def test_no_negatives(check: Check) -> None:
    text = "Mild cough."
    everywhere = [note(number, b.region(5, 10, text=text), text=text) for number in range(3)]
    assert found(check(everywhere), "no_negatives").count == 3
    assert "no_negatives" not in codes(check([*everywhere, note(9, text="All well.")]))


def test_more_labels_than_any_graph_takes(check: Check) -> None:
    def project(count: int) -> CheckReport:
        names = [f"Kind{number}" for number in range(count)]
        labels = "".join(f'<Label value="{name}"/>' for name in names)
        return check(
            [words(1, *names)], config=b.CONFIG.replace('<Label value="Symptom" background="#e6194b"/>', labels)
        )

    assert "too_many_tags" not in codes(project(18))
    assert found(project(19), "too_many_tags").severity == "error"


def test_more_characters_than_any_graph_takes(check: Check) -> None:
    letters = "".join(chr(0x4E00 + number) for number in range(201))
    assert found(check([note(1, text=letters)]), "too_many_characters").severity == "error"
    assert "too_many_characters" not in codes(check([note(1, text=" \n".join(letters[:200]))]))
    # Characters of test texts do not need a graph.
    assert "too_many_characters" not in codes(check([note(1, text="a"), note(2, text=letters, tags=("Test",))]))


def test_memory_is_a_warning_where_it_is_short(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(check([words(1, "Symptom")]), "memory").severity == "info"
    monkeypatch.setattr(ner_checks, "default_memory_gib", lambda: 0)
    assert found(check([words(1, "Symptom")]), "memory").severity == "warning"


def test_memory_is_estimated_for_the_default_encoder(check: Check) -> None:
    report = check([words(1, "Symptom"), note(2, text="word. " * 100_000)])
    # Numbers of four bytes, and a kilobyte of annotation around them.
    needed = report.counts["tokens"] * (4 * encoders()["minilm"].dimension + 1000)
    assert size(needed) in found(report, "memory").message

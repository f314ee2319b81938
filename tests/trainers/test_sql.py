"""The SQL of saved pipelines, statement by statement: what a model on disk depends on must not change unnoticed.

`WRITE_GOLDEN=1 pytest tests/trainers/test_sql.py` writes the files anew; read their difference.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from alabtrain.pages.options import Recipe
from alabtrain.spark.templates import render, text_literal
from alabtrain.trainers.assertion.targets import status_stage, target_stages
from alabtrain.trainers.classification.pooling import (
    PoolingShape,
    Scale,
    best_class_stage,
    pooled,
    text_annotations,
)
from alabtrain.trainers.visual_ner.crf_stage import Chain, chain_stage
from alabtrain.trainers.visual_ner.layout_stage import layout_stage
from alabtrain.trainers.visual_ner.voting import EnsembleMember, voting_stages

GOLDEN = Path(__file__).parent / "golden"
TAGS = ["O", "B-a", "I-a", "B-it's", "I-it's"]
CHAIN = Chain(
    bias=[0.1, -0.25, 0, 1, 2],
    numbers=[[1, 2, 3, 4, 5], [0, 0, 0, 0, 0], [1e-7, 2, 0, 0, 1]],
    codes=[{64: [1, 2, 3, 4, 5], 7: [0, 0, 0, 0, 0.1]}, {1: [0, 0, 0, 0, 0]}],
    steps=[[0.1 * i * j for i in range(5)] for j in range(5)],
)
TEXTS = PoolingShape(("mean", "max"), 2, 64)
VECTORS = "visual_embeddings"


@dataclass
class Recorder:
    """Stands for Spark's SQLTransformer, which asks for a session; the Spark tests run these statements."""

    statement: str


@pytest.fixture(autouse=True)
def recorder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyspark.ml.feature.SQLTransformer", Recorder)


STATEMENTS: dict[str, Callable[[], list[Any]]] = {
    "assertion_targets": lambda: target_stages(100),
    "assertion_status": lambda: [status_stage(["Present", "it's"], 2)],
    "classification_texts": lambda: [
        Recorder(text_annotations(pooled(TEXTS), Scale((0.1,) * TEXTS.numbers, (2.0,) * TEXTS.numbers)))
    ],
    "classification_best": lambda: [best_class_stage("classes", "class")],
    "visual_ner_layout": lambda: [layout_stage(384, Recipe(3, 100, 120))],
    "visual_ner_no_layout": lambda: [layout_stage(384, Recipe(3, 0, 120))],
    "visual_ner_chain": lambda: [chain_stage(CHAIN, "crf")],
    "visual_ner_votes": lambda: voting_stages([EnsembleMember("a"), EnsembleMember("b", 2.0)], TAGS, VECTORS, "ner"),
    "visual_ner_votes_with_chain": lambda: voting_stages(
        [EnsembleMember("a"), EnsembleMember("c", 0.5, CHAIN)], TAGS, VECTORS, "ner"
    ),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_statements_are_those_of_the_golden_files(name: str) -> None:
    file = GOLDEN / f"{name}.sql"
    statements = "\n\n".join(_lines(stage.statement) for stage in STATEMENTS[name]()) + "\n"
    if os.environ.get("WRITE_GOLDEN"):
        file.write_text(statements, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == statements


def _lines(statement: str) -> str:
    """Return a statement with its blanks evened out and a line for each of its functions of higher order."""
    even = re.sub(r"\s+", " ", statement).strip()
    even = re.sub(r"(?<=\() | (?=[),])", "", even)
    return re.sub(r" ?\b(transform|aggregate|zip_with|filter|named_struct)\(", r"\n\1(", even).strip()


def test_a_value_keeps_its_blanks_and_quotes() -> None:
    made = render("alabtrain.spark", "one_annotation", type="token", begin="1", end="2", metadata={"a": "b"},
                  result=text_literal("it's  two\nlines"), vector="v")  # fmt: skip
    assert "'it\\'s  two\nlines'" in made


def test_a_missing_value_is_an_error() -> None:
    import jinja2

    with pytest.raises(jinja2.UndefinedError):
        render("alabtrain.spark", "one_annotation", type="token")

"""Files for other tools, without Spark: what is written for given tokens and tags."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from alabtrain.core.funnel import Funnel
from alabtrain.documents.document import Document
from alabtrain.documents.tagging import Sentence
from alabtrain.trainers.tokens import TaggedDocuments, TaggedSentence
from alabtrain.workflows import export as exporting
from alabtrain.workflows.export import write_documents
from alabtrain.workflows.formats import find_encoder


def tagged(text: str, places: list[tuple[int, int]], tags: list[str], task_id: Any = 1, part: Any = "train") -> Any:
    return Document(task_id, 11, text, (), part), [TaggedSentence(Sentence(0, 0, tuple(places)), tuple(tags))]


@pytest.mark.parametrize("odd", ["\u0085", "\u2028", "\u00a0", "\x1c", "\u3000"])
def test_conll_has_four_columns_whatever_the_labels_and_tokens(odd: str) -> None:
    text = f"pale{odd}blue {odd}"
    pair = tagged(text, [(0, 9), (10, 11)], [f"B-VS{odd}Finding here", "O"], task_id=f"a b{odd}c")
    lines = find_encoder("conll")([pair]).decode().splitlines()
    assert [line.split() for line in lines if line] == [
        ["-DOCSTART-", "-X-", "a_b_c", "O"],
        ["pale_blue", "-X-", "-X-", "B-VS_Finding_here"],
        ["_", "-X-", "-X-", "O"],
    ]


def test_parts_of_an_earlier_export_do_not_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def written(*parts: str) -> list[str]:
        pairs = [tagged("pale", [(0, 4)], ["O"], part=part) for part in parts]
        sentences = [TaggedSentence(Sentence(n, 0, ((0, 4),)), ("O",)) for n in range(len(pairs))]
        found = TaggedDocuments([document for document, _ in pairs], sentences)
        monkeypatch.setattr(exporting, "open_session", lambda *_: nullcontext())
        monkeypatch.setattr(exporting, "tokenize", lambda *_: SimpleNamespace(documents=[], sentences=[]))
        monkeypatch.setattr(exporting, "tag_documents", lambda *_: found)
        documents: Any = SimpleNamespace(documents=found.documents, funnel=Funnel(), findings=[])
        options: Any = None
        done = write_documents(documents, "conll", tmp_path, spark=options)
        assert [path.name for path in done.files] == [f"{part}.conll" for part in parts]
        return sorted(path.name for path in tmp_path.iterdir())

    (tmp_path / "test.jsonl").write_text("of another format")
    assert written("train", "test") == ["test.conll", "test.jsonl", "train.conll"]
    assert written("train", "validation") == ["test.jsonl", "train.conll", "validation.conll"]


def test_jsonl_spans_name_their_first_and_last_token() -> None:
    pair = tagged("mild dry cough", [(0, 4), (5, 8), (9, 14)], ["O", "B-A", "I-A"])
    assert b'"spans": [{"start": 5, "end": 14, "token_start": 1, "token_end": 2, "label": "A"}]' in find_encoder(
        "jsonl"
    )([pair])

from __future__ import annotations

from typing import Any

import pytest

from alabtrain.core.errors import InputError
from alabtrain.documents.document import Documents
from alabtrain.documents.split import Split
from alabtrain.documents.texts import DocumentRequest, read_documents
from alabtrain.project.parsing import parse_task
from alabtrain.selection.select import select
from tests.support import builders as b


def read(*tasks: dict[str, Any], **options: Any) -> Documents:
    parsed = [parse_task(task, where="test") for task in tasks]
    chosen = select(parsed)
    split = Split(by_tags=False, validation=0.0, seed=1)
    return read_documents(parsed, chosen.decisions, request=DocumentRequest(**options), split=split)


def divided(tasks: list[dict[str, Any]], *, by_tags: bool = False) -> Documents:
    parsed = [parse_task(task, where="test") for task in tasks]
    split = Split(by_tags=by_tags, validation=0.5, seed=1)
    return read_documents(parsed, select(parsed).decisions, request=DocumentRequest(), split=split)


def test_copies_of_a_text_are_never_on_both_sides_of_the_split() -> None:
    tasks = b.texts(*(["Mild cough."] * 20), *(f"Note {number}." for number in range(20)))
    parts = {d.task_id: d.part for d in divided(tasks).documents}
    drawn = Split(False, 0.5, 1)
    assert {parts[number] for number in range(1, 21)} == {drawn.part(1, ())}
    assert all(parts[number] == drawn.part(number, ()) for number in range(21, 41))
    assert {d.task_id: d.part for d in divided(tasks[::-1]).documents} == parts


def test_test_texts_that_train_as_well_are_a_warning() -> None:
    tasks = b.texts("Mild cough.", "Mild cough. ", "No fever.", "Mild cough.", "Mild cough.", tags=(3, 4, 5))
    (finding,) = [f for f in divided(tasks, by_tags=True).findings if f.code == "text_in_train_and_test"]
    assert (finding.severity, finding.count, finding.examples) == ("warning", 2, ("tasks 1 and 4",))
    assert "cough" not in repr(finding)
    assert not [f for f in divided(tasks).findings if f.code == "text_in_train_and_test"]


def lost(documents: Documents) -> dict[str, int]:
    for stage in documents.funnel:
        assert stage.entered == stage.left + sum(stage.lost.values())
    return dict(documents.funnel.stages[1].lost)


def test_broken_regions_enter_the_account_and_leave_it_by_name() -> None:
    broken = {"id": "x", "type": "labels", "from_name": "label", "to_name": "text"}
    documents = read(b.task(1, b.completion(1001, result=[b.region(3, 8), broken])))
    assert lost(documents) == {"region_without_value": 1}
    assert documents.funnel.stages[1].entered == 2
    with pytest.raises(InputError, match="strict"):
        read(b.task(1, b.completion(1001, result=[b.region(3, 8), broken])), strict=True)


def test_spans_of_a_task_without_text_are_counted() -> None:
    documents = read(b.task(1, b.completion(1001, result=[b.region(3, 8)])), text_key="body")
    assert documents.documents == []
    assert lost(documents) == {"text_missing": 1}
    assert dict(documents.funnel.stages[0].lost) == {"no_text": 1}


def test_documents_come_in_the_order_of_their_ids() -> None:
    tasks = [b.task(i, b.completion(i * 1000 + 1, result=[b.region(3, 8)])) for i in (3, 1, 2)]
    assert [d.task_id for d in read(*tasks).documents] == [1, 2, 3]


def test_strict_tells_of_one_region_in_the_form_for_one() -> None:
    shifted = b.region(3, 8, text="x" * 20)
    with pytest.raises(InputError) as caught:
        read(b.task(1, b.completion(1001, result=[shifted])), strict=True)
    assert str(caught.value) == (
        "task 1, region r3-8-Symptom (Symptom): --strict: span whose offsets do not match its text"
    )

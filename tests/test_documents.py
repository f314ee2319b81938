from __future__ import annotations

from typing import Any

import pytest

from alabtrain.errors import InputError
from alabtrain.examples.documents import Documents, TextOptions, read_documents
from alabtrain.examples.split import Split
from alabtrain.reading.parsing import parse_task
from alabtrain.select import select
from tests import builders as b


def read(*tasks: dict[str, Any], **options: Any) -> Documents:
    parsed = [parse_task(task, where="test") for task in tasks]
    chosen = select(parsed)
    split = Split(by_tags=False, validation=0.0, seed=1)
    return read_documents(parsed, chosen.decisions, options=TextOptions(**options), split=split)


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
    documents = read(b.task(1, b.completion(1001, result=[b.region(3, 8)])), key="body")
    assert documents.documents == []
    assert lost(documents) == {"text_missing": 1}
    assert dict(documents.funnel.stages[0].lost) == {"no_text": 1}


def test_documents_come_in_the_order_of_their_ids() -> None:
    tasks = [b.task(i, b.completion(i * 1000 + 1, result=[b.region(3, 8)])) for i in (3, 1, 2)]
    assert [d.task_id for d in read(*tasks).documents] == [1, 2, 3]

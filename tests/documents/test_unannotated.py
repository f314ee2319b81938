"""Which tasks could be annotated next, by the same selection as a training's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alabtrain.core.errors import NothingToTrain
from alabtrain.documents.unannotated import Pool, read_pool
from alabtrain.project.project import open_project
from alabtrain.selection.options import SelectionOptions
from tests.support import builders as b


def pool_of(folder: Path, tasks: list[dict[str, Any]], **options: Any) -> Pool:
    project = open_project(b.write_project(folder / "p.zip", tasks))
    assert project.config is not None
    return read_pool(project, project.config, "text", SelectionOptions(**options))


def ids(pool: Pool) -> list[int | str]:
    return [task_id for task_id, _text in pool.candidates]


def task(number: int, *completions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return b.task(number, *completions, data={"text": f"{b.TEXT} {number}"}, **more)


def test_what_nobody_annotated_is_left_and_the_rest_is_counted(tmp_path: Path) -> None:
    done = b.completion(1001, result=[b.region(0, 10, "Symptom", text=b.TEXT)])
    empty = {**task(5), "data": {"text": "  "}}
    pool = pool_of(tmp_path, [task(1, done), task(2), task(3, tags=["tEST"]), task(4), empty])
    assert ids(pool) == [2, 4]
    assert pool.skipped == {"has_completion": 1, "test": 1, "no_text": 1}
    assert pool.annotated == {"Symptom": 1}
    assert len(pool.known) == 1


def test_tags_keep_tasks_as_everywhere_else(tmp_path: Path) -> None:
    pool = pool_of(tmp_path, [task(1, tags=["A"]), task(2, tags=["b"]), task(3)], tags=("a",))
    assert ids(pool) == [1]
    assert pool.skipped == {"tag_filter": 2}


def test_what_only_tests_is_not_compared_with(tmp_path: Path) -> None:
    done = [b.completion(n, result=[b.region(0, 10, "Symptom", text=b.TEXT)]) for n in (1001, 2001)]
    tasks = [task(1, done[0], tags=["Test", "A"]), task(2, done[1]), task(3, tags=["A"])]
    assert (pool_of(tmp_path, tasks).annotated, len(pool_of(tmp_path, tasks).known)) == ({"Symptom": 1}, 1)
    pool = pool_of(tmp_path, tasks, tags=("a",))
    assert (pool.annotated, pool.known) == ({}, [])
    assert pool.skipped == {"test": 1, "tag_filter": 1}


def test_a_rejected_completion_does_not_count_as_annotated_nor_is_its_task_ranked(tmp_path: Path) -> None:
    rejected = b.completion(1001, result=[b.region(0, 10, "Symptom", text=b.TEXT)], review_status="rejected")
    pool = pool_of(tmp_path, [task(1, rejected), task(2)])
    assert ids(pool) == [2]
    assert pool.skipped == {"submitted_but_not_taken": 1}
    assert (pool.annotated, pool.known) == ({}, [])


def test_labels_that_the_config_does_not_have_are_not_shown(tmp_path: Path) -> None:
    done = b.completion(1001, result=[b.region(0, 10, "John Smith", text=b.TEXT)])
    assert pool_of(tmp_path, [task(1, done), task(2)]).annotated == {}


def test_where_everything_is_annotated_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(NothingToTrain, match="no task is left"):
        pool_of(tmp_path, [task(1, b.completion(1001, result=[]))])

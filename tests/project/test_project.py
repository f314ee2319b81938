from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from alabtrain.core.errors import AlabtrainError, InputError, UsageError
from alabtrain.project.project import Project, open_project
from tests.support import builders as b


def opened(path: Path, **files: Path) -> Project:
    return open_project(path, **files)


def codes(project: Project) -> list[str]:
    list(project.tasks())
    return [finding.code for finding in project.findings]


# Where things lie


@pytest.mark.parametrize("prefix", ["", "export/", "a/b/c/"])
def test_a_project_lies_at_any_depth(tmp_path: Path, prefix: str) -> None:
    files = {prefix + name: data for name, data in b.members(b.team_tasks()).items()}
    for path in (b.write_zip(tmp_path / "p.zip", files), b.write_folder(tmp_path / "f", files)):
        project = opened(path)
        assert (project.name, project.team_order) == ("notes", ("ann", "bob", "cid"))
        assert project.config_member == prefix + "config.xml"
        assert project.config_source == b.CONFIG.encode()
        assert len(list(project.tasks())) == len(list(project.tasks())) == 8
        assert project.data_keys == ("text", "title")


def test_the_config_of_project_json_counts_where_there_is_no_other(tmp_path: Path) -> None:
    files = b.members(b.team_tasks())
    del files["config.xml"]
    project = opened(b.write_zip(tmp_path / "p.zip", files))
    assert project.config_member is None
    assert project.config_source == b.CONFIG.encode()
    assert project.config is not None
    assert [label.name for label in project.config.ner_labels] == ["Symptom", "Remedy"]


def test_a_config_may_be_a_txt_among_texts(tmp_path: Path) -> None:
    files = {
        "tasks.json": b.as_json([]),
        "a.txt": b"just < a text",
        "labels.txt": b"\xef\xbb\xbf" + b.CONFIG.encode(),
    }
    assert opened(b.write_zip(tmp_path / "p.zip", files)).config_member == "labels.txt"


def test_a_config_that_differs_from_project_json_is_a_finding(tmp_path: Path) -> None:
    files = b.members([])
    files["config.xml"] = b.CONFIG.replace("\n", "\r\n").encode()
    assert codes(opened(b.write_zip(tmp_path / "p.zip", files))) == []
    files["config.xml"] = b.CONFIG.replace("Remedy", "Cure").encode()
    assert codes(opened(b.write_zip(tmp_path / "q.zip", files))) == ["config_differs"]


def test_the_given_config_beats_all_others(tmp_path: Path) -> None:
    given = tmp_path / "mine.xml"
    given.write_text(b.CONFIG.replace("Remedy", "Cure"))
    project = opened(b.write_project(tmp_path / "p.zip", []), config=given)
    assert project.config_member == str(given)
    assert b"Cure" in (project.config_source or b"")
    with pytest.raises(UsageError):
        opened(tmp_path / "p.zip", config=tmp_path / "none.xml")


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ("more/result.json", "2 lists of tasks"),
        ("two.xml", "2 labeling configs"),
        ("sub/project.json", "2 project.json"),
    ],
)
def test_several_candidates_are_listed(tmp_path: Path, extra: str, named: str) -> None:
    files = b.members(b.team_tasks())
    content = {
        "result.json": files["result.json"],
        "two.xml": files["config.xml"],
        "project.json": files["project.json"],
    }
    files[extra] = content[extra.rpartition("/")[2]]
    with pytest.raises(InputError, match=named) as caught:
        opened(b.write_zip(tmp_path / "p.zip", files))
    assert extra in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("annotations.json", b'{"images": [], "annotations": []}', "COCO"),
        ("result.csv", b"text\n1\n", "CSV"),
        ("all.conll", b"-DOCSTART- -X- O\n", "CoNLL"),
        ("result.tsv", b"text\n1\n", "TSV"),
        ("note.md", b"hello", "no list of tasks"),
        ("one.json", b'{"id": 1}', "expected a JSON list"),
    ],
)
def test_other_exports_are_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        list(opened(b.write_zip(tmp_path / "p.zip", {name: content})).tasks())
    assert '"JSON"' in str(caught.value.hint)


def test_a_file_of_another_export_is_named(tmp_path: Path) -> None:
    (tmp_path / "all.conll").write_bytes(b"-DOCSTART- -X- O\n")
    with pytest.raises(InputError, match="CoNLL"):
        opened(tmp_path / "all.conll")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            {"text": "x", "label": "y", "id": 1, "annotator": 1, "annotation_id": 2, "lead_time": 1.5},
            "JSON_MIN",
        ),
        ({"text": "x", "title": "t"}, "list of texts for import"),
        ({"data": {"text": "x"}}, "list for import"),
        ({"data": {"text": "x"}, "annotations": []}, "list for import"),
        ({"what": 1}, "not a task"),
        ({}, "not a task"),
    ],
)
def test_lists_of_other_things_are_named(tmp_path: Path, row: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        list(opened(b.write_json(tmp_path / "x.json", [row])).tasks())


@pytest.mark.parametrize(
    "content",
    [b"[]", b"{", b"nonsense", b'{"team_members_order": "ann"}', b'{"team_members_order": [1]}',
     b'{"label_config": 1}',     b'{"label_config": "\\ud800"}', b"\xff\xfe{}", b"[" * 100_000],
)  # fmt: skip
def test_a_broken_project_json_is_an_error(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputError) as caught:
        opened(b.write_zip(tmp_path / "p.zip", {**b.members([]), "project.json": content}))
    assert "project.json" in str(caught.value)


def test_inputs_are_hashed_by_their_names(tmp_path: Path) -> None:
    reviews = tmp_path / "r.csv"
    reviews.write_text("task_id,completion_id,review\n")
    folder = b.write_folder(tmp_path / "f", b.members([]))
    names = opened(folder, reviews=reviews).inputs()
    assert sorted(names) == sorted([*(f"{folder}/{n}" for n in b.members([])), str(reviews)])
    assert list(opened(b.write_project(tmp_path / "p.zip", [])).inputs()) == [str(tmp_path / "p.zip")]


# Tasks that are there twice


def test_equal_tasks_count_once_however_they_are_written(tmp_path: Path) -> None:
    first, second = b.team_tasks()[:2]
    again = dict(reversed(list(first.items())))
    texts = [json.dumps(first), json.dumps(second), json.dumps(again), json.dumps(second), json.dumps(first)]
    (tmp_path / "x.json").write_text("[" + ",".join(texts) + "]")
    project = opened(tmp_path / "x.json")
    assert [task.id for task in project.tasks()] == [3, 1]
    (finding,) = [f for f in project.findings if f.code == "duplicate_task"]
    assert finding.count == 3


def test_different_tasks_of_one_id_are_an_error(tmp_path: Path) -> None:
    other = b.task(1, data={"text": "another"})
    tasks = [b.task(1), b.task(2), dict(reversed(list(b.task(2).items()))), other]
    with pytest.raises(InputError, match="task 1 occurs twice"):
        list(opened(b.write_json(tmp_path / "x.json", tasks)).tasks())


def test_a_number_and_a_text_are_two_ids(tmp_path: Path) -> None:
    project = opened(b.write_json(tmp_path / "x.json", [b.task(1), b.task("1")]))
    assert [task.id for task in project.tasks()] == [1, "1"]


@pytest.mark.parametrize("form", [{"crlf": True}, {"bom": True}, {"indent": None}])
def test_forms_of_json(tmp_path: Path, form: dict[str, Any]) -> None:
    assert len(list(opened(b.write_json(tmp_path / "x.json", b.team_tasks(), **form)).tasks())) == 8


def test_the_spelling_met_and_unknown_words_are_findings(tmp_path: Path) -> None:
    tasks = [b.task(1, b.completion(1, review_status="accepted"), b.completion(2, review_status="wow"))]
    project = opened(b.write_json(tmp_path / "x.json", tasks))
    assert codes(project) == ["reviews_read", "unknown_review"]
    assert "`review_status`" in project.findings[0].message


# Side files


def test_reviews_beside_the_export_beat_those_inside(tmp_path: Path) -> None:
    reviews = tmp_path / "r.csv"
    reviews.write_bytes(
        "\ufeffReview,task_id, completion_id\r\nTo correct,3,3001\r\naccepted,1,1002\r\n\r\naccepted,99,1\r\n".encode()
    )
    project = opened(b.write_project(tmp_path / "p.zip", b.team_tasks()), reviews=reviews)
    verdicts = {c.id: c.review for task in project.tasks() for c in task.completions}
    assert (verdicts[3001], verdicts[1002], verdicts[1001]) == ("rejected", "accepted", None)
    (finding,) = [f for f in project.findings if f.code == "reviews_unmatched"]
    assert finding.examples == ("task 99, completion 1",)


def test_tags_beside_the_export_are_added(tmp_path: Path) -> None:
    tags = tmp_path / "t.csv"
    tags.write_text('task_id,tag\n1,"a, b"\n1,Train\n5,late\nx,odd\n')
    project = opened(b.write_project(tmp_path / "p.zip", b.team_tasks()), task_tags=tags)
    read = {task.id: task.tags for task in project.tasks()}
    assert read[1] == ("Train", "a, b")
    assert read[5] == ("late",)
    assert "tags_unmatched" in codes(project)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("task_id,review\n", 1),
        ("task_id,completion_id,review\n1,2\n", 2),
        ("task_id,completion_id,review\n1,2,wow\n", 2),
        ("task_id,completion_id,review\n1,2,accepted\n1,2,rejected\n", 3),
        ('task_id,completion_id,review\n1,"2,accepted\n', 2),
        ('task_id,completion_id,review\n1,"2"x,accepted\n', 2),
    ],
)
def test_broken_side_files_name_the_line(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        opened(b.write_project(tmp_path / "p.zip", []), reviews=tmp_path / "r.csv")
    assert f"r.csv, line {line}" in str(caught.value.where)


def test_side_files_that_are_not_text(tmp_path: Path) -> None:
    project = b.write_project(tmp_path / "p.zip", [])
    (tmp_path / "t.csv").write_bytes(b"task_id,tag\n1,\xff\n")
    with pytest.raises(InputError, match="UTF-8"):
        opened(project, task_tags=tmp_path / "t.csv")
    with pytest.raises(AlabtrainError):
        opened(project, task_tags=tmp_path)

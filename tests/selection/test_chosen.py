from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from alabtrain.core.errors import InputError, SetupError, UsageError
from alabtrain.project.project import open_project
from alabtrain.selection.chosen import write_chosen
from alabtrain.selection.options import SelectionOptions
from alabtrain.selection.select import select_project
from tests.support import builders as b


def write(project: Path, output: Path, output_format: Any = "json") -> Any:
    opened = open_project(project)
    count = write_chosen(opened, select_project(opened), output, output_format=output_format)
    text = output.read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()] if output_format == "jsonl" else json.loads(text)
    assert len(rows) == count
    return rows


@pytest.mark.parametrize("output_format", ["json", "jsonl"])
def test_records(tmp_path: Path, output_format: str) -> None:
    rows = write(b.write_project(tmp_path / "p.zip", b.team_tasks()), tmp_path / "out", output_format)
    assert [(row["task_id"], row["completion_id"], row["rule"]) for row in rows] == [
        (3, 3001, "accepted"), (1, 1002, "priority"), (2, 2001, "starred"), (5, 5002, "latest"),
        (8, 8001, "only"),
    ]  # fmt: skip
    assert rows[0] == {
        "task_id": 3, "completion_id": 3001, "annotator": "cid", "rule": "accepted", "tags": ["Train"],
        "data": {"text": b.TEXT, "title": "note-3"}, "result": b.RESULT,
    }  # fmt: skip


def test_an_export_keeps_every_field_and_selects_the_same_again(tmp_path: Path) -> None:
    before = {raw["id"]: raw for raw in b.team_tasks()}
    rows = write(b.write_project(tmp_path / "p.zip", before.values()), tmp_path / "out.json", "export")
    for row in rows:
        (chosen,) = row["completions"]
        assert chosen in before[row["id"]]["completions"]
        assert {**row, "completions": None} == {**before[row["id"]], "completions": None}
    again = write(tmp_path / "out.json", tmp_path / "again.json", "export")
    assert again == rows


def test_an_export_of_label_studio_keeps_its_key(tmp_path: Path) -> None:
    raw = b.studio_task(1, b.annotation(1, minute=1), b.annotation(2), completions=[])
    (row,) = write(b.write_json(tmp_path / "x.json", [raw]), tmp_path / "out.json", "export")
    assert row == {**raw, "annotations": raw["annotations"][:1]}


def test_nothing_chosen_is_an_empty_list(tmp_path: Path) -> None:
    project = b.write_json(tmp_path / "x.json", [b.task(1)])
    assert write(project, tmp_path / "a") == write(project, tmp_path / "b", "jsonl") == []


def test_no_input_is_written_over(tmp_path: Path) -> None:
    folder = b.write_folder(tmp_path / "f", b.members(b.team_tasks()))
    packed = b.write_project(tmp_path / "p.zip", b.team_tasks())
    (tmp_path / "link.json").hardlink_to(folder / "result.json")
    cases = [
        (packed, packed),
        *((folder, folder / name) for name in b.members([])),
        (folder, tmp_path / "link.json"),
    ]
    for project, output in cases:
        before = output.read_bytes()
        with pytest.raises(UsageError, match="this file belongs to the project"):
            write(project, output)
        assert output.read_bytes() == before


def test_records_inside_the_folder_are_no_second_list_of_tasks(tmp_path: Path) -> None:
    folder = b.write_folder(tmp_path / "f", b.members(b.team_tasks()))
    rows = write(folder, folder / "chosen.json")
    assert write(folder, folder / "chosen.json") == rows
    with pytest.raises(UsageError, match="ambiguous"):
        write(folder, folder / "second.json", "export")


def test_where_it_cannot_be_written(tmp_path: Path) -> None:
    project = b.write_project(tmp_path / "p.zip", b.team_tasks())
    for output in (tmp_path, tmp_path / "none" / "x.json"):
        with pytest.raises(UsageError):
            write(project, output)
    with pytest.raises(SetupError):
        write(project, tmp_path / ("x" * 300))


def test_a_number_that_json_lacks_leaves_no_file(tmp_path: Path) -> None:
    raw = b.task(1, b.completion(1, lead_time=12345.5))
    path = b.write_json(tmp_path / "x.json", [b.task(2, b.completion(2)), raw])
    path.write_bytes(path.read_bytes().replace(b"12345.5", b"1e999"))
    with pytest.raises(InputError, match="number"):
        write(path, tmp_path / "out.json", "export")
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]


def test_a_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    project = b.write_project(tmp_path / "p.zip", b.team_tasks())
    target = tmp_path / "kept.json"
    target.write_text("old")
    target.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(target)
    assert len(write(project, link)) == 5
    assert link.is_symlink()
    assert json.loads(target.read_text())
    assert target.stat().st_mode & 0o777 == 0o640


def test_what_is_no_file_is_written_into_and_stays(tmp_path: Path) -> None:
    opened = open_project(b.write_project(tmp_path / "p.zip", b.team_tasks()))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_chosen(opened, select_project(opened), pipe, output_format="jsonl")
        assert len(os.read(reader, 1 << 16).splitlines()) == 5
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_link_to_a_file_of_the_project_is_refused(tmp_path: Path) -> None:
    project = b.write_project(tmp_path / "p.zip", b.team_tasks())
    link = tmp_path / "link.json"
    link.symlink_to(project)
    with pytest.raises(UsageError, match="this file belongs to the project"):
        write(project, link)


def test_an_export_holds_what_the_side_files_said(tmp_path: Path) -> None:
    raws = [
        b.task(1, b.completion(11), b.completion(12, "bob"), tags=[{"name": "Odd", "id": 3}]),
        b.task(2, b.completion(21, reviews=[{"accepted": False}])),
        b.task(3, b.completion(31, review_status="Fixed_and_accepted")),
    ]
    (tmp_path / "tags.csv").write_text("task_id,tag\n1,Train\n1,odd\n2,Test\n")
    (tmp_path / "reviews.csv").write_text("task_id,completion_id,review\n1,12,accepted\n2,21,accepted\n")
    project = b.write_json(tmp_path / "x.json", raws)
    opened = open_project(project, reviews=tmp_path / "reviews.csv", task_tags=tmp_path / "tags.csv")
    wanted = SelectionOptions(reviewed_only=True, tags=("train", "test"))
    selection = select_project(opened, wanted)
    output = tmp_path / "out.json"
    assert write_chosen(opened, selection, output, output_format="export") == 2
    rows = json.loads(output.read_text())
    assert rows[0]["tags"] == [{"name": "Odd", "id": 3}, {"name": "Train"}, {"name": "odd"}]
    assert rows[1]["tags"] == ["Test"]
    assert [row["completions"][0]["review_status"] for row in rows] == ["accepted", "accepted"]
    again = select_project(open_project(output), wanted)
    assert [d.completion_id for d in again.decisions] == [12, 21]
    same = select_project(open_project(project), SelectionOptions(reviewed_only=True))
    write_chosen(open_project(project), same, output, output_format="export")
    assert json.loads(output.read_text()) == [raws[2]]

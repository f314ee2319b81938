"""When a watch trains, and what it remembers; the training itself is left to tests with the engine."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from alabtrain.cli import run
from alabtrain.core.errors import InputError, SetupError, UsageError
from alabtrain.project import parsing
from alabtrain.project.project import open_project
from alabtrain.runs.watch_state import LOCK, STATE, WatchState, only_watch, read_state, write_state
from alabtrain.selection.options import SelectionOptions
from alabtrain.workflows import watch as watching
from alabtrain.workflows.configs import WatchConfig
from alabtrain.workflows.watch import Look, Postponed, look, newest_export, submitted, watch
from alabtrain.workflows.workspace import Workspace
from tests.support import builders as b


def export(path: Path, count: int, *, drafts: int = 0) -> Path:
    """Write a project with so many submitted completions, and drafts beside them."""
    tasks = [b.task(n, b.completion(n * 1000 + 1)) for n in range(1, count + 1)]
    tasks += [b.task(n, b.completion(n * 1000 + 1, submitted=False)) for n in range(count + 1, count + drafts + 1)]
    return b.write_project(path, tasks)


class Training:
    """Counts how often it is asked to train, and may end as a killed one does."""

    def __init__(self, runs: Path) -> None:
        self.runs, self.times, self.ends = runs, 0, False

    def __call__(self, *_arguments: Any, **_others: Any) -> Any:
        self.times += 1
        if self.ends:
            raise SystemExit(137)
        return SimpleNamespace(run=self.runs / f"run-{self.times}")


@pytest.fixture
def output(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    folder.mkdir()
    return folder


def look_at(path: Path, output: Path, training: Training, *, every: int = 50) -> Look:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(watching, "train", training)
        return look(path, WatchConfig(every=every), Workspace(runs=output))


def test_49_new_completions_train_nothing_and_the_50th_trains_once(tmp_path: Path, output: Path) -> None:
    training = Training(output)
    before = submitted(open_project(export(tmp_path / "p.zip", 10)), SelectionOptions())
    write_state(output, WatchState(str(tmp_path / "p.zip"), False, before))
    assert look_at(export(tmp_path / "p.zip", 59, drafts=20), output, training) == Look(tmp_path / "p.zip", 49, 50)
    assert training.times == 0
    assert look_at(export(tmp_path / "p.zip", 60), output, training).run == str(output / "run-1")
    assert look_at(tmp_path / "p.zip", output, training).new == 0
    assert training.times == 1


def test_a_training_that_was_killed_is_done_once_more(tmp_path: Path, output: Path) -> None:
    training = Training(output)
    training.ends = True
    with pytest.raises(SystemExit):
        look_at(export(tmp_path / "p.zip", 50), output, training)
    assert read_state(output, tmp_path / "p.zip") == WatchState(str(tmp_path / "p.zip"), False)
    training.ends = False
    assert look_at(tmp_path / "p.zip", output, training).run == str(output / "run-2")
    assert look_at(tmp_path / "p.zip", output, training).run is None
    assert training.times == 2


def test_of_a_folder_of_exports_the_newest_counts(tmp_path: Path, output: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    for number, name in enumerate(("b.zip", "a.zip")):
        os.utime(export(folder / name, 5 + number), ns=(0, number))
    assert newest_export(folder) == folder / "a.zip"
    assert look_at(folder, output, Training(output)).new == 6
    assert newest_export(tmp_path / "exports" / "b.zip").name == "b.zip"
    with pytest.raises(UsageError, match="no such"):
        newest_export(tmp_path / "missing")


def test_a_folder_of_json_files_is_one_of_exports_but_one_alone_is_an_export(tmp_path: Path) -> None:
    folder = b.write_folder(tmp_path / "p", {"result.json": b"[]", "config.xml": b"<View/>", "project.json": b"{}"})
    assert newest_export(folder) == folder
    (folder / "later.json").write_bytes(b"[]")
    os.utime(folder / "result.json", ns=(0, 1))
    assert newest_export(folder) == folder / "later.json"


def test_a_completion_counts_once_however_often_it_is_exported(tmp_path: Path, output: Path) -> None:
    training = Training(output)
    look_at(export(tmp_path / "p.zip", 3), output, training, every=3)
    assert look_at(export(tmp_path / "p.zip", 2), output, training, every=1).new == 0
    assert look_at(export(tmp_path / "p.zip", 4), output, training, every=2).new == 1


def test_what_was_trained_on_is_not_forgotten_where_an_export_lacks_it(tmp_path: Path, output: Path) -> None:
    training = Training(output)
    look_at(export(tmp_path / "p.zip", 5), output, training, every=5)
    others = [b.task(n, b.completion(n * 1000 + 1)) for n in (7, 8)]
    look_at(b.write_project(tmp_path / "p.zip", others), output, training, every=2)
    assert look_at(export(tmp_path / "p.zip", 8), output, training).new == 1


@pytest.mark.parametrize("content", ["{", "[1]", '"x"', "7", '[{"watched": "x"}]'])
def test_a_broken_state_is_told_and_kept(tmp_path: Path, output: Path, content: str) -> None:
    (output / STATE).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=STATE):
        look_at(export(tmp_path / "p.zip", 3), output, Training(output))
    assert (output / STATE).read_text(encoding="utf-8") == content


def test_projects_in_the_same_folder_do_not_forget_each_other(tmp_path: Path, output: Path) -> None:
    training = Training(output)
    look_at(export(tmp_path / "p.zip", 5), output, training, every=5)
    assert look_at(export(tmp_path / "q.zip", 4), output, training, every=3).new == 4
    assert look_at(tmp_path / "p.zip", output, training).new == 0
    assert look_at(tmp_path / "q.zip", output, training).new == 0


def test_the_state_of_one_project_alone_is_still_read(tmp_path: Path, output: Path) -> None:
    old = {"watched": str(tmp_path / "p.zip"), "deploy": True, "run": "r", "trained": ["1/1001"]}
    (output / STATE).write_text(json.dumps(old), encoding="utf-8")
    assert read_state(output, tmp_path / "p.zip") == WatchState(old["watched"], True, frozenset(["1/1001"]), "r")


def test_imported_completions_count_where_a_training_takes_them(tmp_path: Path) -> None:
    imported = [b.task(n, b.completion(n * 1000 + 1, submitted=False)) for n in (1, 2)]
    for task in imported:
        for key in parsing.DRAFT_TRAITS:
            task["completions"][0].pop(key, None)
    alone = open_project(b.write_project(tmp_path / "alone.zip", imported))
    assert len(submitted(alone, SelectionOptions())) == 2
    beside = open_project(b.write_project(tmp_path / "beside.zip", [*imported, b.task(3, b.completion(3001))]))
    assert submitted(beside, SelectionOptions()) == {"3/3001"}
    assert len(submitted(beside, SelectionOptions(include_imported=True))) == 3


def test_only_completions_of_the_tags_that_train_count(tmp_path: Path) -> None:
    tasks = [b.task(1, b.completion(1001), tags=["A"]), b.task(2, b.completion(2001))]
    project = open_project(b.write_project(tmp_path / "p.zip", tasks))
    assert submitted(project, SelectionOptions(tags=("a",))) == {"1/1001"}


def test_only_completions_of_the_annotators_that_train_count(tmp_path: Path) -> None:
    tasks = [b.task(1, b.completion(1001, by="ann"), b.completion(1002, by="bob"))]
    project = open_project(b.write_project(tmp_path / "p.zip", tasks))
    assert submitted(project, SelectionOptions(annotators=("Bob",))) == {"1/1002"}


def test_two_watches_do_not_share_a_folder_but_a_dead_one_does_not_count(output: Path) -> None:
    with only_watch(output), pytest.raises(SetupError, match="another watch"), only_watch(output):
        pass
    assert (output / LOCK).exists()  # as a killed one leaves it
    with only_watch(output):
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert (
        run(["watch", str(export(tmp_path / "p.zip", 3)), "--once", "--output", str(tmp_path / "file" / "runs")]) == 4
    )


def test_an_export_that_cannot_be_used_is_looked_at_again_when_it_was_replaced(
    tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, looks = tmp_path / "p.zip", []
    rests = iter([lambda: None, lambda: path.write_bytes(b"other"), lambda: None])

    def rest(_: float) -> None:
        next(rests, sys.exit)()

    def broken_look(*_: Any) -> Look:
        looks.append(path.read_bytes())
        if looks == [b"one"]:
            path.write_bytes(b"while it was looked at")
        raise InputError("not a zip file")

    path.write_bytes(b"one")
    monkeypatch.setattr(watching.time, "sleep", rest)
    monkeypatch.setattr(watching, "_look", broken_look)
    found = []
    with pytest.raises(SystemExit):
        found.extend(watch(path, WatchConfig(interval=1), Workspace(runs=output)))
    assert looks == [b"one", b"while it was looked at", b"other"]


def test_a_watch_yields_what_is_new_and_nothing_twice(
    tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export(tmp_path / "p.zip", 3)
    changes = iter([lambda: None, lambda: path.write_bytes(b"broken"), lambda: None, lambda: export(path, 5)])
    monkeypatch.setattr(watching.time, "sleep", lambda _: next(changes, sys.exit)())
    monkeypatch.setattr(watching, "train", Training(output))
    found: list[Any] = []
    with pytest.raises(SystemExit):
        found.extend(watch(path, WatchConfig(every=5), Workspace(runs=output)))
    first, postponed, trained = found
    assert first == Look(path, 3, 5)
    assert isinstance(postponed, Postponed)
    assert "zip" in postponed.message
    assert trained == Look(path, 5, 5, str(output / "run-1"))
    with only_watch(output):  # let go of at the end
        pass


def test_the_command_looks_once(tmp_path: Path, output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = export(tmp_path / "p.zip", 3)
    assert run(["watch", str(project), "--once", "--output", str(output), "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == {"export": str(project), "new": 3, "every": 50, "run": None}
    assert "not deployed" in told.err
    assert run(["watch", str(project), "--once", "--output", str(output)]) == 0
    told = capsys.readouterr()
    assert "3 of 50 new completions" in told.out
    assert "not deployed" not in told.err
    assert run(["watch", str(project), "--json", "--output", str(output)]) == 2
    assert run(["watch", "--once", "--output", str(output)]) == 2


def test_the_answer_about_deploying_is_kept(tmp_path: Path, output: Path) -> None:
    project = export(tmp_path / "p.zip", 3)
    assert run(["watch", str(project), "--once", "--deploy", "--output", str(output)]) == 0
    assert read_state(output, project) == WatchState(str(project), True)
    assert run(["watch", str(project), "--once", "--output", str(output)]) == 0
    assert read_state(output, project) == WatchState(str(project), True)

"""The logs of a run: on stdout, or in one zip."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from alabtrain.cli import run as alabtrain
from alabtrain.core.errors import InputError, TrainingError, UsageError
from alabtrain.runs import logs
from alabtrain.runs.logs import read_log, zip_logs
from tests.support.run_folders import UNTRAINED, begin_run, fill, make_run

TYPES = ["ner", "assertion", "classification"]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def mixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return make_run(tmp_path / "runs", TYPES, not_trained=[UNTRAINED])


def failed(*arguments: object, code: int, capsys: Capture) -> str:
    assert alabtrain(["logs", *map(str, arguments)]) == code
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_the_log_of_everything_is_printed(mixed: Path, capsys: Capture) -> None:
    assert alabtrain(["logs", str(mixed)]) == 0
    said = capsys.readouterr()
    assert said.out == (mixed / "train.log").read_text()
    assert said.err == ""
    assert "Epoch 12/12 of ner" in said.out
    assert "Epoch 12/12 of assertion" in said.out


def test_the_log_of_a_type_is_printed(mixed: Path, capsys: Capture) -> None:
    assert alabtrain(["logs", str(mixed), "--type", "assertion"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 12
    assert all(line.endswith(" of assertion") for line in lines)


def test_a_run_of_one_type_has_one_log(tmp_path: Path) -> None:
    path = make_run(tmp_path, ["ner"])
    assert read_log(path, "ner") == read_log(path) == (path / "train.log").read_text()


def test_control_characters_in_names_do_not_reach_the_terminal(mixed: Path, capsys: Capture) -> None:
    with (mixed / "train.log").open("a") as stream:
        stream.write("2026-01-01T00:00:00Z label \x1b[31mred\n")
    assert alabtrain(["logs", str(mixed)]) == 0
    assert capsys.readouterr().out.endswith("label \\x1b[31mred\n")


def test_the_zip_holds_all_logs_and_no_page(mixed: Path, capsys: Capture) -> None:
    (mixed / "README.md").write_text("the card")
    assert alabtrain(["logs", str(mixed), "--zip", "logs.zip"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("wrote logs.zip (train.log, ")
    with zipfile.ZipFile("logs.zip") as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert {name: archive.read(name) for name in names} == {name: (mixed / name).read_bytes() for name in names}
    assert names == [
        "train.log", "metrics.json", "models.json", "not_trained.json", "findings.json", "funnel.json", "run.json",
        "assertion/epochs.jsonl", "assertion/train.log", "ner/epochs.jsonl", "ner/train.log",
    ]  # fmt: skip


def test_json_tells_the_lines_or_the_members(mixed: Path, capsys: Capture) -> None:
    assert alabtrain(["logs", str(mixed), "--type", "ner", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["run"], told["type"], len(told["lines"])) == (str(mixed), "ner", 12)
    assert alabtrain(["logs", str(mixed), "--zip", "logs.zip", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["zip"] == "logs.zip"
    assert told["members"] == zipfile.ZipFile("logs.zip").namelist()


def test_a_file_that_is_there_is_replaced_only_by_force(mixed: Path, capsys: Capture) -> None:
    Path("mine.txt").write_text("mine")
    assert "replace it with --force" in failed(mixed, "--zip", "mine.txt", code=2, capsys=capsys)
    assert Path("mine.txt").read_text() == "mine"
    assert alabtrain(["logs", str(mixed), "--zip", "mine.txt", "--force"]) == 0
    assert zipfile.is_zipfile("mine.txt")
    assert sorted(path.name for path in Path().iterdir()) == ["mine.txt", "runs"]


def test_no_file_of_the_run_is_replaced(mixed: Path, capsys: Capture) -> None:
    before = (mixed / "run.json").read_bytes()
    assert "a file of the run" in failed(mixed, "--zip", mixed / "run.json", "--force", code=2, capsys=capsys)
    Path("link").symlink_to(mixed / "run.json")
    failed(mixed, "--zip", "link", "--force", code=2, capsys=capsys)
    assert (mixed / "run.json").read_bytes() == before
    named = mixed / "logs.zip"
    assert zip_logs(mixed, named).members == zip_logs(mixed, named, force=True).members


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nowhere"], 2, "nowhere: no such run folder"),
        (["."], 3, "this folder is not a run"),
        (
            ["{run}", "--type", "visual_ner"],
            2,
            "does not train visual_ner\n  hint: it trains ner, assertion, classification",
        ),
        (["{run}", "--type", "classification"], 3, "has no log of classification"),
        (["{run}", "--type", "../ner"], 2, "does not train ../ner"),
        (["{run}", "--force"], 2, "--force"),
        (["{run}", "--type", "ner", "--zip", "logs.zip"], 2, "a zip holds all"),
        (["{run}", "--zip", "runs"], 2, "runs: this is a folder\n  hint: name a file: runs/logs.zip"),
        (["{run}", "--zip", "none/logs.zip"], 4, "cannot be written"),
        (["nowhere", "--zip", "logs.zip"], 2, "no such run folder"),
    ],
)
def test_what_is_wrong_is_said(arguments: list[str], code: int, said: str, mixed: Path, capsys: Capture) -> None:
    assert said in failed(*(a.format(run=mixed) for a in arguments), code=code, capsys=capsys)
    assert [path.name for path in Path().iterdir()] == ["runs"]


def test_a_run_without_a_log_says_so(mixed: Path, capsys: Capture) -> None:
    for log in mixed.rglob("train.log"):
        log.unlink()
    assert "the run has no log" in failed(mixed, code=3, capsys=capsys)
    assert "the run has no log" in failed(mixed, "--zip", "logs.zip", code=3, capsys=capsys)
    assert not Path("logs.zip").exists()


def test_a_run_that_failed_has_its_log_and_its_error(tmp_path: Path) -> None:
    with pytest.raises(TrainingError), begin_run(tmp_path / "runs", TYPES) as run:
        raise TrainingError("the engine ran out of memory")
    assert "[training_failed] the engine ran out of memory" in read_log(run.final_path)
    assert zip_logs(run.final_path, tmp_path / "l.zip").members == ("train.log", "run.json", "error.json")


def test_a_run_with_a_broken_record_still_gives_its_logs(mixed: Path) -> None:
    (mixed / "run.json").write_text("{")
    assert "Epoch 1/12 of ner" in read_log(mixed)
    assert "ner/train.log" in zip_logs(mixed, Path("l.zip")).members
    with pytest.raises(InputError, match=r"run\.json: this is not valid JSON"):
        read_log(mixed, "ner")


def test_a_run_under_way_is_found_by_either_name(tmp_path: Path) -> None:
    with begin_run(tmp_path / "runs", TYPES) as run:
        fill(run, TYPES)
        for path in (run.final_path, run.path("")):
            assert "Epoch 12/12 of assertion" in read_log(path, "assertion")
            assert "ner/epochs.jsonl" in zip_logs(path, tmp_path / "l.zip", force=True).members


def test_a_run_that_ends_meanwhile_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with begin_run(tmp_path / "runs", TYPES) as run:
        fill(run, TYPES)
        read = logs._content

        def ends(folder: Path, path: Path) -> tuple[float, bytes] | None:
            run.finish()
            return read(folder, path)

        monkeypatch.setattr(logs, "_content", ends)
        done = zip_logs(run.path(""), tmp_path / "l.zip")
    assert "ner/train.log" in done.members
    assert b"state: done" in zipfile.ZipFile(tmp_path / "l.zip").read("train.log")


def test_links_out_of_the_run_are_no_logs(mixed: Path) -> None:
    Path("secret").mkdir()
    Path("secret/train.log").write_text("secret")
    (mixed / "other").symlink_to(Path("secret").absolute())
    (mixed / "funnel.json").unlink()
    (mixed / "funnel.json").symlink_to(Path("secret/train.log").absolute())
    members = zip_logs(mixed, Path("l.zip")).members
    assert "other/train.log" not in members
    assert "funnel.json" not in members
    (mixed / "train.log").unlink()
    (mixed / "train.log").symlink_to(Path("secret/train.log").absolute())
    with pytest.raises(InputError, match="has no log"):
        read_log(mixed)


def test_dates_before_there_were_zips_do_no_harm(mixed: Path) -> None:
    import os

    os.utime(mixed / "train.log", (0, 0))
    zip_logs(mixed, Path("l.zip"))
    assert zipfile.ZipFile("l.zip").getinfo("train.log").date_time[0] == 1980


def test_the_library_says_what_is_wrong_by_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read_log(tmp_path / "none")
    with pytest.raises(UsageError):
        zip_logs(tmp_path / "none", tmp_path / "l.zip")

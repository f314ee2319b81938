"""The wizard: what it asks, what the answers make, and the keys that a user presses."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pexpect
import pytest
import typer
import yaml

from alabtrain.cli import cli, run
from alabtrain.console.settings import long_names, read_settings
from alabtrain.console.wizard.questions import STEPS, Question, make_questions
from alabtrain.console.wizard.settings import make_settings
from alabtrain.core.errors import NothingToTrain
from alabtrain.core.languages.registry import language_of
from alabtrain.inspect.check import run_checks
from alabtrain.project.project import open_project
from alabtrain.selection.select import select_project

ENTER, SPACE, DOWN, LEAVE = "\r", " ", "\x1b[B", "\x03"


@pytest.fixture
def questions(clinic: Path) -> list[Question]:
    opened = open_project(clinic)
    report = run_checks(opened, select_project(opened))
    return make_questions(report, ["visit"], language_of("en"))


def defaults(questions: list[Question], **others: Any) -> dict[str, Any]:
    return {**{question.key: question.default for question in questions}, **others}


def test_the_questions_come_in_three_steps_with_what_a_check_found(questions: list[Question]) -> None:
    assert [question.step for question in questions] == sorted(question.step for question in questions)
    assert {question.step for question in questions} == set(range(len(STEPS)))
    by_key = {question.key: question for question in questions}
    assert by_key["type"].default == ["ner", "assertion", "classification"]
    assert by_key["embeddings"].default == "minilm"
    assert by_key["split"].default == "tags"
    assert any(finding.code == "memory" for finding in by_key["embeddings"].hints)
    assert not by_key["choices"].asked({"type": ["classification"]})  # there is one group only
    assert not by_key["choices"].asked({"type": ["ner"]})


def test_every_answer_is_an_option_of_train_or_watch(questions: list[Question]) -> None:
    known: set[str] = set()
    for name in ("train", "watch"):
        command = cli.get_command(typer.Context(cli), name)
        assert command is not None
        known.update(long_names(command))
    assert {question.key for question in questions} <= known


def test_a_german_project_is_offered_what_reads_german(clinic: Path) -> None:
    opened = open_project(clinic)
    report = run_checks(opened, select_project(opened))
    (embeddings,) = (q for q in make_questions(report, [], language_of("de")) if q.key == "embeddings")
    assert embeddings.default == "bert-multilingual-cased"
    assert "minilm" not in [value for value, _title in embeddings.choices]


@pytest.mark.parametrize(
    ("key", "answer", "problem"),
    [
        ("epochs", "", ""),
        ("epochs", "12", ""),
        ("epochs", "0", "from 1 to 1000"),
        ("epochs", "1.5", "enter a whole number, or leave it empty"),
        ("validation", "0.95", "from 0 to 0.9"),
        ("validation", "nan", "from 0 to 0.9"),
        ("learning-rate", "fast", "enter a number, or leave it empty"),
        ("type", [], "choose at least one"),
    ],
)
def test_a_wrong_answer_is_told_at_once(questions: list[Question], key: str, answer: Any, problem: str) -> None:
    (question,) = (question for question in questions if question.key == key)
    assert question.problem(answer) == problem


def test_what_is_left_empty_is_left_to_the_program(questions: list[Question], tmp_path: Path) -> None:
    settings = make_settings(Path("a b.zip"), questions, defaults(questions, choices=""), {})
    assert settings.command_line == (
        "alabtrain train 'a b.zip' --type ner --type assertion --type classification --embeddings minilm --split tags"
    )
    file = tmp_path / "alabtrain.yaml"
    file.write_text(settings.to_yaml(file), encoding="utf-8")
    assert read_settings(file) == yaml.safe_load(file.read_text()) == dict(settings.options)


def test_waiting_for_completions_is_a_watch(questions: list[Question]) -> None:
    answers = defaults(questions, type=["ner"], every="50", deploy=True, epochs="3", tags="a,b")
    settings = make_settings(Path("p.zip"), questions, answers, {})
    assert settings.command == "watch"
    assert shlex.split(settings.command_line)[-3:] == ["--deploy", "--every", "50"]
    assert settings.options["epochs"] == 3
    assert settings.options["tags"] == "a,b"
    quiet = make_settings(Path("p.zip"), questions, defaults(questions, every="50"), {})
    assert quiet.options["deploy"] is False  # else the watch would ask
    assert shlex.split(quiet.command_line)[-1] == "--no-deploy"


def test_what_a_settings_file_keeps_is_typed_as_the_command_takes_it(questions: list[Question]) -> None:
    kept = {
        "strict": False,
        "shares": "50,100",
        "priority": ["ann", "bob"],
        "best-model": False,
        "conf": ["a=1", "b=2"],
    }
    settings = make_settings(Path("p.zip"), questions, defaults(questions, type=["ner"]), kept)
    typed = shlex.split(settings.command_line)
    assert not {"--strict", "--no-strict", "--shares", "--best-model"} & set(typed)
    assert "--last-model" in typed
    assert typed[typed.index("--priority") + 1] == "ann,bob"
    assert [typed[place + 1] for place, word in enumerate(typed) if word == "--conf"] == ["a=1", "b=2"]
    command = cli.get_command(typer.Context(cli), "train")
    assert command is not None
    command.make_context("train", typed[2:], resilient_parsing=True)


def test_zero_is_an_answer_and_a_tag_is_no_number(questions: list[Question]) -> None:
    answers = defaults(questions, validation="0", tags="007,1e3", **{"learning-rate": "1e-3"})
    options = make_settings(Path("p.zip"), questions, answers, {}).options
    assert options["validation"] == 0
    assert options["tags"] == "007,1e3"
    assert options["learning-rate"] == 0.001


def test_what_no_question_is_about_stays(questions: list[Question]) -> None:
    others = {"config": "c.xml", "driver-memory": "8g", "epochs": 7, "project": "old.zip"}
    options = make_settings(Path("p.zip"), questions, defaults(questions), others).options
    assert (options["config"], options["driver-memory"], options["project"]) == ("c.xml", "8g", "p.zip")
    assert "epochs" not in options  # the answer was: the default


def test_with_nothing_to_train_there_is_nothing_to_ask(clinic: Path) -> None:
    opened = open_project(clinic)
    report = run_checks(opened, select_project(opened))
    with pytest.raises(NothingToTrain):
        make_questions(replace(report, types=()), [], language_of("en"))


def test_without_a_terminal_it_refuses(clinic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["wizard", str(clinic)]) == 2
    assert "there is no terminal" in capsys.readouterr().err
    assert not Path("alabtrain.yaml").exists()


def start(clinic: Path, *more: str) -> pexpect.spawn:
    arguments = ["-m", "alabtrain", "wizard", str(clinic), *more]
    # This terminal does not tell where its cursor is: nobody is to wait for that.
    env = {**os.environ, "PROMPT_TOOLKIT_NO_CPR": "1"}
    return pexpect.spawn(sys.executable, arguments, timeout=60, encoding="utf-8", dimensions=(50, 120), env=env)


def press(child: pexpect.spawn, expected: str, keys: str) -> None:
    child.expect_exact(expected)
    child.send(keys)


def answer_all(child: pexpect.spawn) -> None:
    """Take NER only, and three epochs; Enter for all else."""
    press(child, "Which models?", DOWN + SPACE + DOWN + SPACE + ENTER)
    press(child, "Which embeddings?", ENTER)
    press(child, "Which tasks give the scores?", ENTER)
    press(child, "for validation?", ENTER)
    press(child, "How many epochs?", "3" + ENTER)
    for question in (
        "Learning rate?",
        "Batch size?",
        "a reviewer accepted?",
        "one of these tags?",
        "store the models?",
    ):
        press(child, question, ENTER)
    press(child, "how many new completions?", ENTER)


def test_the_keys_of_a_user_make_a_settings_file(clinic: Path) -> None:
    child = start(clinic)
    answer_all(child)
    child.expect_exact("Synthesis")
    press(child, "And now?", DOWN + ENTER)
    child.expect(r"--epochs\s+3")  # the line wraps where the path of the project is long
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    written = yaml.safe_load(Path("alabtrain.yaml").read_text(encoding="utf-8"))
    assert written["type"] == ["ner"]
    assert written["epochs"] == 3
    assert written["project"] == str(clinic)


def test_a_file_that_is_there_is_kept_unless_the_user_says_so(clinic: Path) -> None:
    Path("alabtrain.yaml").write_text("epochs: 7\n")
    child = start(clinic)
    answer_all(child)
    press(child, "And now?", DOWN + ENTER)
    press(child, "Replace it?", ENTER)
    child.expect(pexpect.EOF)
    child.close()
    assert Path("alabtrain.yaml").read_text() == "epochs: 7\n"


def test_ctrl_c_leaves_and_writes_nothing(clinic: Path) -> None:
    child = start(clinic)
    press(child, "Which models?", ENTER)
    press(child, "Which choices for the classifier?", LEAVE)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert not Path("alabtrain.yaml").exists()

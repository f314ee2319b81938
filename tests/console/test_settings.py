from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer

from alabtrain.cli import COMMANDS, cli, run
from alabtrain.console.settings import long_names
from tests.support import builders as b

Capture = pytest.CaptureFixture[str]


def defaults(command: str, text: str) -> dict[str, Any]:
    """Return what a command's parameters become with `text` as the settings."""
    Path("alabtrain.yaml").write_text(text, encoding="utf-8")
    found = cli.get_command(typer.Context(cli), command)
    assert found is not None
    return found.make_context(command, []).params


def test_settings_go_by_the_long_names_of_the_options() -> None:
    text = "type: ner\noutput: mine\nembeddings-cache: false\nbest_model: false\nconf: a=b\nlearning-rate: 0.5\n"
    train = defaults("train", text)
    assert train["types"] == ("ner",)
    assert train["output"] == Path("mine")
    assert (train["embeddings_cache"], train["best_model"], train["learning_rate"]) == (False, False, 0.5)
    assert train["conf"] == ("a=b",)
    assert defaults("train", "type: [ner]\nconf: [a=b, c=d]\n")["conf"] == ("a=b", "c=d")
    assert defaults("export", "format: jsonl\n")["format"] == "jsonl"
    assert defaults("train", "epochs:\n")["epochs"] is None


def test_what_a_call_writes_does_not_come_from_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALABTRAIN_OUTPUT", "elsewhere")
    text = "output: mine\nformat: conll\n"
    assert defaults("export", text)["output"] == Path("exported")
    assert defaults("select", text)["output_file"] is None
    assert defaults("select", text)["output_format"] == "json"
    assert defaults("runs", text)["output"] == Path("elsewhere")


@pytest.mark.parametrize("name", ["types", "kind", "as_json", "run", "settings", "last-model", "dry-run"])
def test_names_that_are_no_setting_are_refused(name: str, clinic: Path, capsys: Capture) -> None:
    Path("alabtrain.yaml").write_text(f"{name}: x\n", encoding="utf-8")
    assert run(["select", str(clinic)]) == 3
    assert f"unknown option `{name.replace('_', '-')}`" in capsys.readouterr().err


def test_every_option_with_a_variable_can_be_set_by_the_same_name() -> None:
    for name in COMMANDS:
        command = cli.get_command(typer.Context(cli), name)
        assert command is not None
        for long, parameter in long_names(command).items():
            assert parameter.envvar == "ALABTRAIN_" + long.replace("-", "_").replace(".", "_").upper()


def test_why_with_one_argument_takes_the_project_from_elsewhere(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def story(*arguments: str) -> Any:
        assert run(["why", *arguments, "--json"]) == 0
        return json.loads(capsys.readouterr().out)["task_id"]

    Path("exports").mkdir()
    b.write_project(Path("exports/p.zip"), b.team_tasks())
    b.write_project(Path("exports/one.zip"), [b.task(99, b.completion(1))])
    monkeypatch.setenv("ALABTRAIN_PROJECT", "exports/p.zip")
    assert story("5") == 5
    monkeypatch.delenv("ALABTRAIN_PROJECT")
    Path("alabtrain.yaml").write_text("project: exports/p.zip\n", encoding="utf-8")
    assert story("5") == 5
    Path("5").mkdir()
    assert story("5") == 5
    assert story("exports/one.zip", "99") == 99
    assert run(["why"]) == 2
    assert run(["why", "exports/p.zip"]) == 2
    assert "no TASK_ID given" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "nowhere.zip"],
        ["select", "{clinic}", "--config", "nowhere.xml"],
        ["select", "{clinic}", "--reviews", "nowhere.csv"],
        ["select", "{clinic}", "--task-tags", "nowhere.csv"],
        ["select", "{clinic}", "--settings", "nowhere.yaml"],
        ["train", "{clinic}", "--properties-file", "nowhere.conf"],
        ["train", "{clinic}", "--embeddings", "./nowhere"],
        ["export", "{clinic}", "--properties-file", "nowhere.conf"],
        ["runs", "--output", "nowhere"],
        ["deploy", "nowhere"],
    ],
)
def test_a_path_that_does_not_exist_is_wrong_usage(arguments: list[str], clinic: Path, capsys: Capture) -> None:
    assert run([a.format(clinic=clinic) for a in arguments]) == 2
    assert "nowhere" in capsys.readouterr().err
    assert list(Path().iterdir()) == []

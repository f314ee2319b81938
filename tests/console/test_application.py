"""The list of commands, and how helps look."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer

from alabtrain.cli import COMMANDS, cli, run

Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_help_of_a_command_begins_with(name: str) -> None:
    command = cli.get_command(typer.Context(cli), name)
    assert command.name == name
    assert command.help.partition("\n")[0] == COMMANDS[name].help


def test_the_list_of_commands_imports_none_of_them() -> None:
    script = (
        "import sys\nfrom alabtrain.cli import run\nassert run(['--help']) == 0\n"
        "assert not [name for name in sys.modules if name.startswith('alabtrain.console.commands')]\n"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True).returncode == 0


@pytest.mark.parametrize("width", [40, 80, 100, 200])
@pytest.mark.parametrize("arguments", [[], ["train"], ["models"], ["models", "import"]])
def test_every_line_of_a_box_is_as_wide(
    arguments: list[str], width: int, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    assert run([*arguments, "--help"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line[:1] in ("╭", "│", "╰")]
    assert {len(line) for line in lines} == {min(max(width - 2, 60), 100)}
    assert all(line[-1] in "╮│╯" for line in lines)


def test_the_options_of_train_are_in_panels(capsys: Capture) -> None:
    assert run(["train", "--help"]) == 0
    out = capsys.readouterr().out
    titles = [line.split("─ ")[1].split(" ─")[0] for line in out.splitlines() if line.startswith("╭")]
    assert titles[:5] == ["Project", "Selection", "Split", "Model", "Learning"]
    assert titles[-3:] == ["Spark", "Output", "General"]
    assert "--ner.…" in out
    assert "--ner.epochs 20" in out


def test_there_is_no_escape_sequence_where_no_terminal_is(capsys: Capture) -> None:
    assert run(["train", "--help"]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_where_boxes_cannot_be_written_there_are_headings() -> None:
    environment = {"PYTHONIOENCODING": "ascii:replace", "PATH": "", "COLUMNS": "80"}
    import os

    done = subprocess.run(
        [sys.executable, "-m", "alabtrain", "--help"], capture_output=True, env={**os.environ, **environment}
    )
    assert done.returncode == 0
    assert b"\nTraining:\n  train  Train models" in done.stdout


def test_wrong_usage_says_what_and_where_help_is(capsys: Capture) -> None:
    assert run(["train", "--epochs", "many"]) == 2
    assert capsys.readouterr().err == (
        "error: Invalid value for '--epochs': 'many' is not a valid int.\n"
        "  hint: `alabtrain train --help` lists the options\n"
    )
    assert run(["models", "show"]) == 2
    assert "hint: `alabtrain models show --help` lists" in capsys.readouterr().err
    assert run([]) == 2


def test_the_version_is_printed(capsys: Capture) -> None:
    from alabtrain import __version__

    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"alabtrain, version {__version__}\n"

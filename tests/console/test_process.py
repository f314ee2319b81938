"""The program as a user runs it: pipes, signals, and what a shell asks when TAB is pressed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-m", "alabtrain"]


def complete(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Return what bash gets for a line, of which the last word is not yet complete."""
    words = line.split(" ")
    asked = {"_ALABTRAIN_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    return subprocess.run(PROGRAM, env={**os.environ, **asked, **environment}, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("alabtrain t", ["train"]),
        ("alabtrain e", ["evaluate", "export", "embeddings"]),
        ("alabtrain train --ep", ["--epochs"]),
        ("alabtrain train --best", ["--best-model"]),
        ("alabtrain train --type ", ["ner", "assertion", "classification", "visual_ner"]),
        ("alabtrain train --type v", ["visual_ner"]),
        ("alabtrain train --policy ", ["priority", "latest"]),
        ("alabtrain export --format ", ["conll", "jsonl", "spacy"]),
        ("alabtrain models ", ["show", "import", "remove", "package"]),
        ("alabtrain models package --dr", ["--driver-memory"]),
        ("alabtrain train --config ", []),
    ],
)
def test_tab_completes_commands_options_and_their_values(line: str, expected: list[str]) -> None:
    done = complete(line)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == expected


def test_tab_is_silent_where_the_settings_file_is_broken() -> None:
    Path("alabtrain.yaml").write_text("type: [\n", encoding="utf-8")
    done = complete("alabtrain train --type v")
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["visual_ner"], "")


def test_a_list_of_commands_imports_none_of_them() -> None:
    script = (
        "import sys\nfrom alabtrain.console.application import cli\nimport typer\n"
        "found = cli.shell_complete(typer.Context(cli), 'tr')\nassert [one.value for one in found] == ['train'], found\n"
        "assert not [name for name in sys.modules if name.startswith('alabtrain.console.commands')]\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_the_script_for_bash_completes(tmp_path: Path) -> None:
    program = tmp_path / "alabtrain"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m alabtrain "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    shell = (
        'eval "$(alabtrain --show-completion)"; COMP_WORDS=(alabtrain ru); COMP_CWORD=1; '
        '_alabtrain_completion alabtrain; echo "${COMPREPLY[@]}"'
    )
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", shell], env=environment, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("runs\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_shown_and_nothing_else(shell: str) -> None:
    environment = {**os.environ, "_ALABTRAIN_COMPLETE": f"source_{shell}"}
    done = subprocess.run(PROGRAM, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"complete_{shell}" in done.stdout


def test_completion_is_installed_for_the_shell(tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m alabtrain --install-completion; exit $?"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "bash completion installed in" in done.stdout
    assert "alabtrain.sh" in (tmp_path / ".bashrc").read_text()


@pytest.mark.parametrize("arguments", [["select", "--json"], ["select"], ["check"], ["--help"], ["train", "--help"]])
def test_a_reader_that_has_seen_enough_is_no_error(arguments: list[str], clinic: Path) -> None:
    # A reader that takes a line and closes its end, as `head -1` does.
    more = [] if "--help" in arguments else [str(clinic)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*PROGRAM, *arguments, *more], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 0


def test_head_ends_a_command_in_silence(clinic: Path) -> None:
    command = f"{sys.executable} -m alabtrain select {clinic} --json | head -c 10; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1].endswith("0")


def test_a_reader_of_both_streams_may_go_away_too() -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m alabtrain nonsense 2>&1 | true; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    assert "Traceback" not in done.stdout

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from alabtrain.cli import COMMANDS, run
from alabtrain.inspect import doctor
from tests.support import builders as b


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom alabtrain.cli import run\nassert run(['--help']) == 0\n"
        "heavy = {'pyspark', 'sparknlp', 'numpy', 'rich', 'lxml', 'yaml', 'seqeval', 'jinja2', 'pooch'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert all(f"\n│ {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    assert f"Usage: alabtrain {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nonsense"], 2),
        (["train", "--epochs", "none"], 2),
        (["select", "nowhere.zip"], 2),
        (["train", "--embeddings", "nonsense", "{clinic}"], 2),
        (["train", "--type", "visual_ner", "{clinic}"], 2),
        (["train", "--type", "ner", "--choices", "urgency", "{clinic}"], 2),
        (["train", "--type", "classification", "--choices", "nothing", "{clinic}"], 2),
        (["train", "--type", "classification", "--decay", "0.1", "{clinic}"], 2),
        (["train", "--model-name", "one", "{clinic}"], 2),
        (["train", "--tags", "nobody", "{clinic}"], 6),
        (["select"], 2),
    ],
)
def test_exit_codes(arguments: list[str], code: int, clinic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([a.format(clinic=clinic) for a in arguments]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert captured.err.strip()


def test_a_failed_start_leaves_no_run_folder(clinic: Path) -> None:
    assert run(["train", str(clinic), "--tags", "nobody"]) == 6
    assert list(Path().iterdir()) == []


def test_settings_come_from_flag_then_environment_then_file(
    clinic: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("alabtrain.yaml").write_text(f"project: {clinic}\npolicy: latest\ntags: [Train]\n", encoding="utf-8")

    def policy_and_tasks(*arguments: str) -> tuple[str, int]:
        assert run(["select", "--json", *arguments]) == 0
        answer = json.loads(capsys.readouterr().out)
        return answer["policy"], len(answer["selected"])

    from_file = policy_and_tasks()
    assert from_file[0] == "latest"
    monkeypatch.setenv("ALABTRAIN_POLICY", "priority")
    assert policy_and_tasks() == ("priority", 166)
    assert policy_and_tasks("--policy", "latest", "--tags", "Test") == ("latest", 40)


def test_an_unknown_setting_names_the_file_and_the_nearest_option(
    clinic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("alabtrain.yaml").write_text("epoch: 3\n", encoding="utf-8")
    assert run(["select", str(clinic)]) == 3
    captured = capsys.readouterr().err
    assert "alabtrain.yaml" in captured
    assert "`epochs`" in captured
    Path("alabtrain.yaml").write_text("a: [1\n", encoding="utf-8")
    assert run(["select", str(clinic)]) == 3
    assert "line" in capsys.readouterr().err


def test_the_only_export_of_a_folder_is_the_project(clinic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.zip").write_bytes(clinic.read_bytes())
    assert run(["select", "--json"]) == 0
    capsys.readouterr()
    Path("other.zip").write_bytes(clinic.read_bytes())
    assert run(["select", "--json"]) == 2
    assert "mine.zip, other.zip" in capsys.readouterr().err


def test_doctor_tells_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["doctor", "--json"])
    answer = json.loads(capsys.readouterr().out)
    missing = [d["what"] for d in answer["diagnoses"] if d["status"] == "missing"]
    assert code == (4 if missing else 0)
    assert {"Python", "Java", "Spark NLP jars", "memory", "disk"} <= {d["what"] for d in answer["diagnoses"]}


@pytest.mark.parametrize(("wanted", "code"), [("typer>=0.1", 0), ("typer<0.1", 4), ("lxml<1; extra == 'dev'", 0)])
def test_doctor_holds_versions_against_what_is_required(
    wanted: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.metadata.requires", lambda _name: [wanted])
    monkeypatch.setattr("alabtrain.inspect.doctor.diagnose", lambda: [doctor._packages()])
    assert run(["doctor", "--json"]) == code
    (packages,) = json.loads(capsys.readouterr().out)["diagnoses"]
    assert f"typer {version('typer')}" in packages["found"]
    assert packages["hint"] == ("pip install 'typer<0.1'" if code else "")


def test_doctor_lists_versions_where_alabtrain_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_name: str) -> list[str]:
        raise PackageNotFoundError

    monkeypatch.setattr("importlib.metadata.requires", absent)
    assert doctor._packages().status == "ok"


def test_a_misspelt_command_gets_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["slect"]) == 2
    assert "`select`" in capsys.readouterr().err


def test_the_list_of_commands_is_in_the_order_of_the_work_and_cuts_nothing_off(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["--help"]) == 0
    listed = [line for line in capsys.readouterr().out.partition("╭─ General")[0].splitlines() if line[0:1] == "│"]
    names = [
        "wizard",
        "check",
        "select",
        "why",
        "show",
        "agreement",
        "train",
        "runs",
        "logs",
        "deploy",
        "models",
        "preannotate",
    ]
    names += ["evaluate", "rank", "watch", "curve", "export", "embeddings", "doctor", "schema"]
    assert [line.split()[1] for line in listed] == names
    assert not [line for line in listed if "..." in line]


def test_a_type_that_the_config_has_nothing_for_is_refused(clinic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "--type", "visual_ner", str(clinic)]) == 2
    assert "the labeling config defines no labels or choices for this type" in capsys.readouterr().err


def test_nothing_selected_says_why(clinic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def hint(*arguments: str) -> str:
        assert run(["train", *arguments]) == 6
        return capsys.readouterr().err.partition("hint: ")[2].strip()

    assert (
        hint(str(clinic), "--tags", "Nope,Nil") == "no task has any of the tags Nope, Nil (existing tags: Test, Train)"
    )
    b.write_project(Path("p.zip"), [b.task(1, b.draft(2)), b.task(2), b.task(3, b.completion(3), tags=["x"])])
    assert hint("p.zip", "--tags", "nope").startswith("no task has any of the tags nope (existing tags: ")
    b.write_project(Path("p.zip"), [b.task(1), b.task(2)])
    assert hint("p.zip") == "nobody has annotated a task yet"
    b.write_project(Path("p.zip"), [b.task(1, b.draft(2), tags=["x"]), b.task(2, b.completion(3), tags=["y"])])
    assert hint("p.zip", "--tags", "x").startswith("there are only drafts with these tags")


def test_embeddings_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["embeddings", "--json"]) == 0
    names = [e["name"] for e in json.loads(capsys.readouterr().out)["embeddings"]]
    assert names[:2] == ["minilm", "bert-base-cased"]
    assert run(["embeddings", "--install", "nonsense"]) == 2


def test_a_fault_of_ours_shows_no_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> None:
        raise KeyError("Mrs Example has measles")

    monkeypatch.setattr("alabtrain.inspect.doctor.diagnose", broken)
    assert run(["doctor"]) == 70
    captured = capsys.readouterr()
    assert "KeyError" in captured.err
    assert "measles" not in captured.err + captured.out


def test_names_in_an_export_do_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from alabtrain.console import terminal
    from alabtrain.core.errors import InputError
    from alabtrain.core.findings import Finding

    evil = "\x1b[31mred\x07"
    terminal.print_table(evil, ("a",), [(evil,)])
    terminal.print_findings([Finding("x", "warning", evil, 1, (evil,), evil)])
    terminal.say(evil)
    terminal.note(evil)
    terminal.show_error(InputError(evil, where=evil, hint=evil))
    captured = capsys.readouterr()
    assert "\x1b[31mred" not in captured.out + captured.err
    assert "\x07" not in captured.out + captured.err
    assert captured.out.count("\\x1b[31mred\\x07") >= 4


def test_without_a_command_the_help_is_shown_and_it_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Usage: alabtrain" in shown.err
    assert "preannotate" in shown.err

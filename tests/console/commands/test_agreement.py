from __future__ import annotations

import json
from pathlib import Path

import pytest

from alabtrain.cli import run
from alabtrain.console.commands.agreement import SHOWN_PAIRS
from tests.support import builders as b

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(capsys: Capture, *arguments: str) -> tuple[int, str, str]:
    code = run(["agreement", *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_shape_of_agreement_json(here: Path, capsys: Capture) -> None:
    b.write_project(here / "p.zip", b.team_tasks())
    code, out, err = call(capsys, "--json")
    printed = json.loads(out)
    assert (code, err) == (0, "")
    assert list(printed) == [
        "annotators",
        "tasks",
        "shared",
        "why",
        "completions",
        "types",
        "ner",
        "assertion",
        "classification",
        "priority",
        "findings",
    ]
    assert (printed["annotators"], printed["tasks"], printed["shared"]) == (["ann", "bob", "cid"], 8, 2)
    keys = ["annotators", "tasks", "spans", "same", "f1", "overlap_f1", "why", "labels"]
    assert [list(pair) for pair in printed["ner"]["pairs"]] == [keys] * 3
    assert list(printed["assertion"]) == list(printed["classification"]["mood"])
    assert [entry["annotator"] for entry in printed["priority"]["annotators"]] == ["ann", "bob", "cid"]


def test_tables_for_people(here: Path, capsys: Capture) -> None:
    b.write_project(here / "p.zip", b.team_tasks())
    code, out, err = call(capsys, "p.zip")
    assert (code, err) == (0, "")
    for words in (
        "notes: 3 annotators (ann, bob, cid); 2 of 8 tasks annotated by several",
        "13 completions, of which 7 count; left out: 2 not submitted, 1 rejected, 2 not starred, 1 older",
        "Spans by label, all pairs",
        "There is no kappa for spans: ",
        "No F1 for bob, cid: they have no task in common.",
        "Statuses of spans that both marked",
        "Choices of mood (single)",
        "There is no Krippendorff's alpha: the class is the same everywhere",
        "Present order: team order (ann, bob, cid). Shared tasks by the rule that decides: 1 accepted, 1 priority.",
    ):
        assert words in out
    shared_nothing = next(line for line in out.splitlines() if line.startswith("bob, cid"))
    assert shared_nothing.split()[2:] == ["0", "0", "and", "0", "0", "-", "-"]
    assert "cough" not in out
    assert "nan" not in out.lower()
    assert "\x1b" not in out


def test_multiple_choices_are_named_with_their_mean(clinic: Path, capsys: Capture) -> None:
    code, out, _ = call(capsys, str(clinic), "--type", "classification")
    assert code == 0
    assert "Choices of topics (multiple), each as yes or no" in out
    assert "mean kappa" in out
    assert ", the mean of 5 choices (129 tasks judged by several)" in out
    assert "Spans" not in out


def test_one_annotator_is_no_error(here: Path, capsys: Capture) -> None:
    b.write_project(here / "p.zip", [b.task(1, b.completion(1)), b.task(2, b.completion(2))])
    code, out, err = call(capsys)
    assert (code, err) == (0, "")
    assert "there is only one annotator (ann), but agreement needs two" in out
    assert "Spans" not in out
    code, out, _ = call(capsys, "--json")
    assert (code, json.loads(out)["ner"]["pairs"]) == (0, [])


def test_options_reach_the_comparison(here: Path, capsys: Capture) -> None:
    b.write_project(here / "p.zip", b.team_tasks())
    _, out, _ = call(capsys, "--tags", "test", "--json")
    assert json.loads(out)["annotators"] == ["ann"]
    _, out, _ = call(capsys, "--priority", "bob,cid", "--json")
    assert json.loads(out)["priority"]["order"] == ["bob", "cid"]
    _, out, _ = call(capsys, "--policy", "latest")
    assert "No effect: the policy `latest`" in out
    (here / "r.csv").write_text("task_id,completion_id,review\n1,1001,rejected\n")
    _, out, _ = call(capsys, "--reviews", "r.csv", "--json")
    assert json.loads(out)["shared"] == 1


def test_a_setting_of_training_does_not_narrow_it(here: Path, capsys: Capture) -> None:
    b.write_project(here / "p.zip", b.team_tasks())
    (here / "alabtrain.yaml").write_text("type: ner\npriority: [cid]\n")
    _, out, _ = call(capsys, "--json")
    printed = json.loads(out)
    assert (printed["types"], printed["priority"]["order"]) == (["ner", "assertion", "classification"], ["cid"])


def test_a_type_that_is_not_there_is_a_mistake_of_usage(here: Path, capsys: Capture) -> None:
    config = '<View><Labels name="l" toName="t"><Label value="Symptom"/></Labels><Text name="t" value="$text"/></View>'
    b.write_project(here / "p.zip", b.team_tasks(), config=config)
    code, out, err = call(capsys, "--type", "assertion")
    assert (code, out) == (2, "")
    assert "hint: annotators can be compared on: ner" in err
    assert call(capsys, "--type", "visual")[0] == 2


def test_many_annotators_are_cut_in_the_table_and_whole_in_json(here: Path, capsys: Capture) -> None:
    people = [f"p{number}" for number in range(10)]
    b.write_project(here / "p.zip", [b.task(1, *(b.completion(n, name) for n, name in enumerate(people, 1)))], team=())
    _, out, _ = call(capsys, "--type", "ner")
    assert f"… and {45 - SHOWN_PAIRS} more pairs (--json has all)" in out
    _, out, _ = call(capsys, "--type", "ner", "--json")
    assert len(json.loads(out)["ner"]["pairs"]) == 45


def test_names_do_not_steer_the_terminal(here: Path, capsys: Capture) -> None:
    b.write_project(here / "p.zip", [b.task(1, b.completion(1, "a\x1b[31m"), b.completion(2, "bob"))])
    _, out, _ = call(capsys)
    assert "\x1b" not in out

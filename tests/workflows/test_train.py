from __future__ import annotations

import json
from pathlib import Path

import pytest

from alabtrain.cli import run
from tests.support import builders as b


@pytest.fixture
def calm(tmp_path: Path) -> Path:
    """A project in which everybody is calm, and no status is said of anything."""
    result = [b.region(5, 10), b.choice("mood", "calm")]
    tasks = [b.task(n, b.completion(1000 + n, result=result), data={"text": f"{b.TEXT} Day {n}."}) for n in range(1, 6)]
    return b.write_project(tmp_path / "p.zip", tasks)


@pytest.mark.parametrize(
    ("kind", "message"), [("classification", "only 'calm'"), ("assertion", "no assertion status on an NER region")]
)
def test_one_class_or_none_is_nothing_to_train_on(
    kind: str, message: str, calm: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["train", str(calm), "--type", kind, "--output", "runs"]) == 6
    told = capsys.readouterr().err
    assert message in told
    assert "hint: " in told
    (folder,) = Path("runs").iterdir()
    assert json.loads((folder / "run.json").read_text(encoding="utf-8"))["state"] == "failed"


def test_a_status_for_the_unlabeled_ones_makes_one_class_too(calm: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--type", "assertion", "--unlabeled-status", "Present", "--output", "runs"]
    assert run(["train", str(calm), *arguments]) == 6
    assert "only the status 'Present'" in capsys.readouterr().err


def test_several_types_without_any_example_are_nothing_to_train_on(calm: Path) -> None:
    types = ["--type", "assertion", "--type", "classification"]
    assert run(["train", str(calm), *types, "--output", "runs"]) == 6


def test_strict_wants_every_type(calm: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", str(calm), "--strict", "--output", "runs"]) == 6
    assert "no assertion status" in capsys.readouterr().err

"""Learning curves: which tasks a share holds, what is to be expected, and the pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.cli import run
from alabtrain.core.errors import NothingToTrain
from alabtrain.core.events import Share
from alabtrain.documents.split import Split
from alabtrain.documents.texts import DocumentRequest, read_documents
from alabtrain.project.parsing import parse_task
from alabtrain.reports.learning_curve import draw_text, write_picture
from alabtrain.scoring.extrapolation import expect
from alabtrain.scoring.learning_curve import ALL, Curve, Point
from alabtrain.selection.select import select
from alabtrain.workflows import learning_curve
from alabtrain.workflows.workspace import Workspace
from tests.support.builders import texts

PNG = b"\x89PNG\r\n\x1a\n"


def entry(f1: float, **labels: float) -> dict[str, Any]:
    def scores(value: float) -> dict[str, Any]:
        return {"precision": value, "recall": value, "f1": value, "support": 100}

    return {
        "split": "test",
        "entity": {"micro": scores(f1), "macro": scores(f1), "labels": {k: scores(v) for k, v in labels.items()}},
    }


def curve(folder: Path, *f1s: float) -> Curve:
    count = len(f1s)
    points = [
        Point((n + 1) / count, 100 * (n + 1), None, {"ner": entry(f1, Drug=f1 / 2, Dose=f1)})
        for n, f1 in enumerate(f1s)
    ]
    return Curve(folder, tuple(points))


@given(st.sets(st.integers(1, 10_000), min_size=1), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_a_larger_share_holds_the_smaller_one(ids: set[int], one: float, other: float) -> None:
    small, large = (Split(False, 0.1, 7, used=used) for used in sorted((one, other)))
    kept = {number for number in ids if small.keeps(number, ())}
    assert kept <= {number for number in ids if large.keeps(number, ())}
    # The tasks that stay keep their part.
    assert all(small.part(number, ()) == large.part(number, ()) for number in kept)


def test_a_share_is_about_as_large_as_was_asked_and_never_touches_the_test() -> None:
    split = Split(True, 0.1, 7, used=0.25)
    kept = sum(split.keeps(number, ()) for number in range(2000))
    assert 400 < kept < 600
    assert all(split.keeps(number, ("Test",)) for number in range(2000))


def test_without_tags_every_share_is_scored_on_the_same_tasks() -> None:
    parts = []
    for used in (0.25, 1.0):
        split = Split(False, 0.1, 42, used=used)
        parts.append({n for n in range(1000) if split.keeps(n, ()) and split.part(n, ()) == "validation"})
    assert parts[0] == parts[1]
    assert len(parts[0]) > 50


def test_what_is_beyond_the_share_is_counted() -> None:
    tasks = [parse_task(task, where="test") for task in texts(*(f"text {n}" for n in range(40)), tags=(1, 2))]
    split = Split(by_tags=True, validation=0.1, seed=1, used=0.5)
    read = read_documents(tasks, select(tasks).decisions, request=DocumentRequest(), split=split)
    stage = next(iter(read.funnel))
    assert stage.entered == 40
    assert 5 < stage.lost["beyond_share"] < 35
    assert len(read.documents) == stage.left
    assert len(read.part("test")) == 2
    assert not [finding for finding in read.findings if finding.severity != "info"]


def test_a_curve_that_climbs_will_climb_and_one_that_is_level_will_not() -> None:
    climbing = expect([100, 200, 300, 400], [0.50, 0.62, 0.68, 0.72], 500)
    assert climbing.outlook == "more"
    assert climbing.gain is not None
    assert 0.03 < climbing.gain < 0.15
    assert expect([100, 200, 300, 400], [0.80, 0.801, 0.80, 0.802], 500).outlook == "level"
    assert expect([100, 200, 300, 400], [0.85, 0.82, 0.81, 0.80], 500).gain == 0


@pytest.mark.parametrize(
    ("f1s", "scored"),
    [([0.5, 0.6, 0.7], 3), ([None, 0.6, 0.7], 500), ([None, None, None], 500)],
)
def test_of_too_little_nothing_is_said(f1s: list[float | None], scored: int) -> None:
    found = expect([100, 200, 300], f1s, scored)
    assert (found.outlook, found.gain) == ("unclear", None)


@given(st.lists(st.floats(0, 1), min_size=3, max_size=6), st.integers(20, 1000))
def test_what_is_expected_is_an_f1_and_no_loss(f1s: list[float], scored: int) -> None:
    found = expect([50 * (n + 1) for n in range(len(f1s))], f1s, scored)
    assert found.now is not None
    assert found.doubled is not None
    assert found.doubled >= found.now - 1e-9
    assert found.doubled <= 1


def test_labels_have_lines_of_their_own(tmp_path: Path) -> None:
    lines = curve(tmp_path, 0.5, 0.6, 0.66, 0.7).lines
    assert [(line.type, line.label) for line in lines] == [("ner", ALL), ("ner", "Dose"), ("ner", "Drug")]
    assert lines[2].f1s == (0.25, 0.3, 0.33, 0.35)
    assert lines[0].summary.startswith("ner: more annotation will help (+0.")


def test_pictures_are_drawn_and_an_empty_curve_is_no_fault(tmp_path: Path) -> None:
    found = curve(tmp_path, 0.5, 0.6, 0.66, 0.7)
    assert write_picture(found).read_bytes().startswith(PNG)
    drawn = draw_text(found, found.lines[0])
    assert "training tasks" in drawn
    assert max(map(len, drawn.splitlines())) <= 100
    assert write_picture(Curve(tmp_path, ())).is_file()
    assert draw_text(curve(tmp_path, 0.5), curve(tmp_path, 0.5).lines[0]) == ""


def test_a_share_with_nothing_to_train_has_no_point_but_the_last_one_is_an_error(
    tmp_path: Path, clinic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_arguments: Any, **_others: Any) -> Any:
        raise NothingToTrain("no span")

    heard: list[Any] = []
    monkeypatch.setattr(learning_curve, "train", nothing)
    workspace = Workspace(runs=tmp_path, events=heard.append)
    with pytest.raises(NothingToTrain):
        learning_curve.learning_curve(clinic, (1.0, 0.5), workspace=workspace)
    (folder,) = tmp_path.iterdir()
    (point,) = json.loads((folder / "curve.json").read_text())["points"]
    assert (point["share"], point["run"]) == (0.5, None)
    assert 50 < point["tasks"] < 1000
    assert heard == [Share(0.5), Share(1.0)]


@pytest.mark.parametrize("shares", ["0,50", "50,101", "a", ""])
def test_wrong_shares_are_a_usage_error(shares: str, clinic: Path) -> None:
    assert run(["curve", str(clinic), "--shares", shares]) == 2
    assert not Path("runs").exists()


@pytest.mark.parametrize("name", ["$x_$", "US$_in_$", r"$\frac$", "_hidden"])
def test_whatever_a_label_is_called_it_is_drawn(name: str, tmp_path: Path) -> None:
    points = [Point((n + 1) / 3, n + 1, None, {"ner": entry(0.5 + n / 10, **{name: 0.4, "B": 0.5})}) for n in range(3)]
    assert write_picture(Curve(tmp_path, tuple(points))).read_bytes().startswith(PNG)


@pytest.mark.parametrize(
    "arguments",
    [["nope.zip"], ["--embeddings", "foo"], ["--base-model", "x"], ["--split", "random", "--validation", "0"]],
)
def test_what_could_not_end_in_a_curve_leaves_no_folder(arguments: list[str], clinic: Path) -> None:
    project = [] if arguments[0].endswith(".zip") else [str(clinic)]
    assert run(["curve", *project, *arguments]) == 2
    assert not Path("runs").exists()

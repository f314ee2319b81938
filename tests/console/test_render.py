"""What is drawn: tables, findings, and the bars of a training."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from alabtrain.cli import run
from alabtrain.console import progress as live
from alabtrain.console import render, terminal
from alabtrain.core.events import Begin, Epoch, Event, LogLine, Progress, Step
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Funnel, Stage
from alabtrain.core.json import plain
from alabtrain.selection.select import Selection
from alabtrain.workflows.train_steps import TrainResult
from tests.support.run_folders import LABELS, UNTRAINED, scored, scored_multiple, scores_of

Capture = pytest.CaptureFixture[str]
SCORES = {"precision": 0.5, "recall": 0.25, "f1": 0.3333, "support": 1472}
EVENTS: tuple[Event, ...] = (
    Step("starting Spark"),
    Step("tokenizing", 208, "documents"),
    Progress("embedding", 1984, 2000, "sentences"),
    LogLine("Epoch 1/2 started, lr: 0.003"),
    Epoch(1, 2, 3.0, 12.5, 0.003, 0.5),
    Epoch(2, 2, 3.0, 6.5, 0.003, 0.75),
    Step("scoring ner", 40, "sentences"),
)
SEVERAL: tuple[Event, ...] = (
    Begin("ner"),
    LogLine("Epoch 1/1 started, lr: 0.003"),
    Epoch(1, 1, 3.0, 12.5, 0.003, 0.5),
    Begin("assertion"),
    Epoch(1, 2, 3.0, 0.5, 0.003, None, 0.75),
    Epoch(2, 2, 3.0, 0.0625, 0.003, None, 0.987),
    Step("scoring ner", 40, "sentences"),
    Step("scoring assertion", 90, "chunks"),
)


def test_a_title_is_a_line_of_its_own_below_one_blank_line(capsys: Capture) -> None:
    title = "A title that is much longer than the table below it"
    terminal.print_table(title, ("a",), [("x",)])
    lines = capsys.readouterr().out.split("\n")
    assert [line.rstrip() for line in lines] == ["", title, "a", "─", "x", ""]


def test_numbers_are_told_with_thousands_and_ner_in_capitals(capsys: Capture) -> None:
    of_kind = {"micro": SCORES, "macro": SCORES, "labels": {"Drug": SCORES}}
    metrics = {"split": "test", "scheme": "IOB", "why_they_differ": "…", "entity": of_kind, "partial": of_kind}
    render.spans("ner", {**metrics, "tag": of_kind, "confusion": {}})
    out = capsys.readouterr().out
    assert "\n\nNER on the test part, exact spans (IOB)\n" in "\n" + out
    assert "1,472" in out


def test_the_funnel_gives_reasons_in_words_and_breaks_none(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    lost = {"lower_priority": 1125, "not_submitted": 25, "other_accepted": 30}
    render.funnel(Funnel((Stage("selection", "completions", 2000, lost),)))
    out = capsys.readouterr().out
    for reason in ("1,125 lower priority", "30 other accepted", "25 not submitted"):
        assert reason in out
    assert "2,000" in out


def test_the_worst_finding_comes_first(capsys: Capture) -> None:
    terminal.print_findings(
        [Finding("a", "info", "told"), Finding("b", "error", "bad"), Finding("c", "warning", "odd")]
    )
    assert capsys.readouterr().out.split() == ["error", "bad", "warning", "odd", "info", "told"]


def test_check_says_what_can_be_trained(clinic: Path, capsys: Capture) -> None:
    assert run(["check", str(clinic)]) == 0
    assert "types to train: ner, assertion, classification\n\nSpans" in capsys.readouterr().out


def drawn(
    monkeypatch: pytest.MonkeyPatch, problem: BaseException | None = None, events: tuple[Event, ...] = EVENTS
) -> list[str]:
    screen = io.StringIO()
    console = Console(file=screen, width=140)
    monkeypatch.setattr(terminal, "stderr", lambda: console)
    monkeypatch.setattr(live.sys.stderr, "isatty", lambda: True, raising=False)

    def show() -> None:
        with live.listener() as sink:
            for event in events:
                sink(event)
            if problem is not None:
                raise problem

    if problem is None:
        show()
    else:
        with pytest.raises(type(problem)):
            show()
    return screen.getvalue().splitlines()


def test_bars_are_filled_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = drawn(monkeypatch)
    assert [line.split()[0] for line in lines] == ["starting", "tokenizing", "embedding", "training", "scoring"]
    assert all("100 %" in line for line in lines)
    assert not any("left" in line or "--:--" in line for line in lines)
    for line, told in zip(lines, ("", "208 documents", "2,000 sentences", "2/2 epochs", "40 sentences"), strict=True):
        assert told in line
    assert "loss 6.5  F1 0.750" in lines[3]


def test_the_bar_of_a_step_that_failed_is_not_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = drawn(monkeypatch, KeyboardInterrupt())
    assert "100 %" in lines[3]
    assert "scoring ner" in lines[4]
    assert "%" not in lines[4]
    assert "left" not in lines[4]


def test_plain_lines_say_when_a_step_begins_and_how_long_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("alabtrain.console.progress.time.monotonic", lambda: now)
    lines: list[str] = []
    plain = live.PlainLines(lines.append)
    for event in EVENTS:
        plain.hear(event)
        now += 20
    plain.finish()
    assert [line for line in lines if "epoch" not in line] == [
        "starting Spark",
        "starting Spark took 20 s",
        "tokenizing: 208 documents",
        "tokenizing took 20 s",
        "embedding: 1,984/2,000 sentences",
        "embedding took 20 s",
        "training",
        "training took 1 min 00 s",
        "scoring ner: 40 sentences",
        "scoring ner took 20 s",
    ]


def test_json_knows_no_infinity(capsys: Capture) -> None:
    terminal.print_json({"a": float("inf"), "b": [float("nan"), 1.5], "c": Path("x")})
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": [None, 1.5], "c": "x"}


def test_each_type_has_a_bar_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = drawn(monkeypatch, events=SEVERAL)
    assert [line[:24].strip() for line in lines] == [
        "training ner",
        "training assertion",
        "scoring ner",
        "scoring assertion",
    ]
    assert all("100 %" in line for line in lines)
    assert "loss 12.5  F1 0.500" in lines[0]
    assert "2/2 epochs" in lines[1]
    assert "loss 0.062  accuracy 0.987" in lines[1]
    assert "40 sentences" in lines[2]
    assert "90 chunks" in lines[3]


def test_plain_lines_name_the_type_that_is_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("alabtrain.console.progress.time.monotonic", lambda: now)
    lines: list[str] = []
    plain = live.PlainLines(lines.append)
    for event in SEVERAL:
        plain.hear(event)
        now += 2
    plain.finish()
    assert lines == [
        "training ner",
        "epoch 1/1  loss 12.50  validation F1 (tags) 0.500  3 s",
        "training ner took 6 s",
        "training assertion",
        "epoch 1/2  loss 0.5000  accuracy 0.750  3 s",
        "epoch 2/2  loss 0.0625  accuracy 0.987  3 s",
        "training assertion took 6 s",
        "scoring ner: 40 sentences",
        "scoring ner took 2 s",
        "scoring assertion: 90 chunks",
        "scoring assertion took 2 s",
    ]


def test_a_step_that_stands_still_at_the_beginning_has_one_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: Event = Progress("embedding", 0, 2000, "sentences")
    assert len(drawn(monkeypatch, events=(waiting, waiting, Progress("embedding", 9, 2000, "sentences")))) == 1


def test_an_epoch_is_a_line_with_what_is_known() -> None:
    line = {"epoch": 1, "epochs": 2, "seconds": 3.0, "loss": 0.5, "learning_rate": 0.003, "f1": None}
    assert plain(Epoch(1, 2, 3.0, 0.5, 0.003, None)) == {**line, "accuracy": None}
    assert plain(Epoch(1, 2, 3.0, 0.5, 0.003, None, 0.75)) == {**line, "accuracy": 0.75}


def result(metrics: dict[str, Any], **more: Any) -> TrainResult:
    models = [
        {"type": kind, "name": f"{kind}_m", "path": f"r/{kind}/model", "labels": LABELS[kind]} for kind in metrics
    ]
    chosen = Selection("priority", (), "team order", False, [])
    return TrainResult(Path("r"), "done", models, metrics, chosen, Funnel(), [], **more)


def test_a_training_shows_the_tables_of_every_type(capsys: Capture) -> None:
    Path("r/pipeline").mkdir(parents=True)
    render.training(result({kind: scores_of(kind) for kind in LABELS}))
    out = capsys.readouterr().out
    places = [
        out.index(title)
        for title in (
            "NER on the test part, exact spans",
            "Assertion status on the test part: accuracy 0.942",
            "Classification on the test part: accuracy 0.725",
            "the model was never right on 1 class: Emergency",
            "ner_m",
            "all    r/pipeline",
        )
    ]
    assert places == sorted(places)
    assert out.count("Gold (rows) and predicted (columns)") == 3
    assert out.count("macro average") == 3
    assert "No scores" not in out


def test_two_classes_have_a_confusion_and_many_have_none(capsys: Capture) -> None:
    render.scores("classification", scored({"ham": {"ham": 900, "spam": 3}, "spam": {"ham": 8, "spam": 120}}))
    assert "Gold (rows)" in capsys.readouterr().out
    names = [f"c{number}" for number in range(12)]
    render.scores("classification", scored({name: {name: 3} for name in names}))
    assert "Gold (rows)" not in capsys.readouterr().out


def test_any_number_of_classes_shows_threshold_and_losses(capsys: Capture) -> None:
    render.scores("classification", scored_multiple({"joy": (200, 33, 41, 700), "grief": (0, 1, 4, 960)}))
    out = capsys.readouterr().out
    assert "part: threshold 0.35, all classes right 0.453, Hamming loss 0.0407" in out
    assert "Gold (rows)" not in out
    assert "never right on 1 class: grief" in out


def test_of_many_classes_that_are_never_right_some_are_named(capsys: Capture) -> None:
    render.scores("classification", scored({f"c{number}": {"other": 3} for number in range(30)}))
    out = " ".join(capsys.readouterr().out.split())
    assert "never right on 30 classes: c0, " in out
    assert "and 18 more" in out


@pytest.mark.parametrize(
    ("unscored", "said"),
    [
        (["ner", "assertion"], "No scores of ner, assertion: no task is tagged Test"),
        (["assertion"], "No scores of assertion: no task is tagged Test"),
        ([], ""),
    ],
)
def test_what_has_no_scores_is_said_once(unscored: list[str], said: str, capsys: Capture) -> None:
    kinds = ("ner", "assertion")
    render.training(result({kind: {"split": None} if kind in unscored else scores_of(kind) for kind in kinds}))
    out = capsys.readouterr().out
    assert out.count("No scores") == bool(said)
    assert said in out


def test_a_single_type_without_scores_needs_no_name(capsys: Capture) -> None:
    render.training(result({"ner": {"split": None}}))
    assert "\nNo scores: no task is tagged Test, and no tasks were held back" in capsys.readouterr().out


def test_a_type_that_was_not_trained_is_told_with_reason_and_hint(capsys: Capture) -> None:
    render.training(result({"ner": scores_of("ner")}, not_trained=[UNTRAINED]))
    out = capsys.readouterr().out
    assert "warning classification was not trained: the training part has only 'Routine'" in out
    assert "--choices NAME selects another group" in out

"""What is drawn: tables, findings, and the bars of a training."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from alabtrain.__main__ import run
from alabtrain.accounting import Funnel, Stage
from alabtrain.console import live, render, terminal
from alabtrain.events import Epoch, Event, Line, Progress
from alabtrain.findings import Finding

Capture = pytest.CaptureFixture[str]
SCORES = {"precision": 0.5, "recall": 0.25, "f1": 0.3333, "support": 1472}
EVENTS: tuple[Event, ...] = (
    Progress("tokenizing", 0, 208, "documents"),
    Progress("embedding", 1984, 2000, "sentences"),
    Line("Epoch 1/2 started, lr: 0.003"),
    Epoch(1, 2, 3.0, 12.5, 0.003, 0.5),
    Epoch(2, 2, 3.0, 6.5, 0.003, 0.75),
    Progress("scoring", 0, 40, "sentences"),
)


def test_a_title_is_a_line_of_its_own_below_one_blank_line(capsys: Capture) -> None:
    title = "A title that is much longer than the table below it"
    terminal.print_table(title, ("a",), [("x",)])
    lines = capsys.readouterr().out.split("\n")
    assert [line.rstrip() for line in lines] == ["", title, "a", "─", "x", ""]


def test_numbers_are_told_with_thousands_and_ner_in_capitals(capsys: Capture) -> None:
    of_kind = {"micro": SCORES, "macro": SCORES, "labels": {"Drug": SCORES}}
    metrics = {"split": "test", "scheme": "IOB", "why_they_differ": "…", "entity": of_kind, "partial": of_kind}
    render.spans("ner", {**metrics, "tag": of_kind})
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


def test_check_says_what_is_not_trained_yet(clinic: Path, capsys: Capture) -> None:
    assert run(["check", str(clinic)]) == 0
    expected = "types to train: ner; assertion and classification are not trained by this version yet\n\nSpans"
    assert expected in capsys.readouterr().out


def drawn(monkeypatch: pytest.MonkeyPatch, problem: BaseException | None = None) -> list[str]:
    screen = io.StringIO()
    console = Console(file=screen, width=140)
    monkeypatch.setattr(terminal, "stderr", lambda: console)
    monkeypatch.setattr(live.sys.stderr, "isatty", lambda: True, raising=False)

    def show() -> None:
        with live.listener() as sink:
            for event in EVENTS:
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
    assert [line.split()[0] for line in lines] == ["tokenizing", "embedding", "training", "scoring"]
    assert all("100 %" in line for line in lines)
    assert not any("left" in line or "--:--" in line for line in lines)
    for line, told in zip(lines, ("208 documents", "2,000 sentences", "2/2 epochs", "40 sentences"), strict=True):
        assert told in line
    assert "loss 6.5  F1 0.750" in lines[2]


def test_the_bar_of_a_step_that_failed_is_not_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = drawn(monkeypatch, KeyboardInterrupt())
    assert "100 %" in lines[2]
    assert "0 %" in lines[3]
    assert "100 %" not in lines[3]
    assert "left" not in lines[3]


def test_plain_lines_say_when_a_step_begins_and_how_long_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("alabtrain.console.live.time.monotonic", lambda: now)
    lines: list[str] = []
    plain = live.PlainLines(lines.append)
    for event in EVENTS:
        plain.hear(event)
        now += 20
    plain.finish()
    assert [line for line in lines if "epoch" not in line] == [
        "tokenizing: 0/208 documents",
        "tokenizing took 20 s",
        "embedding: 1,984/2,000 sentences",
        "embedding took 20 s",
        "training",
        "training took 1 min 00 s",
        "scoring: 0/40 sentences",
        "scoring took 20 s",
    ]


def test_json_knows_no_infinity(capsys: Capture) -> None:
    terminal.print_json({"a": float("inf"), "b": [float("nan"), 1.5], "c": Path("x")})
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": [None, 1.5], "c": "x"}

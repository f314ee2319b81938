from __future__ import annotations

import itertools
import json
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alabtrain.core.errors import InputError
from alabtrain.reports import words
from alabtrain.reports.card import licences, render_card
from alabtrain.reports.charts import HEIGHT, WIDTH, line_chart, ticks
from alabtrain.reports.facts import read_facts
from alabtrain.reports.html import render_report, write_pages
from alabtrain.runs.run import create_run
from alabtrain.scoring.metrics import span_scores
from alabtrain.trainers.base import Mistake
from tests.support.html import HOSTILE, Page

TEXT = "Invented: the patient sleeps <b>well</b>."
GOLD = [["B-Drug", "I-Drug", "O"], ["B-Dose", "O", "O"]] * 20
PREDICTED = [["B-Drug", "O", "O"], ["B-Dose", "O", "B-Drug"]] * 20
PARAMETERS = {
    "embeddings": ("minilm+word2vec", "flag"),
    "epochs": (2, "alabtrain.yaml"),
    "priority": (["ann@example.org", "bob"], "flag"),
    "best_model": (True, "default"),
    "project": ("/somewhere/clinic.zip", "flag"),
    "jars": (None, "default"),
}
FUNNEL = {
    "stages": [
        {"name": "selection", "unit": "tasks", "entered": 5, "lost": {"rejected": 1}, "left": 4},
        {"name": "place", "unit": "spans", "entered": 1200, "lost": {"overlap": 2, "new": 1}, "left": 1197},
    ]
}  # fmt: skip


def build(tmp_path, *, label="Drug", mistakes=(), split="validation", upto=None):
    with create_run(
        tmp_path,
        ["ner"],
        parameters={name: {"value": value, "from": source} for name, (value, source) in PARAMETERS.items()},
        inputs={"/somewhere/clinic.zip": "ab" * 32},
        seed=7,
        versions={"alabtrain": "0", "spark-nlp": "5"},
    ) as run:
        if upto != "created":
            for number, rule in enumerate(["accepted", "priority", "priority", None]):
                taken = number if rule else None
                entry = {
                    "task_id": number,
                    "completion_id": taken,
                    "annotator": "ann@example.org",
                    "rule": rule,
                }
                run.append_jsonl("selection.jsonl", entry)
            run.write_json("funnel.json", FUNNEL)
            finding = {
                "code": "c",
                "severity": "warning",
                "message": f"2 {label}",
                "count": 2,
                "examples": ["task 1"],
            }
            run.write_json("findings.json", [{**finding, "hint": "look"}])
            for epoch, f1 in enumerate([0.5, 0.75, 0.7], 1):
                line = {
                    "epoch": epoch,
                    "epochs": 3,
                    "seconds": 1.5,
                    "loss": 9 / epoch,
                    "learning_rate": 0.003,
                }
                run.append_jsonl("epochs.jsonl", {**line, "f1": f1})
            gold, predicted = ([[t.replace("Drug", label) for t in s] for s in side] for side in (GOLD, PREDICTED))
            scores = span_scores(gold, predicted, split) if split else {"split": None}
            run.write_json("metrics.json", {"ner": scores})
            run.write_json(
                "models.json", [{"type": "ner", "name": "ner_m", "path": "model", "labels": [label, "Dose"]}]
            )
        write_pages(run, mistakes=mistakes)
    return run.final_path


def report_of(path):
    return (path / "report.html").read_text(encoding="utf-8")


def test_the_report_says_which_epoch_the_model_is_of(tmp_path, monkeypatch):
    said = "best validation F1 by tag in epoch 2, the model is of the last"
    assert said not in Page(report_of(build(tmp_path / "best"))).text
    monkeypatch.setitem(PARAMETERS, "best_model", (False, "default"))
    assert said in Page(report_of(build(tmp_path / "last"))).text


def test_the_report_shows_scores_losses_rules_epochs_and_parameters(tmp_path):
    page = Page(report_of(build(tmp_path)))
    assert page.open == []
    for shown in (
        "ner_m", "validation part", "1,200 → 1,197 · 99.8 %", "spans that overlap a longer or earlier one",
        " new ", "rejected by a reviewer", "accepted by a reviewer", "ann@example.org", "0.750 in epoch 2",
        "2 Drug", "for example: task 1", "embeddings minilm+word2vec flag", "alabtrain.yaml",
        "best validation F1 by tag in epoch 2", "ab" * 32,
    ):  # fmt: skip
        assert shown in page.text, shown


def test_the_report_needs_nothing_from_anywhere(tmp_path):
    source = report_of(build(tmp_path))
    tags = Page(source).tags
    names = {name for name, _ in tags}
    assert not names & {"script", "link", "img", "iframe", "object", "form"}
    assert not [
        value for _, attrs in tags for key, value in attrs.items() if key in ("src", "href") or key.startswith("on")
    ]
    assert not re.search(r"url\(|@import|https?:", source)
    policy = [attrs["content"] for name, attrs in tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_the_drawings_are_well_formed_and_inside_their_frame(tmp_path):
    drawings = re.findall(r"<svg.*?</svg>", report_of(build(tmp_path)), re.DOTALL)
    assert len(drawings) == 2
    for drawing in drawings:
        for element in ElementTree.fromstring(drawing).iter():  # noqa: S314 - our own
            for key, limit in (("x", WIDTH), ("cx", WIDTH), ("y", HEIGHT), ("cy", HEIGHT), ("x2", WIDTH)):
                assert 0 <= float(element.get(key, 0)) <= limit


def test_names_from_the_project_are_text_and_not_markup(tmp_path):
    path = build(tmp_path, label=HOSTILE)
    page = Page(report_of(path))
    assert not [attrs for _, attrs in page.tags if "onerror" in attrs]
    assert HOSTILE in page.text
    card = (path / "README.md").read_text()
    assert "\\<img" in card
    assert not re.search(r"(?<!\\)<img", card)
    rows = [line for line in card.splitlines() if "onerror" in line and line.startswith("|")]
    assert rows
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}


def test_text_of_documents_is_in_the_report_only_when_asked_for(tmp_path):
    mistake = Mistake("17", TEXT, ["B-Drug", "I-Drug", "O"], ["O", "O", "O"])
    path = build(tmp_path / "with", mistakes=[mistake])
    shown = Page(report_of(path)).text
    assert TEXT in shown
    assert "gold: Drug 1-2 · predicted: nothing" in shown
    assert "Invented" not in (path / "README.md").read_text()
    assert "Invented" not in render_report(read_facts(path))
    assert "Texts with the most errors" not in report_of(build(tmp_path / "without"))


def test_the_card_says_how_to_load_what_trained_it_and_its_limits(tmp_path):
    card = (build(tmp_path) / "README.md").read_text()
    code = re.search(r"```python\n(.*?)```", card, re.DOTALL)
    assert code is not None
    compile(code[1], "card", "exec")
    assert len([line for line in code[1].splitlines() if line.strip()]) <= 7
    for shown in (
        "# ner_m\n", "| Drug | 0.000 | 0.000 | 0.000 | 20 |", "| accepted by a reviewer | 1 |",
        "| priority | 2 annotators | flag |", "The epoch was chosen on the same validation part",
        "fewer than 30 examples", "Dose (20), Drug (20)", "Apache-2.0", "trained on the project's own texts",
        "| place: spans | 1,200 | 3 | 1,197 |",
    ):  # fmt: skip
        assert shown in card, shown


def test_the_card_names_no_annotator_and_no_folder_of_the_machine(tmp_path):
    card = (build(tmp_path) / "README.md").read_text()
    assert "ann@" not in card
    assert "/somewhere" not in card


def test_scores_on_test_tags_do_not_carry_the_warning_on_the_epoch(tmp_path):
    assert "epoch was chosen" not in (build(tmp_path, split="test") / "README.md").read_text()


def test_a_training_without_scores_says_so(tmp_path):
    path = build(tmp_path, split=None)
    assert "no task is tagged Test" in Page(report_of(path)).text
    assert "There are none: no task is tagged `Test`" in (path / "README.md").read_text()


def test_a_run_that_came_to_nothing_still_has_its_pages(tmp_path):
    path = build(tmp_path, upto="created")
    page = Page(report_of(path))
    assert page.open == []
    assert path.name in page.text
    assert render_card(read_facts(path)).startswith(f"# {path.name}\n")


def test_a_failed_run_says_why(tmp_path):
    with (
        pytest.raises(InputError),
        create_run(tmp_path, ["ner"], parameters={}, inputs={}, seed=1, versions={}) as run,
    ):
        raise InputError("two configs", where="p.zip", hint="keep one")
    text = Page(render_report(read_facts(run.final_path))).text
    assert "the run is failed" in text
    assert "invalid_input : p.zip: two configs (keep one)" in text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("funnel.json", '{"stages": [{}]}'),
        ("findings.json", "[3]"),
        ("epochs.jsonl", "{}\n["),
        ("selection.jsonl", "3\n"),
    ],
)
def test_broken_files_of_a_run_are_errors_that_name_them(tmp_path, name, text):
    path = build(tmp_path)
    (path / name).write_text(text)
    with pytest.raises(InputError, match=name.replace(".", r"\.")):
        read_facts(path)


def test_facts_count_what_the_folder_holds(tmp_path):
    facts = read_facts(build(tmp_path))
    assert facts.rules == {"priority": 2, "accepted": 1}
    assert facts.annotators == {"ann@example.org": 3}
    assert facts.passages == [("tasks", 5, 4), ("spans", 1200, 1197)]
    assert facts.types[0].best_epoch == json.loads((facts.info.path / "epochs.jsonl").read_text().splitlines()[1])


def test_licences_of_every_kind_of_embeddings():
    assert [licence for _, licence in licences("minilm+word2vec")] == [
        "Apache-2.0",
        "trained on the project's own texts",
    ]
    assert licences("pretrained:glove_100d") == [("glove_100d", "see its page on the vendor's models hub")]
    assert licences("/home/x/encoder") == [("encoder", "a folder of the user's; not known")]
    assert licences("") == []


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_ticks_are_round_even_and_enclose_the_values(low, span):
    found = ticks(low, low + span)
    step = found[1] - found[0]
    slack = 1e-6 * max(1.0, abs(low), span)
    assert 2 <= len(found) <= 8
    assert found[0] <= low + slack
    assert found[-1] >= low + span - slack
    assert all(abs(b - a - step) <= slack for a, b in itertools.pairwise(found))


@settings(max_examples=50)
@given(st.lists(st.none() | st.floats(0, 1e4), max_size=30), st.booleans())
def test_lines_stay_inside_and_break_where_a_value_is_missing(values, from_zero):
    chart = line_chart(list(range(1, len(values) + 1)), values, from_zero=from_zero)
    known = [value for value in values if value is not None]
    if len(known) < 2:
        assert chart is None
        return
    assert chart is not None
    drawn = ElementTree.fromstring(chart)  # noqa: S314 - our own
    (path,) = (element.get("d", "") for element in drawn.iter("path") if element.get("class") == "curve")
    points = re.findall(r"[ML] (\S+) (\S+)", path)
    assert len(points) == len(known)
    assert all(0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT for x, y in points)
    pieces = re.findall(r"1+", "".join("0" if value is None else "1" for value in values))
    assert path.count("M") == len(pieces)
    labels = [element.text for element in drawn.iter("text") if element.get("text-anchor") == "middle"]
    assert labels[-1] == str(len(values))


@pytest.mark.parametrize(("best", "anchor"), [(0, "start"), (5, "middle"), (9, "end")])
def test_the_best_epoch_is_marked_and_its_label_stays_inside(best, anchor):
    f1s = [0.5] * 10
    f1s[best] = 0.75
    chart = line_chart(range(1, 11), f1s, from_zero=False, mark=best, title="F1", desc="in the table")
    drawn = ElementTree.fromstring(chart)  # noqa: S314 - our own
    assert (drawn.get("role"), drawn[0].tag, drawn[0].text) == ("img", "title", "F1")
    assert (drawn[1].tag, drawn[1].text) == ("desc", "in the table")
    parts = {element.get("class"): element for element in drawn if element.get("class")}
    assert set(parts) == {"grid", "curve", "dots", "ring", "hole", "mark"}
    assert (parts["mark"].text, parts["mark"].get("text-anchor")) == (f"0.750 in epoch {best + 1}", anchor)
    assert parts["dots"].get("d").count("M") == 10
    assert parts["ring"].get("d") in parts["dots"].get("d")


def test_a_chart_of_many_epochs_has_no_dots():
    chart = line_chart(range(1, 42), [1 / n for n in range(1, 42)], from_zero=True)
    assert 'class="curve"' in chart
    assert 'class="dots"' not in chart


def test_the_same_chart_is_the_same_text_and_nothing_of_matplotlib_is_changed():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    first, second = (line_chart([1, 2, 3], [3, None, 1.5], from_zero=True, title="a < b", mark=0) for _ in range(2))
    assert first == second
    assert "a &lt; b" in first
    assert "style" not in first
    assert "font" not in first
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""),
        (0.2, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (365, "6 min 05 s"),
        (3725, "1 h 02 min"),
    ],
)
def test_durations_in_words(seconds, said):
    assert words.duration(seconds) == said

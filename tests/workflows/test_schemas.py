from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import typer

from alabtrain.cli import COMMANDS, cli, run
from alabtrain.console.settings import settings_of
from alabtrain.core.errors import UsageError
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Funnel, Stage
from alabtrain.core.json import plain
from alabtrain.prediction.compare import Comparison
from alabtrain.runs.run import create_run
from alabtrain.scoring.bootstrap import Difference
from alabtrain.scoring.learning_curve import Curve, Point
from alabtrain.scoring.metrics import class_scores, multilabel_scores, region_scores, span_scores
from alabtrain.scoring.ranking import Candidate, Ranked
from alabtrain.selection.decisions import Selection
from alabtrain.store.entries import LocatedModel, StoredModel
from alabtrain.workflows.evaluate import Evaluated
from alabtrain.workflows.export import Exported
from alabtrain.workflows.preannotate import Preannotated
from alabtrain.workflows.rank import Ranking
from alabtrain.workflows.schemas import PRINTED, make_schema, schema_names
from alabtrain.workflows.train_steps import TrainResult
from alabtrain.workflows.watch import Look
from tests.conftest import REPOSITORY
from tests.support.schemas import validated, validator

Capture = pytest.CaptureFixture[str]
GOLDEN = REPOSITORY / "tests" / "golden"


def printed(capsys: Capture, *arguments: str) -> Any:
    assert run(list(arguments)) == 0
    return json.loads(capsys.readouterr().out)


def commands() -> dict[str, Any]:
    """Return the commands and those below them by their names with dashes."""
    found: dict[str, Any] = {}
    for name in COMMANDS:
        command: Any = cli.get_command(typer.Context(cli), name)
        found[name] = command
        found.update({f"{name}-{inner}": below for inner, below in getattr(command, "commands", {}).items()})
    return found


def test_every_command_with_json_has_a_schema() -> None:
    with_json = [name for name, one in commands().items() if any("--json" in p.opts for p in one.params)]
    assert sorted(with_json) == sorted(PRINTED)


@pytest.mark.parametrize("name", [name for name, _what in schema_names()])
def test_a_schema_is_one_and_is_printed(name: str, capsys: Capture) -> None:
    assert printed(capsys, "schema", name) == plain(make_schema(name))
    assert make_schema(name)["$schema"].endswith("2020-12/schema")  # type: ignore[call-overload,index]
    validator(name)


def test_names_are_listed_and_a_wrong_one_is_refused(capsys: Capture) -> None:
    assert run(["schema"]) == 0
    out = capsys.readouterr().out
    assert all(f"\n{name} " in out for name, _what in schema_names())
    assert run(["schema", "chek"]) == 2
    assert "did you mean `check`?" in capsys.readouterr().err
    with pytest.raises(UsageError, match="there is no schema"):
        make_schema("-")


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.json")), ids=lambda file: file.stem)
def test_the_golden_records_are_as_their_schemas_say(file: Path) -> None:
    validated(file.stem.partition("_")[0], json.loads(file.read_text(encoding="utf-8")))


def test_what_the_commands_print_of_the_example(clinic: Path, capsys: Capture) -> None:
    for name in ("check", "select", "agreement"):
        validated(name, printed(capsys, name, str(clinic), "--json"))
    validated("why", printed(capsys, "why", str(clinic), "5", "--json"))
    for name in ("embeddings", "runs", "models"):
        validated(name, printed(capsys, name, "--json"))
    run(["doctor", "--json"])
    validated("doctor", json.loads(capsys.readouterr().out))


def test_what_is_printed_of_a_run(clinic: Path, capsys: Capture, tmp_path: Path) -> None:
    parameters = {"project": {"value": str(clinic), "from": "flag"}, "seed": {"value": 1, "from": "default"}}
    with create_run(
        tmp_path, ["ner"], parameters=parameters, inputs={str(clinic): "0" * 64}, seed=1, versions={"alabtrain": "0"}
    ) as started:
        started.write_json("metrics.json", {"ner": span_scores([["B-Drug", "O"]], [["B-Drug", "B-Drug"]], "test")})
        labels = list(json.loads((GOLDEN / "check_clinic.json").read_text())["counts"]["labels"]["ner"])
        model = {"type": "ner", "name": "ner_clinic", "path": "model", "labels": labels}
        started.write_json("models.json", [model])
    (run_folder,) = tmp_path.iterdir()
    answer = validated("runs", printed(capsys, "runs", "--runs", str(tmp_path), "--json"))
    assert answer["runs"][0]["f1"] == pytest.approx(2 / 3, abs=1e-6)
    validated("logs", printed(capsys, "logs", str(run_folder), "--json"))
    validated("logs", printed(capsys, "logs", str(run_folder), "--zip", "logs.zip", "--json"))
    validated("deploy", printed(capsys, "deploy", str(run_folder), str(clinic), "--output", "out.xml", "--json"))
    record = validated("run", json.loads((run_folder / "run.json").read_text()))
    assert [entry["written"] for entry in record["deployments"]] == ["out.xml"]
    validated("metrics", json.loads((run_folder / "metrics.json").read_text()))


def test_the_boxes_of_the_example_are_shown(capsys: Capture) -> None:
    invoices = str(REPOSITORY / "examples" / "invoices" / "invoices.zip")
    task = str(json.loads((GOLDEN / "select_invoices.json").read_text())["selected"][0]["task_id"])
    validated("show", printed(capsys, "show", invoices, task, "--json"))


def test_scores_of_all_sorts_are_metrics() -> None:
    single = class_scores(["a", "b"], ["a", ""], "test", ["a", "b"])
    several = multilabel_scores([{"a"}, set()], [{"a": 0.9}, {"b": 0.6}], "test", 0.5, ["a", "b"])
    spans = span_scores([["B-x", "I-x"]], [["B-x", "O"]], "validation")
    regions = region_scores([[("x", frozenset({1}))]], [[]])
    validated("metrics", {"assertion": single, "classification": several, "empty": {"split": None}})
    validated("metrics", {"visual_ner": {**spans, "unscored": 0, "regions": regions}})
    with pytest.raises(AssertionError, match="not as"):
        validated("metrics", {"ner": {"split": "test"}})


def test_the_schema_of_the_settings_has_the_options_of_all_commands() -> None:
    schema: Any = make_schema("settings")
    known = {long.replace("_", "-") for name in COMMANDS for long in settings_of(name)}
    named = {name.replace("_", "-") for name in schema["properties"]}
    sections = {"ner", "assertion", "classification", "visual_ner"}
    assert named - {section.replace("_", "-") for section in sections} == known
    inner = {f"{section}.{name}" for section in sections for name in _section(schema, section)}
    assert {name.replace("_", "-") for name in inner} == {name for name in known if "." in name}


def _section(schema: Any, name: str) -> list[str]:
    return list(schema["properties"][name]["properties"])


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"project": "clinic.zip", "type": ["ner", "assertion"], "epochs": 20, "learning-rate": 0.001, "seed": 3},
        {"type": "ner", "learning_rate": 0.5, "priority": "ann,bob", "ner": {"epochs": 3, "batch_size": None}},
        {"task-ids": [1, 2], "ner.epochs": 3, "validation": 0.2, "deploy": True, "split": "tags", "every": 20},
    ],
)
def test_good_settings(settings: Any) -> None:
    validated("settings", settings)


@pytest.mark.parametrize(
    "settings", [{"epoch": 3}, {"epochs": 0}, {"type": "nr"}, {"deploy": "maybe"}, {"ner": {"epoch": 3}}, {"seed": "x"}]
)
def test_bad_settings(settings: Any) -> None:
    with pytest.raises(AssertionError, match="not as"):
        validated("settings", settings)


# What needs an engine to be computed, made by hand: the tests with Spark hold the true answers against the schemas.

SPANS = span_scores([["B-x", "I-x"]], [["B-x", "O"]], "test")
FINDING = Finding("a", "warning", "m", 2, ("task 1",), "h")
FUNNEL = Funnel((Stage("split", "texts", 4, {"lost": 1}),))
SOURCES = [{"name": "ner_x", "type": "ner", "from": "store"}]


def test_the_answer_of_a_training() -> None:
    selection = Selection("priority", (), "--priority", False, [])
    models = [
        {"type": "ner", "name": "n", "path": "ner/model", "labels": ["x"]},
        {"type": "classification", "name": "c", "path": "classification/model", "labels": ["a"], "choices": "mood"},
    ]
    why = [{"type": "assertion", "code": "nothing", "message": "m", "hint": None}]
    metrics = {"ner": SPANS, "classification": {"split": None}}
    result = TrainResult(Path("r"), "evaluated", models, metrics, selection, FUNNEL, [FINDING], not_trained=why)
    validated("train", result.to_dict())


def test_the_answers_about_models() -> None:
    difference = Difference("micro F1", 0.5, 0.75, 0.25, 0.1, 0.4, 0.01, 20)
    compared = [Comparison("ner", "a", "b", (difference,))]
    scores = {"ner_x": SPANS, "mood": class_scores(["a"], ["a"], "test", ["a"])}
    validated("evaluate", Evaluated(Path("r"), SOURCES, 3, scores, compared, FUNNEL, [FINDING]).to_dict())
    validated("preannotate", Preannotated(Path("o.json"), SOURCES, 3, 2, {"empty": 1}, Counter(x=2), [FINDING]))
    ranked = Ranked(Candidate("t1", 0.25, {"x": 2}), 1.5, 0.5, 0.25, "x", 0.1, 0.95)
    answer = validated("rank", Ranking(SOURCES, [ranked], {"test": 1}, {"x": 9}, [FINDING]).to_dict())
    assert [row["rank"] for row in answer["tasks"]] == [1]


def test_the_other_answers_of_trainings() -> None:
    points = (Point(0.5, 10, None), Point(1.0, 20, Path("r/1"), {"ner": SPANS}))
    assert [line["label"] for line in validated("curve", Curve(Path("r"), points).to_dict())["lines"]] == [None, "x"]
    validated("watch", Look(Path("p.zip"), 3, 20, None))
    validated("export", Exported((Path("train.conll"),), 3, FUNNEL, (FINDING,)).to_dict())


def test_the_answers_of_the_store() -> None:
    entry = StoredModel("ner_x", "ner", ("x",), versions={"spark-nlp": "5.5.3"})
    validated("models-import", {"store": "s", "models": [entry]})
    validated("models-show", LocatedModel("ner_x", "ner", f1=0.5, location="file:///x"))
    validated("models-remove", {"removed": "ner_x"})
    validated("models-package", {"model": "ner_x", "file": "ner_x.zip"})

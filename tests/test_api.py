"""What `alabtrain` offers to Python: lazy names, and the same work that the commands do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import alabtrain
from alabtrain import SelectionOptions, TrainConfig, Workspace, check, open_project, select, train
from alabtrain.core.events import Begin, End, Event, Progress, Step

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HEAVY = ("typer", "lxml", "numpy", "pyspark", "rich", "yaml")


def python(code: str) -> str:
    """Return what a fresh Python prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def steps(events: list[Event]) -> list[str]:
    """Return the names of the steps, each as often as it begins; the start of Spark is left out: tests share one."""
    names: list[str] = []
    for event in events:
        if isinstance(event, (Progress, Step)):
            name = event.step
        elif isinstance(event, End):
            name = "the end"
        else:
            name = f"training {event.type}" if isinstance(event, Begin) else names[-1]
        if name != "starting Spark" and (not names or names[-1] != name or isinstance(event, Step)):
            names.append(name)
    return names


def test_all_names_are_there_and_no_others() -> None:
    assert set(alabtrain.__all__) <= set(dir(alabtrain))
    for name in alabtrain.__all__:
        assert getattr(alabtrain, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        _ = alabtrain.nothing  # type: ignore[attr-defined]


def test_the_import_is_cheap() -> None:
    assert python(f"import sys, alabtrain; print([name for name in {HEAVY} if name in sys.modules])") == "[]"
    code = f"import sys; from alabtrain import TrainConfig, Workspace; print([n for n in {HEAVY} if n in sys.modules])"
    assert python(code) == "[]"


@pytest.mark.parametrize(
    "imports",
    [
        "from alabtrain import select; import alabtrain.select",
        "import alabtrain.select; from alabtrain import select",
        "from alabtrain.select import select_project; from alabtrain import select",
        "import alabtrain; select = alabtrain.select",
        "from alabtrain import train, select; import alabtrain.workflows.train",
    ],
)
def test_select_is_a_function_and_a_module_in_any_order(imports: str, clinic: Path) -> None:
    use = f"print(select({str(clinic)!r}).taken, __import__('alabtrain').select.select_project({str(clinic)!r}).taken)"
    taken, same = python(f"{imports}; {use}").split()
    assert int(taken) == int(same) > 0


def test_a_project_is_selected_and_checked_as_by_the_commands(clinic: Path) -> None:
    project = open_project(str(clinic))
    everything, tagged = select(project), select(project, SelectionOptions(tags=("Test",)))
    assert 0 < tagged.taken < everything.taken
    report = check(project)
    assert set(report.types) == {"ner", "assertion", "classification"}
    assert report.counts["selected"] == everything.taken
    assert not report.failed


def test_options_out_of_their_bounds_are_refused_in_python_too() -> None:
    with pytest.raises(alabtrain.AlabtrainError, match="--epochs must be at least 1"):
        alabtrain.NerOptions(epochs=0)
    with pytest.raises(alabtrain.AlabtrainError, match="--type must be one of ner"):
        TrainConfig(types=("nerve",))


@pytest.mark.spark
def test_python_trains_as_the_command_does(spark: SparkSession, few: Path, tmp_path: Path) -> None:
    config = TrainConfig(
        types=("ner",),
        ner=alabtrain.NerOptions(epochs=1),
        embeddings=alabtrain.EmbeddingOptions(embeddings="word2vec", lang="en"),
        split=alabtrain.SplitOptions(split="tags"),
    )
    heard: list[Event] = []
    result = train(few, config, Workspace(runs=tmp_path, events=heard.append), provenance={"seed": "environment"})
    assert result.metrics["ner"]["split"] == "test"
    parameters = json.loads((result.run / "run.json").read_text(encoding="utf-8"))["parameters"]
    assert parameters["epochs"] == {"value": 1, "from": "python"}
    assert parameters["seed"] == {"value": 42, "from": "environment"}
    assert parameters["batch_size"] == {"value": 16, "from": "default"}
    assert parameters["types"] == {"value": ["ner"], "from": "python"}
    assert steps(heard) == [
        "reading the project", "tokenizing", "training word2vec", "aligning annotations", "embedding",
        "joining vectors", "training ner", "saving ner", "scoring ner", "writing the report", "the end",
    ]  # fmt: skip

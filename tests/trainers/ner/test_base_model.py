"""What --base-model means, before any session starts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alabtrain.cli import run
from alabtrain.core.errors import UsageError
from alabtrain.store.base_models import find_base
from alabtrain.store.store import LocalStore
from tests.support import builders as b
from tests.support import run_folders


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return b.write_project(tmp_path / "p.zip", [b.task(1, b.completion(11, result=[b.region(5, 10)]))])


def saved(folder: Path, name: str) -> Path:
    (folder / "metadata").mkdir(parents=True)
    content = json.dumps({"class": f"com.johnsnowlabs.nlp.{name}"})
    (folder / "metadata" / "part-00000").write_text(content, encoding="utf-8")
    return folder


def made_run(output: Path) -> Path:
    output.mkdir(exist_ok=True)
    return run_folders.make_run(output, ["ner"])


def test_a_run_gives_its_ner_model_and_its_embeddings(tmp_path: Path) -> None:
    folder = made_run(tmp_path / "runs")
    base = find_base(str(folder), tmp_path, LocalStore(tmp_path / "models"), new_labels=True)
    assert base.place == folder / "model"
    assert base.embeddings == "minilm"
    with pytest.raises(UsageError, match="other embeddings"):
        base.require_embeddings("bert-base-cased")


def test_a_name_is_looked_for_among_the_runs_and_else_in_the_hub(tmp_path: Path) -> None:
    folder = made_run(tmp_path / "runs")
    assert (
        find_base(run_folders.NAMES["ner"], tmp_path / "runs", LocalStore(tmp_path / "models"), new_labels=True).place
        == folder / "model"
    )
    assert find_base("ner_dl_bert", tmp_path / "runs", LocalStore(tmp_path / "models"), new_labels=True).place is None
    hub = find_base(
        "pretrained:" + run_folders.NAMES["ner"], tmp_path / "runs", LocalStore(tmp_path / "models"), new_labels=True
    )
    assert (hub.name, hub.place) == (run_folders.NAMES["ner"], None)


@pytest.mark.parametrize("name", ["PipelineModel", "NerDLModel"])
def test_a_saved_model_is_a_base(name: str, tmp_path: Path) -> None:
    folder = saved(tmp_path / "m", name)
    assert find_base(str(folder), tmp_path, LocalStore(tmp_path / "models"), new_labels=False).place == folder


def test_what_is_no_model_is_refused_before_a_run_folder_is_there(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = saved(tmp_path / "other", "BertEmbeddings")
    unfinished = made_run(tmp_path / "runs")
    record = json.loads((unfinished / "run.json").read_text(encoding="utf-8"))
    (unfinished / "run.json").write_text(json.dumps({**record, "state": "failed"}), encoding="utf-8")
    for given, message in (
        (other, "contains no NER model"),
        (tmp_path / "missing" / "model", "no such run or model folder"),
        (project, "no such run or model folder"),
        (unfinished, "the run is failed"),
    ):
        arguments = ["train", str(project), "--type", "ner", "--base-model", str(given), "--output", "out"]
        assert run(arguments) == 2
        told = capsys.readouterr().err
        assert message in told
        assert str(given) in told
    assert not Path("out").exists()


def test_other_embeddings_than_the_run_had_are_an_error_before_anything_starts(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["--base-model", str(made_run(tmp_path / "runs"))]
    assert run(["train", str(project), "--type", "ner", *base, "--embeddings", "word2vec", "--output", "out"]) == 2
    assert "trained with other embeddings (minilm) than these (word2vec)" in capsys.readouterr().err
    assert not Path("out").exists()


def test_a_base_model_is_for_our_own_ner_only(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["--base-model", str(made_run(tmp_path / "runs"))]
    assert run(["train", str(project), "--type", "classification", *base]) == 2
    assert "--base-model is a NER model" in capsys.readouterr().err
    script = tmp_path / "s.py"
    script.write_text("def train(session, training, test, parameters, log): ...\n", encoding="utf-8")
    assert run(["train", str(project), "--type", "ner", *base, "--script", str(script)]) == 2
    assert "--script trains another way" in capsys.readouterr().err

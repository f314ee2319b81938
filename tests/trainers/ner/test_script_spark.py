from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from alabtrain.cli import run
from tests.support.paths import REPOSITORY
from tests.support.training import train

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

EXAMPLE = REPOSITORY / "examples" / "scripts" / "slower_learning.py"
QUICK = ["--type", "ner", "--embeddings", "word2vec", "--epochs", "1"]
HEAD = "from pyspark.ml import PipelineModel\ndef train(session, training, test, parameters, log):\n    "
BAD = {
    "raises": ("log('here')\n    return training.first().token[0].result.missing", "the script raised AttributeError"),
    "engine": ("return training.selectExpr('nothing_there').count()", "the script raised AnalysisException"),
    "nothing": ("log('done')", "returned nothing"),
    "no_stage": ("return [training.columns]", "returned a list"),
    "no_ner": ("return PipelineModel([])", "no output column"),
    "own_class": (
        "from pyspark.ml import Transformer\n"
        "    from pyspark.ml.util import DefaultParamsWritable\n"
        "    class Own(Transformer, DefaultParamsWritable):\n"
        "        def _transform(self, frame):\n            return frame\n"
        "    return Own()",
        "cannot be saved",
    ),
    "other_type": (
        "from pyspark.ml.feature import SQLTransformer\n"
        "    return SQLTransformer(statement='SELECT *, token AS ner FROM __THIS__')",
        "named_entity",
    ),
}


def test_the_example_trains_and_the_run_says_that_a_script_made_the_model(
    spark: SparkSession, few: Path, tmp_path: Path
) -> None:
    from pyspark.ml import PipelineModel

    arguments = ["--type", "ner", "--epochs", "1", "--script", str(EXAMPLE), "--runs", str(tmp_path)]
    answer = train(str(few), *arguments)
    folder = Path(answer["run"])
    assert answer["metrics"]["ner"]["split"] == "test"
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256(EXAMPLE.read_bytes()).hexdigest()
    assert record["inputs"][str(EXAMPLE)] == digest
    assert record["parameters"]["script"] == {"value": str(EXAMPLE), "from": "flag"}
    assert (folder / "script.py").read_bytes() == EXAMPLE.read_bytes()
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "The model was trained by the user's script slower_learning.py" in card
    assert digest in card
    assert "4 labels, learning rate 0.0005" in (folder / "train.log").read_text(encoding="utf-8")
    assert (folder / "report.html").stat().st_size > 0
    model = PipelineModel.load(str(folder / "model"))
    row = model.transform(spark.createDataFrame([["No fever today."]], "text string")).select("ner", "ner_chunk").head()
    assert row is not None
    assert len(row.ner) == 4


def test_what_goes_wrong_in_a_script_is_told_with_its_line_and_no_text(
    spark: SparkSession, few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, (code, message) in BAD.items():
        script = tmp_path / f"{name}.py"
        script.write_text(HEAD + code + "\n", encoding="utf-8")
        output = tmp_path / name
        arguments = ["train", str(few), *QUICK, "--tags", "Test", "--split", "random", "--script", str(script)]
        assert run([*arguments, "--runs", str(output)]) == 5, name
        told = " ".join(capsys.readouterr().err.split())
        assert "Traceback" not in told, name
        (folder,) = output.iterdir()
        error = json.loads((folder / "error.json").read_text(encoding="utf-8"))
        assert message in error["message"], name
        assert error["where"].startswith(str(script)), name
        assert not (folder / "model").exists(), name
        if "raised" in message:
            line = len((HEAD + code).splitlines())
            assert error["where"] == f"{script}, line {line}", name
            assert code.splitlines()[-1].strip() in error["message"], name
        if name == "raises":
            assert " here" in (folder / "train.log").read_text(encoding="utf-8")


def test_a_script_sees_four_columns_and_plain_parameters(spark: SparkSession, few: Path, tmp_path: Path) -> None:
    script = tmp_path / "looks.py"
    script.write_text(
        HEAD + "log(' '.join(training.columns))\n    log(' '.join(test.columns))\n"
        "    log(f'rows {training.count() > test.count() > 0}')\n    log(' '.join(sorted(parameters)))\n"
        "    log(','.join(parameters['labels']))\n    log(training.schema['label'].metadata['annotatorType'])\n",
        encoding="utf-8",
    )
    arguments = ["train", str(few), *QUICK, "--split", "tags", "--validation", "0", "--script", str(script)]
    assert run([*arguments, "--runs", str(tmp_path / "runs")]) == 5
    (folder,) = (tmp_path / "runs").iterdir()
    log = (folder / "train.log").read_text(encoding="utf-8")
    assert log.count("sentence token embeddings label\n") == 2
    assert "rows True" in log
    assert "batch_size best_model decay dropout epochs labels learning_rate seed validation\n" in log
    assert "Anatomy,Problem,Test,Treatment\n" in log
    assert " named_entity\n" in log

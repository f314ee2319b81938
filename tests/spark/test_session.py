from __future__ import annotations

from pathlib import Path

import pytest

from alabtrain.core.errors import InputError, UsageError
from alabtrain.spark.options import SparkOptions
from alabtrain.spark.session import open_session, settings

JARS = [Path("/jars/spark-nlp_2.12-5.5.3.jar")]


def test_a_local_session_gets_our_settings_and_the_jars_in_place() -> None:
    found = settings(SparkOptions(), JARS)
    assert found["spark.master"] == "local[*]"
    assert found["spark.jars"] == "local:/jars/spark-nlp_2.12-5.5.3.jar"
    assert found["spark.driver.memory"].endswith("g")


def test_with_a_master_only_the_jars_are_ours() -> None:
    found = settings(SparkOptions(master="spark://host:7077", conf=("spark.executor.memory=4g",)), JARS)
    assert found == {
        "spark.app.name": "alabtrain",
        "spark.master": "spark://host:7077",
        "spark.executor.memory": "4g",
        "spark.jars": "/jars/spark-nlp_2.12-5.5.3.jar",
    }


def test_the_user_wins_over_us_and_flags_win_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "spark.conf"
    file.write_text("# ours\nspark.driver.memory 3g\nspark.ui.enabled=true\nspark.x: y z\n", encoding="utf-8")
    found = settings(SparkOptions(properties_file=file, conf=("spark.ui.enabled=false",), driver_memory="5g"), JARS)
    assert found["spark.driver.memory"] == "5g"
    assert found["spark.ui.enabled"] == "false"
    assert found["spark.x"] == "y z"


def test_jars_of_the_user_are_added_and_their_spark_nlp_replaces_ours() -> None:
    assert settings(SparkOptions(jars=("mine.jar",)), JARS)["spark.jars"].startswith("mine.jar,local:")
    assert settings(SparkOptions(jars=("spark-nlp-gpu.jar",)), JARS)["spark.jars"] == "spark-nlp-gpu.jar"
    assert "spark.jars" not in settings(SparkOptions(packages=("com.johnsnowlabs.nlp:spark-nlp_2.12:5.5.3",)), JARS)


@pytest.mark.parametrize("pair", ["nonsense", "=x", " =x"])
def test_a_bad_conf_pair_is_a_usage_error(pair: str) -> None:
    with pytest.raises(UsageError, match="key=value"):
        settings(SparkOptions(conf=(pair,)), JARS)


def test_a_bad_properties_file_names_its_line(tmp_path: Path) -> None:
    file = tmp_path / "spark.conf"
    file.write_text("spark.a b\nlonely\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2"):
        settings(SparkOptions(properties_file=file), JARS)
    with pytest.raises(UsageError, match="no such file"):
        SparkOptions(properties_file=tmp_path / "none")


@pytest.mark.parametrize("options", [SparkOptions(master="sc://host"), SparkOptions(conf=("spark.remote=sc://host",))])
def test_spark_connect_is_refused(options: SparkOptions) -> None:
    with pytest.raises(UsageError, match="Spark Connect"), open_session(options):
        pass

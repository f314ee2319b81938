from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from alabtrain.core.errors import InputError, SetupError
from alabtrain.core.events import ignore
from alabtrain.embeddings.registry import parse_choice
from alabtrain.embeddings.stages import EMBEDDINGS, Embeddings, build
from alabtrain.embeddings.vectors import embed
from alabtrain.spark.annotators import text_stages, transform
from alabtrain.trainers.tokens import sentence_frame
from tests.support.training import answer

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark

TEXTS = ["No fever in Aachen. MRI of the hip on Monday 😀, then ASA/paracetamol.", "Fever."]


def rows(frame: DataFrame) -> list[Any]:
    picked = "transform(embeddings, e -> struct(e.begin, e.end, e.result, e.metadata['token'] AS token, slice(e.embeddings, 1, 3) AS v))"
    return sorted(str(row.e) for row in frame.selectExpr(f"{picked} AS e").collect())


@pytest.fixture(scope="module")
def minilm(spark: SparkSession) -> Embeddings:
    return build(spark, parse_choice("minilm"), sentence_frame(spark, TEXTS, "en"), lang="en", seed=1)


def test_the_case_of_a_token_survives_an_uncased_encoder(spark: SparkSession, minilm: Embeddings) -> None:
    frame = transform(minilm.stages, sentence_frame(spark, TEXTS, "en"))
    words = (
        frame.selectExpr("explode(embeddings) AS e").selectExpr("e.result", "e.metadata['token'] AS token").collect()
    )
    assert {row.result for row in words} >= {"Aachen", "MRI", "ASA", "Fever"}
    assert all(row.result == row.token for row in words)
    assert frame.schema[EMBEDDINGS].metadata["annotatorType"] == "word_embeddings"


def test_cached_vectors_equal_those_of_the_stages(
    spark: SparkSession, minilm: Embeddings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALABTRAIN_CACHE", str(tmp_path / "cache"))
    frame = sentence_frame(spark, TEXTS, "en")
    computed = rows(embed(frame, minilm, 3, scratch=tmp_path, use_cache=True, sink=ignore))
    again = rows(embed(frame, minilm, 3, scratch=tmp_path, use_cache=True, sink=ignore))
    plain = rows(transform(minilm.stages, frame))
    assert computed == again
    assert [row.split("v=[")[0] for row in computed] == [row.split("v=[")[0] for row in plain]
    (folder,) = (tmp_path / "cache" / "vectors").iterdir()
    assert len(list(folder.iterdir())) == 1
    stored = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"Aachen" not in stored
    assert b"aachen" not in stored


def test_a_new_sentence_is_embedded_alone_and_other_files_are_not_read(
    spark: SparkSession, minilm: Embeddings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alabtrain.core.events import Event, Progress, Step

    monkeypatch.setenv("ALABTRAIN_CACHE", str(tmp_path))
    seen: list[Event] = []
    for texts in (TEXTS, [*TEXTS, "One more."]):
        embed(
            sentence_frame(spark, texts, "en"), minilm, len(texts), scratch=tmp_path, use_cache=True, sink=seen.append
        ).count()
    folder = next((tmp_path / "vectors").iterdir())
    sizes = sorted(spark.read.parquet(part.as_uri()).count() for part in folder.iterdir())
    assert sizes == [1, 3]
    again = embed(sentence_frame(spark, ["One more."], "en"), minilm, 1, scratch=tmp_path, use_cache=True, sink=ignore)
    assert len({file.rpartition("/")[0] for file in again.inputFiles() if "/vectors/" in file}) == 1
    assert all(isinstance(event, Progress | Step) for event in seen)


def test_stacked_vectors_find_their_token_where_the_encoder_left_some_out(spark: SparkSession) -> None:
    long = "word " * 600 + "end. Fever in Aachen."
    frame = transform(text_stages("en", explode=False), spark.createDataFrame([[long]], "text string"))
    stacked = build(
        spark, parse_choice("minilm+word2vec"), sentence_frame(spark, [long, long], "en"), lang="en", seed=1
    )
    found = transform(stacked.stages, frame).selectExpr("token", "embeddings").head()
    assert found is not None
    assert len(found.embeddings) < len(found.token)
    by_begin = {token.begin: token.result for token in found.token}
    assert all(by_begin[e.begin] == e.result and len(e.embeddings) == 1024 for e in found.embeddings)
    assert found.embeddings[-2].result == "Aachen"


def test_folders_and_pretrained_names_that_hold_nothing_are_clear_errors(spark: SparkSession, tmp_path: Path) -> None:
    frame = sentence_frame(spark, TEXTS, "en")
    with pytest.raises(InputError, match="contains no embeddings"):
        build(spark, parse_choice(str(tmp_path)), frame, lang="en", seed=1)
    (tmp_path / "metadata").mkdir()
    with pytest.raises(InputError, match="metadata"):
        build(spark, parse_choice(str(tmp_path)), frame, lang="en", seed=1)
    with pytest.raises(SetupError, match="no_such_model") as caught:
        build(spark, parse_choice("pretrained:glove_no_such_model"), frame, lang="en", seed=1)
    assert "minilm" in str(caught.value.hint)


def test_a_folder_with_an_onnx_model_or_a_saved_spark_nlp_model_is_loaded(
    spark: SparkSession, minilm: Embeddings, tmp_path: Path
) -> None:
    from alabtrain.embeddings.conversion import install
    from alabtrain.embeddings.registry import encoders

    frame = sentence_frame(spark, TEXTS, "en")
    onnx = build(spark, parse_choice(str(install(encoders()["minilm"]))), frame, lang="en", seed=1)
    assert onnx.dimension == 768
    model: Any = minilm.parts[0].model
    model.write().overwrite().save((tmp_path / "saved").as_uri())
    saved = build(spark, parse_choice(str(tmp_path / "saved")), frame, lang="en", seed=1)
    assert saved.dimension == 768
    assert len(rows(transform(saved.stages, frame))) == 3


@pytest.mark.parametrize("trained", ["minilm_ner", "quick_ner"])
def test_the_saved_pipeline_predicts_from_text_what_was_scored(
    spark: SparkSession, clinic: Path, tmp_path: Path, trained: str, request: pytest.FixtureRequest
) -> None:
    from pyspark.ml import PipelineModel
    from seqeval.metrics import f1_score
    from seqeval.scheme import IOB2

    made: dict[str, Any] = request.getfixturevalue(trained)
    answer("export", str(clinic), "--split", "tags", "--format", "jsonl", "-o", str(tmp_path / "exported"))
    lines_of_test = (tmp_path / "exported" / "test.jsonl").read_text(encoding="utf-8").split("\n")
    records = [json.loads(line) for line in lines_of_test if line]
    model = PipelineModel.load(made["models"][0]["path"])
    frame = spark.createDataFrame([(i, record["text"]) for i, record in enumerate(records)], "i int, text string")
    found = {
        row.i: list(row.tags)
        for row in model.transform(frame).selectExpr("i", "transform(ner, t -> t.result) AS tags").collect()
    }
    gold = [gold_tags(record) for record in records]
    again = f1_score(gold, [found[i] for i in range(len(records))], mode="strict", scheme=IOB2)
    # Not to the digit: the engine batches whole texts otherwise than sentences, which decides between near ties.
    assert again == pytest.approx(made["metrics"]["ner"]["entity"]["micro"]["f1"], abs=0.01)


def gold_tags(record: dict[str, Any]) -> list[str]:
    tags = ["O"] * len(record["tokens"])
    for span in record["spans"]:
        for i in range(span["token_start"], span["token_end"] + 1):
            tags[i] = ("I-" if i > span["token_start"] else "B-") + span["label"]
    return tags


def test_stacked_embeddings_train_and_load(spark: SparkSession, few: Path, tmp_path: Path) -> None:
    from pyspark.ml import PipelineModel

    arguments = ["--type", "ner", "--epochs", "1", "--tags", "Test", "--split", "random", "--runs", str(tmp_path)]
    trained = answer("train", str(few), *arguments, "--embeddings", "minilm+word2vec")
    model = PipelineModel.load(trained["models"][0]["path"])
    row = (
        model.transform(spark.createDataFrame([["No fever today."]], "text string")).select("embeddings", "ner").head()
    )
    assert row is not None
    assert {len(annotation.embeddings) for annotation in row.embeddings} == {1024}
    assert len(row.ner) == len(row.embeddings)

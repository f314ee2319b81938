"""A NER training written by hand against Spark NLP, as its own notebooks do it: the yardstick for alabtrain's overhead.

It knows one project layout (one completion a task, `Train`/`Test` tags), repairs nothing, accounts for nothing,
and keeps no run. Data, settings and encoder are those of alabtrain.

    python -m benchmarks.by_hand PROJECT.zip --label Disease --encoder FOLDER
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

from alabtrain.spark.annotators import SPLIT_PATTERN
from alabtrain.spark.jars import fetch_jars
from alabtrain.trainers.ner.options import NerOptions
from alabtrain.trainers.nerdl.graph_files import write_graphs
from alabtrain.trainers.nerdl.seeding import seed_randomness


def main() -> None:
    """Train, score, save, and print one JSON object."""
    start = time.monotonic()
    options = _options()
    with zipfile.ZipFile(options.project) as archive:
        tasks = json.loads(archive.read("result.json"))
    session = start_session()
    rows = [(i, task["tags"][0], task["data"]["text"]) for i, task in enumerate(tasks)]
    frame = session.createDataFrame(rows, "id long, tag string, text string").repartition(8)
    stages, sentences = _sentences(frame)
    spans = [_spans(task, options.label) for task in tasks]
    labelled = _labelled(session, sentences, spans)
    model, test = _train(labelled, stages, options)
    answer = {"f1": _f1(model, test), "seconds": time.monotonic() - start}
    print(json.dumps(answer))


def _options() -> argparse.Namespace:
    defaults = NerOptions()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--label", required=True)
    parser.add_argument("--encoder", required=True, help="the converted encoder (`alabtrain embeddings --install`)")
    parser.add_argument("--dimension", type=int, default=768)
    parser.add_argument("--epochs", type=int, default=defaults.epochs)
    parser.add_argument("--seed", type=int, default=42)
    return parser.parse_args()


def start_session() -> Any:
    """Start Spark with Spark NLP on this machine."""
    from pyspark.sql import SparkSession

    jars = ",".join(f"local:{jar}" for jar in fetch_jars())
    builder = SparkSession.builder.master("local[*]").config("spark.jars", jars)
    for key, value in {
        "spark.driver.memory": "11g",
        "spark.driver.maxResultSize": "0",
        "spark.kryoserializer.buffer.max": "2000M",
        "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
        "spark.ui.enabled": "false",
    }.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def _sentences(frame: Any) -> tuple[list[Any], Any]:
    from sparknlp.annotator import SentenceDetector, Tokenizer
    from sparknlp.base import DocumentAssembler

    document = DocumentAssembler().setInputCol("text").setOutputCol("document")
    sentence = SentenceDetector().setInputCols(["document"]).setOutputCol("sentence").setExplodeSentences(True)
    tokenizer = Tokenizer().setInputCols(["sentence"]).setOutputCol("token").setSplitPattern(SPLIT_PATTERN)
    split = sentence.transform(document.transform(frame))
    return [document], tokenizer.fit(split).transform(split)


def _spans(task: dict[str, Any], label: str) -> list[tuple[int, int]]:
    values = [item["value"] for item in task["completions"][0]["result"] if item["type"] == "labels"]
    return sorted({(v["start"], v["end"]) for v in values if v["labels"] == [label]})


def _labelled(session: Any, sentences: Any, spans: list[list[tuple[int, int]]]) -> Any:
    from pyspark.sql import functions as f

    rows = []
    places = f.expr("transform(token, t -> named_struct('b', t.begin, 'e', t.end))").alias("places")
    number = f.expr("int(sentence[0].metadata['sentence'])").alias("number")
    for row in sentences.select("id", number, places).collect():
        tags = ["O"] * len(row.places)
        for start, end in spans[row.id]:
            inside = [i for i, p in enumerate(row.places) if p.b < end and p.e + 1 > start and tags[i] == "O"]
            for i in inside:
                tags[i] = "I-X" if i > inside[0] else "B-X"
        rows.append((row.id, row.number, tags))
    random.Random(42).shuffle(rows)  # noqa: S311 - an order
    tags_frame = session.createDataFrame(
        [(*row, position) for position, row in enumerate(rows)],
        "id long, number int, tags array<string>, position long",
    )
    label = f.expr(
        "transform(token, (t, i) -> named_struct('annotatorType', 'named_entity', 'begin', t.begin, 'end', t.end, "
        "'result', tags[i], 'metadata', map('word', t.result, 'sentence', t.metadata['sentence']), "
        "'embeddings', cast(array() AS array<float>)))"
    ).alias("label", metadata={"annotatorType": "named_entity"})
    joined = sentences.withColumn("number", number).join(f.broadcast(tags_frame), ["id", "number"])
    return joined.where("size(token) > 0").withColumn("label", label)


def _train(labelled: Any, stages: list[Any], options: argparse.Namespace) -> tuple[Any, Any]:
    from pyspark.ml import PipelineModel
    from sparknlp.annotator import BertEmbeddings, NerDLApproach

    encoder = (
        BertEmbeddings.loadSavedModel(options.encoder, labelled.sparkSession)
        .setInputCols(["sentence", "token"])
        .setOutputCol("embeddings")
        .setCaseSensitive(False)
        .setDimension(options.dimension)
        .setMaxSentenceLength(512)
        .setBatchSize(32)
    )
    defaults = NerOptions()
    approach = (
        NerDLApproach()
        .setInputCols(["sentence", "token", "embeddings"])
        .setLabelColumn("label")
        .setOutputCol("ner")
        .setMaxEpochs(options.epochs)
        .setLr(defaults.learning_rate)
        .setPo(defaults.decay)
        .setDropout(defaults.dropout)
        .setBatchSize(defaults.batch_size)
        .setRandomSeed(options.seed)
        .setVerbose(1)
    )
    with tempfile.TemporaryDirectory() as folder:
        # The first weights are drawn from the same seed as alabtrain's, or chance alone would part the two scores.
        seed = partial(seed_randomness, seed=options.seed)
        graphs = write_graphs(approach, options.dimension, [seed], Path(folder) / "graphs")
        training = encoder.transform(labelled.where("tag = 'Train'").orderBy("position"))
        model = approach.setGraphFolder(graphs).fit(training)
        PipelineModel([*stages, encoder, model]).write().overwrite().save(f"file://{folder}/model")
    return model, encoder.transform(labelled.where("tag = 'Test'"))


def _f1(model: Any, test: Any) -> float:
    from seqeval.metrics import f1_score
    from seqeval.scheme import IOB2

    rows = model.transform(test).selectExpr("tags", "transform(ner, t -> t.result) AS predicted").collect()
    gold = [list(row.tags) for row in rows]
    predicted = [[*row.predicted, *["O"] * (len(row.tags) - len(row.predicted))] for row in rows]
    return float(f1_score(gold, predicted, mode="strict", scheme=IOB2))


if __name__ == "__main__":
    main()

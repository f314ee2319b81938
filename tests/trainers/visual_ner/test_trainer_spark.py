"""Visual NER from boxes on pages to boxes on new pages, through the real engine."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from alabtrain.cli import run
from alabtrain.documents.options import SplitOptions
from alabtrain.pages.boxes import Box
from alabtrain.pages.layout import layout_names, layout_rows
from alabtrain.pages.text import PageText, page_text
from alabtrain.pages.words import Page, Word
from alabtrain.project.project import open_project
from alabtrain.selection.options import SelectionOptions
from alabtrain.spark.columns import annotation
from alabtrain.trainers.jobs import make_job, read_selected
from alabtrain.trainers.visual_ner.crf import fit_chain
from alabtrain.trainers.visual_ner.crf_stage import Chain, chain_stage
from alabtrain.trainers.visual_ner.options import VisualNerOptions
from alabtrain.trainers.visual_ner.trainer import VisualNerTrainer
from alabtrain.trainers.visual_ner.voting import EnsembleMember, voting_stages
from tests.support.paths import REPOSITORY
from tests.support.training import train

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

INVOICES = REPOSITORY / "examples" / "invoices" / "invoices.zip"
NETWORKS = ("--members", "1", "--layout-members", "1")
NEW = REPOSITORY / "examples" / "invoices" / "new"


@pytest.fixture(scope="module")
def trained(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A model of the example: a network of each kind and the CRF, trained for a moment."""
    output = tmp_path_factory.mktemp("runs")
    return train(str(INVOICES), "--epochs", "9", *NETWORKS, "--deploy", "--show-text", "--runs", str(output))


def test_boxes_become_a_model_with_scores_and_an_account(trained: dict[str, Any]) -> None:
    (model,) = trained["models"]
    assert (model["type"], model["name"]) == ("visual_ner", "visualner_invoices_annotation_manual")
    assert model["labels"] == ["BUYER", "DATE", "NUMBER", "SELLER", "TOTAL"]
    metrics = trained["metrics"]["visual_ner"]
    assert metrics["entity"]["micro"]["support"] == metrics["regions"]["micro"]["support"] == 30
    assert metrics["entity"]["micro"]["f1"] > 0.5
    folder = Path(trained["run"])
    funnel = {stage["unit"]: stage for stage in json.loads((folder / "funnel.json").read_text())["stages"]}
    assert (funnel["boxes"]["entered"], funnel["boxes"]["left"], funnel["pages"]["left"]) == (150, 150, 30)
    assert (folder / "config.xml").read_text().count(f'model="{model["name"]}"') == 5
    card = (folder / "README.md").read_text()
    assert "layout_rows" in card
    assert "regions, by their label" in card


def test_what_was_found_is_kept_without_text_and_can_be_drawn(
    trained: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(trained["run"])
    lines = [json.loads(line) for line in (folder / "boxes.jsonl").read_text().splitlines()]
    assert [line["task_id"] for line in lines] == [25, 26, 27, 28, 29, 30]
    assert all(len(line["drawn"]) == 5 for line in lines)
    assert {type(value) for line in lines for box in line["found"] for value in box[1:]} <= {int, float}
    assert {box[0] for line in lines for box in line["found"]} <= set(trained["models"][0]["labels"])
    # The pictures show documents: they are there as --show-text was given.
    names = sorted(path.name for path in (folder / "pages").iterdir())
    assert names == [f"task-{number}-page-1.png" for number in range(25, 31)]
    assert all(f'src="pages/{name}"' in (folder / "report.html").read_text() for name in names)
    arguments = [str(INVOICES), "26", "--run", str(folder), "--output", str(tmp_path)]
    assert run(["show", *arguments]) == 0
    assert (tmp_path / "task-26-page-1.png").read_bytes()[:4] == b"\x89PNG"
    assert run(["show", str(INVOICES), "1", "--run", str(folder), "--output", str(tmp_path)]) == 2
    assert "did not score task 1" in capsys.readouterr().err


def test_it_is_evaluated_on_the_pages_that_test(
    trained: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = Path(trained["run"]) / "config.xml"
    assert run(["evaluate", str(INVOICES), "--config", str(config), "--runs", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    scores = told["metrics"][trained["models"][0]["name"]]["entity"]["micro"]
    assert told["documents"] == 6
    # A training scores tags, this the chunks that they make.
    assert scores["f1"] == pytest.approx(trained["metrics"]["visual_ner"]["entity"]["micro"]["f1"], abs=0.05)


def test_the_model_runs_with_spark_nlp_alone(spark: SparkSession, trained: dict[str, Any]) -> None:
    from pyspark.ml import PipelineModel

    words = (Word("Date:", Box(480, 200, 510, 212)), Word("2026-02-01", Box(480, 220, 560, 232)))
    text = page_text(Page(1, None, words))
    assert text is not None
    rows = [[text.text, layout_rows(text)], ["word", []], ["", []]]
    frame = spark.createDataFrame(rows, "text string, layout array<array<float>>")
    model = PipelineModel.load(Path(trained["models"][0]["path"]).as_uri())
    tags = [[tag.result for tag in row.ner] for row in model.transform(frame).select("ner").collect()]
    assert [len(row) for row in tags] == [2, 1, 0]


def test_new_pictures_are_read_and_get_boxes(
    trained: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, output = Path(trained["run"]) / "config.xml", tmp_path / "out.json"
    arguments = ["--config", str(config), "--pictures", str(NEW), "--output", str(output), "--json"]
    assert run(["preannotate", str(INVOICES), *arguments]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["tasks"], told["written"], told["findings"]) == (2, 2, [])
    tasks = json.loads(output.read_text())
    assert [task["data"]["image"] for task in tasks] == [["new_1.png"], ["new_2.png"]]
    items = [item for task in tasks for item in task["predictions"][0]["result"]]
    assert sum(told["regions"].values()) == len(items) > 0
    for item in items:
        value = item["value"]
        assert (item["original_width"], item["original_height"]) == (850, 1100)
        assert value["x"] == pytest.approx(min(token["x"] for token in item["tokens"]) / 8.5, abs=0.2)
        assert value["text"] == [" ".join(token["text"] for token in item["tokens"])]
        assert 0 < float(value["confidence"]) <= 1


def test_what_the_project_holds_already_is_left_alone(
    trained: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = Path(trained["run"]) / "config.xml"
    assert run(["preannotate", str(INVOICES), "--config", str(config), "--output", str(tmp_path / "out.json")]) == 6
    assert "30 has completion" in capsys.readouterr().err


TAGS = ("B-A", "B-C", "I-A", "I-C", "O")


def test_members_vote_as_an_exhaustive_search_would(spark: SparkSession) -> None:
    from pyspark.sql import functions as f

    chance = random.Random(7)  # noqa: S311
    windows = [[chance.randint(1, 3) for _ in range(chance.randint(1, 2))] for _ in range(40)]
    rows = []
    for number, sizes in enumerate(windows):
        sentences = [place for place, size in enumerate(sizes) for _ in range(size)]
        said = [[[round(chance.random(), 4) for _ in TAGS] for _ in sentences] for _ in range(3)]
        rows.append((number, sentences, *said))
    schema = "number int, sentences array<int>, one array<array<double>>, other array<array<double>>, crf array<array<double>>"
    frame = spark.createDataFrame(rows, schema)
    steps = [[round(chance.uniform(-2, 2), 2) for _ in TAGS] for _ in TAGS]
    crf = EnsembleMember("crf", 2.0, Chain((), (), (), steps))
    pairs = ", ".join(f"'{tag}', string(x[{place}])" for place, tag in enumerate(TAGS))
    for column in ("one", "other"):
        made = f"transform({column}, (x, i) -> named_struct('annotatorType', 'named_entity', 'begin', i, 'end', i, 'result', 'O', 'metadata', map({pairs}), 'embeddings', cast(array() AS array<float>)))"
        frame = frame.withColumn(f"ner_{column}", f.expr(made).alias("x", metadata={"annotatorType": "named_entity"}))
    vector = annotation("word_embeddings", begin="i", end="i", result="'w'", metadata={"sentence": "string(s)"})
    frame = frame.withColumn("vectors", f.expr(f"transform(sentences, (s, i) -> {vector})"))
    frame = frame.withColumn("token", f.col("vectors"))
    members = [EnsembleMember("ner_one"), EnsembleMember("ner_other", 0.5), crf]
    for stage in voting_stages(members, TAGS, "vectors", "ner"):
        frame = stage.transform(frame)
    assert frame.schema["ner"].metadata["annotatorType"] == "named_entity"
    found = {row.number: [tag.result for tag in row.ner] for row in frame.select("number", "ner").collect()}
    for number, sentences, one, other, told in rows:
        expected: list[str] = []
        for sentence in sorted(set(sentences)):
            places = [place for place, s in enumerate(sentences) if s == sentence]
            scores = [[math.log(max(1e-4, a)) + 0.5 * math.log(max(1e-4, c)) + 2 * d for a, c, d in zip(one[p], other[p], told[p], strict=True)]
                      for p in places]  # fmt: skip
            expected += best_sequence(scores, steps)
        assert found[number] == expected


def best_sequence(scores: list[list[float]], steps: list[list[float]]) -> list[str]:
    """Try every sequence of tags; a step counts twice, as the member that tells it."""
    from itertools import pairwise, product

    def allowed(tags: tuple[str, ...]) -> bool:
        return all(
            not tag.startswith("I-") or before in (tag, f"B-{tag[2:]}")
            for before, tag in zip(("O", *tags), tags, strict=False)
        )

    def total(tags: tuple[str, ...]) -> float:
        places = list(map(TAGS.index, tags))
        own = sum(row[place] for row, place in zip(scores, places, strict=True))
        return own + 2 * sum(steps[before][place] for before, place in pairwise(places))

    return list(max(filter(allowed, product(TAGS, repeat=len(scores))), key=total))


def test_a_chain_scores_the_words_of_real_pages_as_its_weights_say(spark: SparkSession) -> None:
    from pyspark.sql import functions as f

    numbers = len(layout_names())
    pages = invoice_pages()
    windows = [(layout_rows(text), ["B-A" if len(word.text) % 3 else "O" for word in text.words]) for text in pages]
    chain = fit_chain(windows, ("B-A", "O"), numbers)
    assert sum(map(len, chain.codes)) > 20
    rows = [*(told for told, _tags in windows), [[]], []]
    frame = spark.createDataFrame(list(enumerate(rows)), "number int, layout array<array<float>>")
    token = annotation("token", begin="i", end="i", result="'w'", metadata={"sentence": "'0'"})
    frame = frame.withColumn("token", f.expr(f"transform(layout, (w, i) -> {token})"))
    found = {
        row.number: row.crf for row in chain_stage(chain, "crf").transform(frame).select("number", "crf").collect()
    }
    for number, words in enumerate(rows):
        assert len(found[number]) == len(words)
        for said, word in zip(found[number], words, strict=True):
            sums = list(chain.bias)
            for value, weights in zip(word[:numbers], chain.numbers, strict=False):
                sums = [a + value * b for a, b in zip(sums, weights, strict=True)]
            for value, known in zip(word[numbers:], chain.codes, strict=False):
                sums = [a + b for a, b in zip(sums, known.get(int(value), [0.0, 0.0]), strict=True)]
            total = math.log(sum(map(math.exp, sums)))
            assert said == pytest.approx([a - total for a in sums], abs=0.02)


def invoice_pages() -> list[PageText]:
    """The pages of the example, as a training reads them."""
    project = open_project(INVOICES)
    job = make_job(project, selection=SelectionOptions(), split=SplitOptions("tags", validation=0.0), strict=False)
    documents = read_selected(job, [VisualNerTrainer(VisualNerOptions())]).documents
    return [document.page.text for document in documents if document.page is not None]


def test_a_word_without_a_vector_has_no_tag_and_disturbs_nobody(spark: SparkSession) -> None:
    from pyspark.sql import functions as f

    word = {"sentence": "'0'"}
    said = {tag: f"string(if(i = 2, {int(tag == 'B-A')}, {int(tag == 'O')}))" for tag in TAGS}
    logs = ", ".join(f"if(i = 2, {0 if tag == 'B-A' else -9}D, {0 if tag == 'O' else -9}D)" for tag in TAGS)
    columns = {
        "token": annotation("token", begin="i", end="i", result="'w'", metadata=word),
        "vectors": annotation("word_embeddings", begin="i", end="i", result="'w'", metadata=word),
        "ner_one": annotation("named_entity", begin="i", end="i", result="'O'", metadata=said),
        "crf": f"array({logs})",
    }
    frame = spark.range(1)
    for name, made in columns.items():
        places = "array(0, 1, 2)" if name in ("token", "crf") else "array(0, 2)"
        kind = {"annotatorType": "named_entity"}
        frame = frame.withColumn(name, f.expr(f"transform({places}, i -> {made})").alias(name, metadata=kind))
    crf = EnsembleMember("crf", 1.0, Chain((), (), (), [[0.0] * len(TAGS)] * len(TAGS)))
    for stage in voting_stages([EnsembleMember("ner_one"), crf], TAGS, "vectors", "ner"):
        frame = stage.transform(frame)
    row = frame.select("ner").head()
    assert row is not None
    assert [(tag.begin, tag.result) for tag in row.ner] == [(0, "O"), (2, "B-A")]
    assert float(row.ner[1].metadata["confidence"]) == 1.0

"""A type of model that this file alone defines goes through all commands: nothing else has to know it."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from alabtrain.annotations.reader import Reading
from alabtrain.annotations.request import Request
from alabtrain.core.errors import NothingToTrain
from alabtrain.core.events import Sink
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Account
from alabtrain.core.options import Options, option
from alabtrain.documents.document import Document, Documents
from alabtrain.documents.options import SplitOptions
from alabtrain.documents.tagging import Sentence
from alabtrain.documents.texts import DocumentRequest
from alabtrain.embeddings.options import EmbeddingOptions
from alabtrain.labeling.config import SPANS, Annotation
from alabtrain.trainers.base import InputFile, Job, Scores
from alabtrain.trainers.corpus import Corpus
from alabtrain.trainers.judging import Judged, judge_spans
from alabtrain.trainers.model_type import ModelType, NamedModel, Setup
from alabtrain.trainers.predictions import Found, ResultCounts, span_items
from alabtrain.trainers.registry import registered
from alabtrain.workflows.train import train
from alabtrain.workflows.train_config import TrainConfig
from alabtrain.workflows.workspace import Workspace
from tests.support.training import answer

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import SparkSession

KEYWORDS, COLUMN = "keywords", "keyword"


@dataclass(frozen=True, slots=True)
class KeywordOptions(Options):
    """How often a phrase must have a label to be learned."""

    least: int = option(2, "Least number of examples of a phrase.", at_least=1)


class KeywordsType(ModelType):
    """Phrases that had a label in the training part have it everywhere: Spark NLP's EntityRuler."""

    name: ClassVar[str] = KEYWORDS
    title: ClassVar[str] = "Key words"
    short_title: ClassVar[str] = "Key words"
    prefix: ClassVar[str] = KEYWORDS
    annotates: ClassVar[Annotation] = SPANS
    options: ClassVar[type[Options]] = KeywordOptions

    def count(self, reading: Reading, request: Request) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return the spans, which are all that a completion says here."""
        spans = [(self.name, span.label) for span in reading.spans.spans]
        return spans, spans

    def trainer(self, setup: Setup) -> KeywordsTrainer:
        """Return a trainer."""
        assert isinstance(setup.options, KeywordOptions)
        return KeywordsTrainer(setup.options)

    def recognize(self, stages: Sequence[Transformer]) -> tuple[str, ...] | None:
        """Return no label, as an EntityRuler does not give them: the config's count."""
        return () if any(type(stage).__name__ == "EntityRulerModel" for stage in stages) else None

    def output(self, own: list[Transformer]) -> str:
        """Return the column of the phrases."""
        return COLUMN

    def items(
        self, model: NamedModel, text: str, found: Sequence[Found], counts: ResultCounts, entities: set[tuple[int, int]]
    ) -> list[dict[str, Any]]:
        """Return spans."""
        return span_items(model.name, model.labels, text, found, counts)

    def judge(
        self,
        model: NamedModel,
        labels: Sequence[str],
        documents: Sequence[Document],
        found: Sequence[Sequence[Found]],
        sentences: Sequence[Sentence],
    ) -> Judged:
        """Compare entities."""
        return judge_spans(documents, found, sentences, [label.name for label in model.labels], model.shown)


@dataclass(frozen=True, slots=True)
class KeywordsTrainer:
    """Learns the phrases of spans."""

    parameters: KeywordOptions
    type: str = KEYWORDS
    beside_test: float = 0.0
    files: tuple[InputFile, ...] = ()

    def ask(self, request: DocumentRequest, job: Job) -> DocumentRequest:
        """Ask for spans."""
        assert job.config is not None
        return replace(request, labels={label.name for label in job.config.ner_labels}, spans=True)

    def read(self, documents: Documents, job: Job) -> KeywordsSet:
        """Count the phrases of the training part."""
        phrases: dict[str, Counter[str]] = defaultdict(Counter)
        for document in documents.part("train"):
            for span in document.spans:
                phrases[span.label][document.text[span.start : span.end]] += 1
        least = self.parameters.least
        known = {label: [one for one, n in counts.items() if n >= least] for label, counts in sorted(phrases.items())}
        known = {label: found for label, found in known.items() if found}
        if not known:
            raise NothingToTrain("no phrase is frequent enough")
        return KeywordsSet(self.parameters, known)


@dataclass(frozen=True, slots=True)
class KeywordsSet:
    """The phrases by label; they need no alignment with tokens."""

    parameters: KeywordOptions
    phrases: dict[str, list[str]]
    choices: None = None
    findings: Sequence[Finding] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that have a phrase."""
        return tuple(self.phrases)

    def uses(self, document: Document) -> bool:
        """Return True."""
        return True

    def align(self, corpus: Corpus, sink: Sink) -> KeywordsExamples:
        """Return the phrases with their corpus."""
        return KeywordsExamples(self.parameters, self.phrases, corpus, Account())


@dataclass(frozen=True, slots=True)
class KeywordsExamples:
    """The phrases of a corpus."""

    parameters: KeywordOptions
    phrases: dict[str, list[str]]
    corpus: Corpus
    account: Account

    def fit(self, sink: Sink) -> KeywordsModel:
        """Make an EntityRuler of them."""
        from sparknlp.annotator import EntityRulerApproach

        patterns = self.corpus.scratch / "patterns.json"
        # As regular expressions: of other patterns, the engine wants to know every character of every text.
        quoted = {label: [f"\\b\\Q{one}\\E\\b" for one in found] for label, found in self.phrases.items()}
        entries = [{"label": label, "patterns": found, "regex": True} for label, found in quoted.items()]
        patterns.write_text(json.dumps(entries), encoding="utf-8")
        ruler = EntityRulerApproach().setInputCols(["document", "token"]).setOutputCol(COLUMN).setUseStorage(False)
        model = ruler.setPatternsResource(str(patterns)).fit(self.corpus.frame("train").limit(0))
        return KeywordsModel(self.parameters, self, [model])


@dataclass(frozen=True, slots=True)
class KeywordsModel:
    """A fitted EntityRuler."""

    parameters: KeywordOptions
    examples: KeywordsExamples
    stages: Sequence[Transformer]

    def score(self, sink: Sink) -> Scores:
        """Score the test part as an evaluation does."""
        corpus = self.examples.corpus
        texts = [(number, one.text) for number, one in enumerate(corpus.documents)]
        frame = corpus.session.createDataFrame(texts, "number long, text string")
        for stage in [*corpus.stages[:3], *self.stages]:
            frame = stage.transform(frame)
        found = {
            row.number: [Found(one.begin, one.end, one.metadata["entity"], None) for one in row[COLUMN]]
            for row in frame.select("number", COLUMN).collect()
        }
        numbers = [number for number, one in enumerate(corpus.documents) if one.part == "test"]
        sentences = [
            replace(one, document=numbers.index(one.document)) for one in corpus.sentences if one.document in numbers
        ]
        documents = [corpus.documents[number] for number in numbers]
        rows = [found[number] for number in numbers]
        return Scores(judge_spans(documents, rows, sentences, list(self.examples.phrases), KEYWORDS).metrics())


@pytest.fixture
def keywords() -> Iterator[ModelType]:
    """Register the type for a test."""
    with registered(KeywordsType()) as one:
        yield one


def test_a_check_counts_its_examples(keywords: ModelType, clinic: Path) -> None:
    counts = answer("check", str(clinic))["counts"]["labels"]
    assert counts[KEYWORDS] == counts["ner"]


@pytest.mark.spark
def test_it_is_trained_evaluated_and_applied(
    keywords: ModelType, spark: SparkSession, clinic: Path, tmp_path: Path
) -> None:
    config = TrainConfig(
        types=(KEYWORDS,),
        further={KEYWORDS: KeywordOptions(least=1)},
        embeddings=EmbeddingOptions(embeddings="word2vec", lang="en"),
        split=SplitOptions(split="tags"),
        deploy=True,
    )
    trained = train(clinic, config, Workspace(runs=tmp_path / "runs", store=os.environ["ALABTRAIN_MODELS"]))
    name = "keywords_clinic_annotation_manual"
    assert [(model["type"], model["name"]) for model in trained.models] == [(KEYWORDS, name)]
    metrics = trained.metrics[KEYWORDS]
    assert "entity" in metrics
    f1 = metrics["entity"]["micro"]["f1"]
    assert f1 > 0.3
    patched = trained.run / "config.xml"
    assert f'model="{name}"' in patched.read_text(encoding="utf-8")
    assert "Key words" in (trained.run / "README.md").read_text(encoding="utf-8")
    record = json.loads((trained.run / "run.json").read_text(encoding="utf-8"))
    assert record["parameters"]["least"] == {"value": 1, "from": "python"}

    evaluated = answer("evaluate", str(clinic), "--config", str(patched), "--no-hub", "--runs", str(tmp_path / "runs"))
    assert [(model["name"], model["type"]) for model in evaluated["models"]] == [(name, KEYWORDS)]
    assert evaluated["metrics"][name]["entity"]["micro"]["f1"] == pytest.approx(f1)

    output = tmp_path / "found.json"
    answer("preannotate", str(clinic), "--config", str(patched), "--no-hub", "--overwrite", "--output", str(output))
    tasks = json.loads(output.read_text(encoding="utf-8"))
    ours = [found for task in tasks for found in task["predictions"] if found.get("model_version") == name]
    items = [item for found in ours for item in found["result"]]
    phrases = {(item["value"]["text"], *item["value"]["labels"]) for item in items}
    assert len(items) > 500
    assert {label for _text, label in phrases} == set(trained.models[0]["labels"])

    again = answer("deploy", str(trained.run), "--dry-run")
    assert {edit["new"] for edit in again["changed"]} == {name}

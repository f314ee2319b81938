"""Named entities with NerDL, Spark NLP's character-CNN and BiLSTM tagger.

NerDL: https://sparknlp.org/docs/en/annotators#nerdl, after Chiu and Nichols, "Named Entity Recognition with
Bidirectional LSTM-CNNs", 2016 (https://arxiv.org/abs/1511.08308).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alabtrain.accounting import Funnel, Stage
from alabtrain.embeddings.registry import Source, language_findings, parse_choice
from alabtrain.embeddings.stages import EMBEDDINGS, Embeddings, build
from alabtrain.embeddings.vectors import embed
from alabtrain.engine.annotators import DOCUMENT, SENTENCE, TOKEN, text_stages
from alabtrain.engine.shared import SharedFolder
from alabtrain.errors import NothingToTrain, TrainingError
from alabtrain.events import Progress, Sink
from alabtrain.examples.documents import Documents, TextOptions, read_documents
from alabtrain.examples.split import Part
from alabtrain.examples.tokens import (
    DOCUMENT_NUMBER,
    SENTENCE_NUMBER,
    TaggedDocuments,
    TaggedSentence,
    tag_documents,
)
from alabtrain.findings import Finding
from alabtrain.metrics import span_scores, worst_sentences
from alabtrain.trainers.background import run_aside
from alabtrain.trainers.base import Account, Job, Mistake, Scores
from alabtrain.trainers.graphs import require_graph, utf16_units
from alabtrain.trainers.nerlog import LogFollower

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import DataFrame, SparkSession

NER, NER_CHUNK, LABEL, TAGS, PART, POSITION = "ner", "ner_chunk", "label", "tags", "part", "position"
SHOWN_MISTAKES = 10


@dataclass(frozen=True, slots=True)
class NerParameters:
    """How a NER model is trained; the defaults are measured (benchmarks/README.md).

    The learning rate in epoch e (from 0) is `learning_rate / (1 + decay * e)`; `best_model` keeps the epoch with
    the best validation F1, where there is a validation part.
    """

    embeddings: str = "minilm"
    epochs: int = 12
    learning_rate: float = 0.001
    decay: float = 0.05
    dropout: float = 0.5
    batch_size: int = 16
    best_model: bool = True
    lang: str = "en"
    embeddings_cache: bool = True


class NerTrainer:
    """Trains NER on the NER labels of the labeling config, or on all labels where there is no config."""

    type = "ner"

    def __init__(self, parameters: NerParameters) -> None:
        self.parameters = parameters
        self.sources: tuple[Source, ...] = parse_choice(parameters.embeddings)
        self._seed = 0
        self._documents = Documents()
        self._labels: tuple[str, ...] = ()
        self._scratch = Path()
        self._tagged: TaggedDocuments
        self._embeddings: Embeddings
        self._session: SparkSession
        self._examples = ""
        self._model: Any = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that occur in the training part, in alphabetical order."""
        return self._labels

    def read(self, job: Job) -> Account:
        """Read the chosen completions as documents with spans."""
        self._seed = job.split.seed
        self._documents = documents_of(job)
        training = self._documents.part("train")
        self._labels = tuple(sorted({span.label for document in training for span in document.spans}))
        if not self._labels:
            raise NothingToTrain(
                "no chosen completion of the training part has a region with an NER label",
                hint="`alabtrain select` shows which completions were chosen, `alabtrain check` what is in them",
            )
        languages = language_findings(self.sources, self.parameters.lang)
        return Account(self._documents.funnel, [*self._documents.findings, *languages])

    def prepare(self, session: SparkSession, scratch: Path, shared: SharedFolder, sink: Sink) -> Account:
        """Tokenize, tag and embed all parts at once; refuse what no TensorFlow graph takes."""
        sink(Progress("tokenizing", 0, len(self._documents.documents), "documents"))
        self._scratch = scratch
        self._tagged = tag_documents(session, self._documents.documents)
        training = self._sentences("train")
        if all(tag == "O" for sentence in training for tag in sentence.tags):
            raise NothingToTrain("no span of the training part could be put on tokens")
        frame = self._tagged.frame.join(self._tags_frame(session), [DOCUMENT_NUMBER, SENTENCE_NUMBER])
        words = frame.where(f"{PART} = 'train'").drop(TAGS)
        self._embeddings = build(
            session, self.sources, words, lang=self.parameters.lang, seed=self._seed, progress=_meter(sink)
        )
        require_graph(
            dimension=self._embeddings.dimension,
            tags=len({tag for sentence in training for tag in sentence.tags}),
            characters=self._characters(),
        )
        embedded = embed(
            frame, self._embeddings, scratch=scratch, use_cache=self.parameters.embeddings_cache, sink=sink
        )
        # Written once: what follows would else join the vectors anew each time it looks at them.
        self._examples = shared.path("examples")
        columns = [SENTENCE, TOKEN, EMBEDDINGS, LABEL, DOCUMENT_NUMBER, SENTENCE_NUMBER, POSITION, PART]
        embedded.withColumn(LABEL, _label_column()).select(*columns).write.partitionBy(PART).parquet(self._examples)
        self._session = session
        tokens, lost = self._count_tokens()
        stage = Stage("embed", "tokens", tokens, {"no_vector": lost} if lost else {})
        return Account(self._tagged.funnel + Funnel((stage,)), [*self._tagged.findings, *_lost_tokens(lost)])

    def fit(self, sink: Sink) -> None:
        """Train NerDL on the training part, following its log."""
        from sparknlp.annotator import NerDLApproach

        parameters = self.parameters
        logs = self._scratch / "nerdl"
        logs.mkdir()
        approach = (
            NerDLApproach()
            .setInputCols([SENTENCE, TOKEN, EMBEDDINGS])
            .setLabelColumn(LABEL)
            .setOutputCol(NER)
            .setMaxEpochs(parameters.epochs)
            .setLr(parameters.learning_rate)
            .setPo(parameters.decay)
            .setDropout(parameters.dropout)
            .setBatchSize(parameters.batch_size)
            .setRandomSeed(self._seed)
            .setIncludeConfidence(True)
            .setVerbose(1)
            .setEnableOutputLogs(True)
            .setOutputLogsPath(str(logs))
            .setEvaluationLogExtended(True)
        )
        validated = bool(self._sentences("validation"))
        if validated:
            approach = approach.setTestDataset(f"{self._examples}/{PART}=validation")
            approach = approach.setUseBestModel(parameters.best_model)
        follower = LogFollower(logs, sink, validated)
        training = self._part_frame("train").orderBy(POSITION)
        self._model = run_aside(lambda: approach.fit(training), follower.look)
        follower.finish()

    def pipeline(self) -> PipelineModel:
        """Return document, sentence, token, embeddings, ner and ner_chunk as one pipeline."""
        from pyspark.ml import PipelineModel
        from sparknlp.annotator import NerConverter

        converter = NerConverter().setInputCols([DOCUMENT, TOKEN, NER]).setOutputCol(NER_CHUNK)
        return PipelineModel([*text_stages(explode=False), *self._embeddings.stages, self._model, converter])

    def score(self, sink: Sink) -> Scores:
        """Score the test part, else the validation part; without either there is nothing honest to say."""
        part: Part | None = next((p for p in ("test", "validation") if self._sentences(p)), None)
        if part is None:
            return Scores({"split": None})
        sentences = self._sentences(part)
        sink(Progress("scoring", 0, len(sentences), "sentences"))
        predicted = self._predict(part)
        gold = [list(sentence.tags) for sentence in sentences]
        places = [(s.sentence.document, s.sentence.number) for s in sentences]
        tags = [predicted[place] for place in places]
        metrics = span_scores(gold, tags, part)
        spans = sum(len(document.spans) for document in self._documents.part(part))
        # Gold spans that no tag can hold: counted, as a score without them flatters.
        metrics["unscored"] = spans - sum(tag.startswith("B-") for sentence in gold for tag in sentence)
        worst = worst_sentences(gold, tags)[:SHOWN_MISTAKES]
        return Scores(metrics, [self._mistake(sentences[i], gold[i], tags[i]) for i in worst])

    def _sentences(self, part: Part) -> list[TaggedSentence]:
        documents = self._tagged.documents
        return [s for s in self._tagged.sentences if documents[s.sentence.document].part == part]

    def _characters(self) -> int:
        documents = self._tagged.documents
        found: set[int] = set()
        for sentence in self._sentences("train"):
            text = documents[sentence.sentence.document].text
            for start, end in sentence.sentence.tokens:
                found.update(utf16_units(text[start:end]))
        return len(found)

    def _tags_frame(self, session: SparkSession) -> DataFrame:
        """Return tags, part and position in the training order, per sentence."""
        from pyspark.sql import functions as f

        documents = self._tagged.documents
        sentences = self._tagged.sentences
        positions = training_order(len(sentences), self._seed)
        rows = [
            (
                s.sentence.document,
                s.sentence.number,
                documents[s.sentence.document].part,
                list(s.tags),
                position,
            )
            for s, position in zip(sentences, positions, strict=True)
        ]
        schema = f"{DOCUMENT_NUMBER} long, {SENTENCE_NUMBER} int, {PART} string, {TAGS} array<string>, {POSITION} long"
        return f.broadcast(session.createDataFrame(rows, schema))

    def _part_frame(self, part: Part) -> DataFrame:
        return self._session.read.parquet(f"{self._examples}/{PART}={part}")

    def _count_tokens(self) -> tuple[int, int]:
        """Return how many tokens there are, and how many of them have no vector."""
        counted = self._session.read.parquet(self._examples).selectExpr("count(*)", f"sum(size({EMBEDDINGS}))").head()
        sentences, vectors = (int(number or 0) for number in counted) if counted is not None else (0, 0)
        if sentences != len(self._tagged.sentences):
            raise TrainingError(f"{len(self._tagged.sentences)} sentences were to be embedded, {sentences} were")
        tokens = sum(len(sentence.tags) for sentence in self._tagged.sentences)
        return tokens, tokens - vectors

    def _predict(self, part: Part) -> dict[tuple[int, int], list[str]]:
        from pyspark.sql import functions as f

        frame = self._model.transform(self._part_frame(part))
        # A token without a vector gets no tag from the model: it counts as outside.
        tags = f"transform({TOKEN}, t -> coalesce(element_at(filter({NER}, n -> n.begin = t.begin), 1).result, 'O'))"
        rows = frame.select(DOCUMENT_NUMBER, SENTENCE_NUMBER, f.expr(f"{tags} AS {TAGS}"))
        return {(row[DOCUMENT_NUMBER], row[SENTENCE_NUMBER]): list(row[TAGS]) for row in rows.collect()}

    def _mistake(self, sentence: TaggedSentence, gold: Sequence[str], tags: Sequence[str]) -> Mistake:
        document = self._tagged.documents[sentence.sentence.document]
        tokens = sentence.sentence.tokens
        return Mistake(str(document.task_id), document.text[tokens[0][0] : tokens[-1][1]], gold, tags)


def documents_of(job: Job) -> Documents:
    """Return the documents with NER spans of a job: its chosen completions, by the labels of its config."""
    return read_documents(job.project.tasks(), job.selection.decisions, options=_text_options(job), split=job.split)


def _text_options(job: Job) -> TextOptions:
    config = job.config
    if config is None:
        return TextOptions(strict=job.strict)
    labels = {label.name for label in config.ner_labels}
    return TextOptions(
        key=config.text_key,
        name=config.text_name if len(config.texts) > 1 else "",
        labels=labels,
        ignored={label.name for label in config.assertion_labels} - labels,
        strict=job.strict,
    )


def training_order(count: int, seed: int) -> list[int]:
    """Return each sentence's place in the training order, shuffled by `seed`.

    NerDL reads the rows in the same order in every epoch (grouped by length into batches), so an order of the
    documents would stay in the gradients.
    """
    positions = list(range(count))
    random.Random(seed).shuffle(positions)  # noqa: S311 - an order, not a secret
    return positions


def _label_column() -> Any:
    from pyspark.sql import functions as f

    # NerDL pairs labels and vectors by their order: a token without a vector must not have a label either.
    tag = f"{TAGS}[int(array_position(transform({TOKEN}, t -> t.begin), e.begin)) - 1]"
    made = (
        f"transform({EMBEDDINGS}, e -> named_struct('annotatorType', 'named_entity', 'begin', e.begin, 'end', e.end, "
        f"'result', {tag}, 'metadata', map('word', e.result, 'sentence', e.metadata['sentence']), "
        "'embeddings', cast(array() AS array<float>)))"
    )
    return f.expr(made).alias(LABEL, metadata={"annotatorType": "named_entity"})


def _lost_tokens(lost: int) -> list[Finding]:
    if not lost:
        return []
    return [
        Finding(
            "no_vector",
            "warning",
            f"{lost} tokens have no vector and cannot be tagged",
            lost,
            hint="they lie beyond what the encoder reads of a sentence, or hold no character that it knows",
        )
    ]


def _meter(sink: Sink) -> Any:
    done = 0

    def progress(count: int) -> None:
        nonlocal done
        done += count
        sink(Progress("downloading embeddings", done, 0, "bytes"))

    return progress

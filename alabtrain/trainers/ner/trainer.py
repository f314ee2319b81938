"""Named entities with NerDL, Spark NLP's character-CNN and BiLSTM tagger (see `alabtrain.trainers.nerdl`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from alabtrain.core.errors import NothingToTrain
from alabtrain.core.events import Sink, Step
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Account
from alabtrain.documents.document import Document, Documents
from alabtrain.documents.split import HELD_BACK, Part
from alabtrain.documents.texts import DocumentRequest
from alabtrain.embeddings.stages import EMBEDDINGS
from alabtrain.scoring.metrics import span_scores, worst_sentences
from alabtrain.scoring.results import FurtherScores
from alabtrain.spark.annotators import CHUNK, DOCUMENT, SENTENCE, TOKEN
from alabtrain.spark.types import Column, Stage
from alabtrain.trainers.base import InputFile, Job, Mistake, Scores
from alabtrain.trainers.corpus import POSITION, Corpus
from alabtrain.trainers.names import project_name
from alabtrain.trainers.ner.base_model import BaseModel, load_base
from alabtrain.trainers.ner.options import NerOptions
from alabtrain.trainers.nerdl.characters import count_characters
from alabtrain.trainers.nerdl.continuing import Network
from alabtrain.trainers.nerdl.editions import OPEN
from alabtrain.trainers.nerdl.limits import require_graph
from alabtrain.trainers.nerdl.training import LABEL, fit_tagger
from alabtrain.trainers.tokens import DOCUMENT_NUMBER, SENTENCE_NUMBER, TaggedDocuments, TaggedSentence, tag_documents

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

NER, TAGS = "ner", "tags"
SHOWN_MISTAKES = 10


class NerTrainer:
    """Trains NER on the NER labels of the labeling config or, without a config, on all labels."""

    type = "ner"
    beside_test = HELD_BACK
    choices = None
    files: tuple[InputFile, ...] = ()
    vectors = EMBEDDINGS
    example = "a region with an NER label"

    def __init__(self, parameters: NerOptions, edition: str = OPEN, base: BaseModel | None = None) -> None:
        """Create a trainer of an edition (`trainers.nerdl.editions`); the open one may continue a base model."""
        self.parameters = parameters
        self.edition = edition
        self.base = base
        self._start: Network | None = None
        self._labels: tuple[str, ...] = ()
        self._tagged: TaggedDocuments
        self._model: Stage = None
        self._findings: list[Finding] = []

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that occur in the training part, in alphabetical order."""
        return self._labels

    def default_name(self, project: str, origin: str) -> str:
        """Return `ner_<project>_annotation_<origin>`."""
        return f"ner_{project_name(project)}_annotation_{origin}"

    def ask(self, options: DocumentRequest, job: Job) -> DocumentRequest:
        """Ask for the spans with NER labels."""
        labels = None if job.config is None else {label.name for label in job.config.ner_labels}
        return replace(options, labels=labels, spans=True)

    def read(self, documents: Documents, job: Job) -> Sequence[Finding]:
        """Collect the labels of the training part. Raises `NothingToTrain` if there are none."""
        self._labels = tuple(sorted({span.label for document in documents.part("train") for span in document.spans}))
        if not self._labels:
            raise NothingToTrain(
                f"no chosen completion of the training part has {self.example}",
                hint="`alabtrain select` shows the chosen completions, `alabtrain check` their contents",
            )
        return ()

    def uses(self, document: Document) -> bool:
        """Return True: a text without spans is an example, too."""
        return True

    def prepare(self, corpus: Corpus, sink: Sink) -> Account:
        """Tag the tokens. Raises `InputError` if no TensorFlow graph fits."""
        self._tagged = tag_documents(corpus.documents, corpus.sentences)
        training = self.tagged_sentences(corpus, "train")
        if all(tag == "O" for sentence in training for tag in sentence.tags):
            raise NothingToTrain("no span of the training part could be aligned with tokens")
        self.require_graph(corpus, training)
        return Account(self._tagged.funnel, [*self._tagged.findings, *self._load_base(corpus, sink)])

    def fit(self, corpus: Corpus, sink: Sink) -> None:
        """Train NerDL on the training part and report its log."""
        columns = (SENTENCE, TOKEN, self.vectors)
        fitted = fit_tagger(
            self.labelled(corpus, "train").select(*columns, LABEL, POSITION), columns, NER, self.parameters,
            seed=corpus.seed, scratch=corpus.scratch / self.type, held_back=self.held_back(corpus), sink=sink,
            dimension=self.dimension(corpus), edition=self.edition, base=self._start,
        )  # fmt: skip
        self._model = fitted.model
        self._findings += fitted.findings(self.type)

    def stages(self) -> list[Transformer]:
        """Return the stages from vectors to `ner` (a tag per token) and `ner_chunk`."""
        return [self._model, self.converter()]

    def score(self, corpus: Corpus, sink: Sink) -> Scores:
        """Score the test part, else the validation part; without either, there are no scores."""
        part = corpus.scored_part
        if part is None:
            return Scores({"split": None}, findings=self._findings)
        sentences = self.tagged_sentences(corpus, part)
        sink(Step(f"scoring {self.type}", len(sentences), "sentences"))
        predicted = self._predict(corpus, part)
        gold = [list(sentence.tags) for sentence in sentences]
        tags = [predicted[s.sentence.document, s.sentence.number] for s in sentences]
        metrics = span_scores(gold, tags, part)
        spans = sum(len(document.spans) for document in corpus.documents if document.part == part)
        # Gold spans that no tag can represent are counted, as the scores without them are too high.
        metrics["unscored"] = spans - sum(tag.startswith("B-") for sentence in gold for tag in sentence)
        further = self.further_scores(corpus, sentences, tags)
        if "regions" in further:
            metrics["regions"] = further["regions"]
        worst = worst_sentences(gold, tags)[:SHOWN_MISTAKES]
        mistakes = [_mistake(corpus, sentences[i], gold[i], tags[i]) for i in worst]
        return Scores(metrics, mistakes, self._findings)

    def further_scores(
        self, corpus: Corpus, sentences: Sequence[TaggedSentence], tags: Sequence[Sequence[str]]
    ) -> FurtherScores:
        """Return further scores for the entry of `metrics.json`; `tags` are the predicted ones of each sentence."""
        return {}

    def tagged_sentences(self, corpus: Corpus, part: Part) -> list[TaggedSentence]:
        """Return the sentences of a part with their tags."""
        return [s for s in self._tagged.sentences if corpus.part_of(s.sentence) == part]

    def require_graph(self, corpus: Corpus, training: Sequence[TaggedSentence]) -> None:
        """Raise `InputError` if no TensorFlow graph of the open edition fits; the licensed ones have their own."""
        if self.edition == OPEN:
            require_graph(
                dimension=self.dimension(corpus),
                tags=len({tag for sentence in training for tag in sentence.tags}),
                characters=count_characters(corpus, (tagged.sentence for tagged in training)),
            )

    def _load_base(self, corpus: Corpus, sink: Sink) -> Sequence[Finding]:
        if self.base is None:
            return ()
        sink(Step("loading the base model"))
        loaded = load_base(self.base, corpus.options.lang)
        loaded.require_vectors(corpus.embeddings)
        self._start = loaded.network
        return loaded.label_findings(self.labels)

    def converter(self) -> Transformer:
        """Return the stage from `ner` to `ner_chunk`."""
        from sparknlp.annotator import NerConverter

        stage: Transformer = NerConverter().setInputCols([DOCUMENT, TOKEN, NER]).setOutputCol(CHUNK)
        return stage

    def held_back(self, corpus: Corpus, columns: Sequence[str] = ("*",)) -> str | None:
        """Write the labelled validation part as Parquet and return its location; None if nothing is held back."""
        if not corpus.sentences_of("validation"):
            return None
        location = corpus.shared.path("ner-validation")
        self.labelled(corpus, "validation").select(*columns).write.parquet(location)
        return location

    def labelled(self, corpus: Corpus, part: Part) -> DataFrame:
        """Return the sentences of a part with the column `label`, in their shuffled order."""
        from pyspark.sql import functions as f

        rows = [(s.sentence.document, s.sentence.number, list(s.tags)) for s in self.tagged_sentences(corpus, part)]
        schema = f"{DOCUMENT_NUMBER} long, {SENTENCE_NUMBER} int, {TAGS} array<string>"
        tags = f.broadcast(corpus.session.createDataFrame(rows, schema))
        frame = self.frame(corpus, part).join(tags, [DOCUMENT_NUMBER, SENTENCE_NUMBER])
        return frame.withColumn(LABEL, _label_column(self.vectors)).orderBy(POSITION)

    def frame(self, corpus: Corpus, part: Part) -> DataFrame:
        """Return the sentences of a part with the column `vectors`, whose vectors have `dimension` numbers."""
        return corpus.frame(part)

    def tag(self, frame: DataFrame) -> DataFrame:
        """Return a frame with the column `ner`."""
        tagged: DataFrame = self._model.transform(frame)
        return tagged

    def dimension(self, corpus: Corpus) -> int:
        """Return the dimension of the vectors."""
        return corpus.embeddings.dimension

    def _predict(self, corpus: Corpus, part: Part) -> dict[tuple[int, int], list[str]]:
        from pyspark.sql import functions as f

        frame = self.tag(self.frame(corpus, part))
        # A token without a vector gets no tag from the model; it counts as outside.
        tags = f"transform({TOKEN}, t -> coalesce(element_at(filter({NER}, n -> n.begin = t.begin), 1).result, 'O'))"
        rows = frame.select(DOCUMENT_NUMBER, SENTENCE_NUMBER, f.expr(f"{tags} AS {TAGS}"))
        return {(row[DOCUMENT_NUMBER], row[SENTENCE_NUMBER]): list(row[TAGS]) for row in rows.collect()}


def _mistake(corpus: Corpus, sentence: TaggedSentence, gold: Sequence[str], tags: Sequence[str]) -> Mistake:
    document = corpus.documents[sentence.sentence.document]
    tokens = sentence.sentence.tokens
    return Mistake(str(document.task_id), document.text[tokens[0][0] : tokens[-1][1]], gold, tags)


def _label_column(vectors: str) -> Column:
    from pyspark.sql import functions as f

    # NerDL pairs labels and vectors by their order: a token without a vector must not have a label either.
    tag = f"{TAGS}[int(array_position(transform({TOKEN}, t -> t.begin), e.begin)) - 1]"
    annotations = (
        f"transform({vectors}, e -> named_struct('annotatorType', 'named_entity', 'begin', e.begin, 'end', e.end, "
        f"'result', {tag}, 'metadata', map('word', e.result, 'sentence', e.metadata['sentence']), "
        "'embeddings', cast(array() AS array<float>)))"
    )
    return f.expr(annotations).alias(LABEL, metadata={"annotatorType": "named_entity"})

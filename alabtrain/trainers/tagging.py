"""What all trainers of token taggers share: tagged sentences as labelled frames, and the scores of predicted tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alabtrain.core.errors import NothingToTrain
from alabtrain.documents.document import Documents
from alabtrain.documents.split import Part
from alabtrain.scoring.metrics import OUTSIDE, span_scores, worst_sentences
from alabtrain.scoring.results import SpanMetrics
from alabtrain.spark.annotators import CHUNK, DOCUMENT, TAG, TOKEN
from alabtrain.spark.types import Column
from alabtrain.trainers.base import Mistake
from alabtrain.trainers.corpus import POSITION, Corpus
from alabtrain.trainers.nerdl.characters import count_characters
from alabtrain.trainers.nerdl.limits import require_graph
from alabtrain.trainers.nerdl.training import LABEL
from alabtrain.trainers.tokens import DOCUMENT_NUMBER, SENTENCE_NUMBER, TaggedDocuments, TaggedSentence, tag_documents

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

TAGS = "tags"
SHOWN_MISTAKES = 10


@dataclass(frozen=True, slots=True)
class TaggedCorpus:
    """A corpus whose tokens have the IOB2 tags of the documents' spans."""

    corpus: Corpus
    tagged: TaggedDocuments

    def sentences(self, part: Part) -> list[TaggedSentence]:
        """Return the sentences of a part with their tags."""
        return [s for s in self.tagged.sentences if self.corpus.part_of(s.sentence) == part]

    def require_graph(self, dimension: int) -> None:
        """Raise `InputError` if no TensorFlow graph fits the training part and vectors of this dimension."""
        training = self.sentences("train")
        require_graph(
            dimension=dimension,
            tags=len({tag for sentence in training for tag in sentence.tags}),
            characters=count_characters(self.corpus, (one.sentence for one in training)),
        )

    def labelled(self, frame: DataFrame, part: Part, vectors: str) -> DataFrame:
        """Return `frame`, the sentences of a part with the column `vectors`, with the column `label`.

        The rows are in their shuffled order.
        """
        from pyspark.sql import functions as f

        rows = [(s.sentence.document, s.sentence.number, list(s.tags)) for s in self.sentences(part)]
        schema = f"{DOCUMENT_NUMBER} long, {SENTENCE_NUMBER} int, {TAGS} array<string>"
        tags = f.broadcast(self.corpus.session.createDataFrame(rows, schema))
        joined = frame.join(tags, [DOCUMENT_NUMBER, SENTENCE_NUMBER])
        return joined.withColumn(LABEL, _label_column(vectors)).orderBy(POSITION)

    def held_back(self, labelled: DataFrame) -> str:
        """Write the labelled validation part as Parquet, and return its location."""
        location = self.corpus.shared.path("ner-validation")
        labelled.write.parquet(location)
        return location

    def score(self, predicted: Sequence[Sequence[str]], part: Part) -> tuple[SpanMetrics, list[Mistake]]:
        """Return the scores of the predicted tags of a part's sentences, and the sentences with the most errors."""
        sentences = self.sentences(part)
        gold = [list(sentence.tags) for sentence in sentences]
        metrics = span_scores(gold, predicted, part)
        spans = sum(len(document.spans) for document in self.corpus.documents if document.part == part)
        # Gold spans that no tag can represent are counted, as the scores without them are too high.
        metrics["unscored"] = spans - sum(tag.startswith("B-") for sentence in gold for tag in sentence)
        worst = worst_sentences(gold, predicted)[:SHOWN_MISTAKES]
        return metrics, [_mistake(self.corpus, sentences[i], gold[i], predicted[i]) for i in worst]

    def predicted(self, tagged: DataFrame, part: Part) -> list[list[str]]:
        """Return the tags in the column `ner` of `tagged` for each sentence of a part, in their order."""
        from pyspark.sql import functions as f

        # A token without a vector gets no tag from the model; it counts as outside.
        tags = f"transform({TOKEN}, t -> coalesce(element_at(filter({TAG}, n -> n.begin = t.begin), 1).result, 'O'))"
        rows = tagged.select(DOCUMENT_NUMBER, SENTENCE_NUMBER, f.expr(f"{tags} AS {TAGS}")).collect()
        found = {(row[DOCUMENT_NUMBER], row[SENTENCE_NUMBER]): list(row[TAGS]) for row in rows}
        return [found[s.sentence.document, s.sentence.number] for s in self.sentences(part)]


def span_labels(documents: Documents, example: str) -> tuple[str, ...]:
    """Return the labels of the training part, in alphabetical order.

    Raises `NothingToTrain` if there are none; its message says that there is no `example`.
    """
    labels = tuple(sorted({span.label for document in documents.part("train") for span in document.spans}))
    if not labels:
        raise NothingToTrain(
            f"no chosen completion of the training part has {example}",
            hint="`alabtrain select` shows the chosen completions, `alabtrain check` their contents",
        )
    return labels


def tag_corpus(corpus: Corpus) -> TaggedCorpus:
    """Tag the tokens of a corpus with the spans of its documents. Raises `NothingToTrain` if no span trains."""
    tagged = TaggedCorpus(corpus, tag_documents(corpus.documents, corpus.sentences))
    if all(tag == OUTSIDE for sentence in tagged.sentences("train") for tag in sentence.tags):
        raise NothingToTrain("no span of the training part could be aligned with tokens")
    return tagged


def chunk_converter() -> Transformer:
    """Return the stage from `ner` to `ner_chunk`."""
    from sparknlp.annotator import NerConverter

    stage: Transformer = NerConverter().setInputCols([DOCUMENT, TOKEN, TAG]).setOutputCol(CHUNK)
    return stage


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

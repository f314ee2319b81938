"""Named entities on pages: NerDL over the words in reading order, each with its vector and its layout features.

See `alabtrain.pages.layout` for the features, and benchmarks/README.md for their effect.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from alabtrain.core.errors import TrainingError
from alabtrain.core.events import Sink, Step
from alabtrain.core.funnel import Account
from alabtrain.core.modeltypes import VISUAL_NER
from alabtrain.documents.document import Document
from alabtrain.documents.split import Part
from alabtrain.documents.tagging import Sentence
from alabtrain.documents.texts import DocumentRequest
from alabtrain.pages.boxes import union
from alabtrain.pages.layout import GROUPS, LAYOUT_VERSION, layout_names, layout_rows
from alabtrain.pages.ocr.options import OcrOptions
from alabtrain.pages.ocr.reading import page_reader
from alabtrain.pages.options import PageOptions
from alabtrain.pages.results import ScoredPage
from alabtrain.scoring.metrics import OUTSIDE, ScoredRegion, entities, region_scores
from alabtrain.scoring.results import FurtherScores
from alabtrain.spark.annotators import SENTENCE, TOKEN, transform
from alabtrain.spark.types import Stage
from alabtrain.trainers.base import Job, Scores
from alabtrain.trainers.corpus import POSITION, Corpus
from alabtrain.trainers.learning import epochs_for
from alabtrain.trainers.members import counting_on, seed_of
from alabtrain.trainers.names import project_name
from alabtrain.trainers.ner.trainer import NER, NerTrainer
from alabtrain.trainers.nerdl.limits import roomy_dimension
from alabtrain.trainers.nerdl.training import LABEL, fit_tagger
from alabtrain.trainers.tokens import DOCUMENT_NUMBER, SENTENCE_NUMBER, TaggedSentence
from alabtrain.trainers.visual_ner.crf import fit_chain
from alabtrain.trainers.visual_ner.crf_stage import chain_stage
from alabtrain.trainers.visual_ner.layout_stage import (
    LAYOUT,
    LAYOUT_ALONE,
    LAYOUT_TYPE,
    VISUAL_VECTORS,
    Recipe,
    layout_stage,
    visual_dimension,
)
from alabtrain.trainers.visual_ner.options import VisualNerOptions
from alabtrain.trainers.visual_ner.voting import EnsembleMember, voting_stages

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

STEPS, MOST_EPOCHS = 1150, 40
WINDOWS = 100  # number of windows that are written at once, as each word has hundreds of numbers


class VisualNerTrainer(NerTrainer):
    """Trains NER on the annotated boxes of pages."""

    type: str = VISUAL_NER
    beside_test = 0.0  # projects have few pages, and an ensemble needs no best epoch
    vectors = VISUAL_VECTORS
    example = "a box with a label on words"
    parameters: VisualNerOptions

    def __init__(self, parameters: VisualNerOptions, groups: Sequence[str] = tuple(GROUPS)) -> None:
        """Create a trainer with some groups of layout features (`pages.layout.GROUPS`); benchmarks leave out some."""
        super().__init__(parameters)
        self.groups = tuple(groups)
        self.names = layout_names(groups)
        self._numbers: DataFrame
        self._tags: list[str] = []
        self._members: list[Stage] = []
        self._voting: list[Transformer] = []
        self._scored: list[ScoredPage] = []

    def default_name(self, project: str, origin: str) -> str:
        """Return `visualner_<project>_annotation_<origin>`."""
        return f"visualner_{project_name(project)}_annotation_{origin}"

    def ask(self, options: DocumentRequest, job: Job) -> DocumentRequest:
        """Ask for pages with the labels of boxes, instead of texts."""
        config = job.config
        labels = None if config is None else {label.name for label in config.rectangle_labels}
        key = "image" if config is None else config.image_key
        own = self.parameters
        reader = page_reader(OcrOptions(own.ocr, own.ocr_cache, own.ocr_lang), job.project.source, job.sink)
        return replace(options, pages=PageOptions(key, own.window, labels, reader, strict=job.strict))

    def prepare(self, corpus: Corpus, sink: Sink) -> Account:
        """Tag the words and compute their layout features. Raises `InputError` if no TensorFlow graph fits."""
        account = super().prepare(corpus, sink)
        training = self.tagged_sentences(corpus, "train")
        if self.parameters.epochs is None:
            size = self.parameters.batch_size
            epochs = epochs_for(len(training), size, steps=STEPS, most=MOST_EPOCHS)
            self.parameters = replace(self.parameters, epochs=epochs)
        recipe = Recipe(LAYOUT_VERSION, len(self.names), self.parameters.window)
        self._layout = layout_stage(corpus.embeddings.own_dimension, recipe)
        self._tags = sorted({OUTSIDE, *(tag for tagged in training for tag in tagged.tags)})
        schema = f"{DOCUMENT_NUMBER} long, {SENTENCE_NUMBER} int, {LAYOUT} {LAYOUT_TYPE}"
        rows = _layout_rows(corpus.documents, corpus.sentences, self.groups)
        self._numbers, _count = corpus.shared.write_rows("layout", rows, schema, most=WINDOWS)
        return account

    def fit(self, corpus: Corpus, sink: Sink) -> None:
        """Train the ensemble members on the training part, one after another."""
        training, own = self.labelled(corpus, "train"), self.parameters
        held_back = self.held_back(corpus, (SENTENCE, TOKEN, VISUAL_VECTORS, LAYOUT_ALONE, LABEL))
        both, alone = (VISUAL_VECTORS, self.dimension(corpus)), (LAYOUT_ALONE, roomy_dimension(len(self.names)))
        networks = [both] * own.members + [alone] * own.layout_members
        for number, (vectors, dimension) in enumerate(networks):
            columns = (SENTENCE, TOKEN, vectors)
            fitted = fit_tagger(
                training.select(*columns, LABEL, POSITION), columns, f"{NER}_{number}", own,
                seed=seed_of(corpus.seed, number), scratch=corpus.scratch / f"{self.type}-{number}",
                held_back=held_back, sink=counting_on(sink, number, len(networks)), dimension=dimension,
            )  # fmt: skip
            self._findings += fitted.findings(self.type)
            self._members.append(fitted.model.setIncludeConfidence(True).setIncludeAllConfidenceScores(True))
        voters = [EnsembleMember(f"{NER}_{number}") for number in range(len(networks))]
        if own.crf:
            sink(Step("training the CRF"))
            voters.append(self._fit_crf(corpus))
        self._voting = voting_stages(voters, self._tags, self.vectors, NER)

    def _fit_crf(self, corpus: Corpus) -> EnsembleMember:
        """Train the CRF as a further ensemble member, and return it."""
        tags = {(s.sentence.document, s.sentence.number): s.tags for s in self.tagged_sentences(corpus, "train")}
        rows = _layout_rows(corpus.documents, corpus.sentences_of("train"), self.groups)
        windows = ((features, tags[document, number]) for document, number, features in rows)
        chain = fit_chain(windows, self._tags, len(self.names))
        output = f"{NER}_crf"
        self._members.append(chain_stage(chain, output))
        return EnsembleMember(output, chain=chain)

    def stages(self) -> list[Transformer]:
        """Return the stages from vectors and `layout` to `ner` (one tag per word) and `ner_chunk`."""
        return [self._layout, *self._members, *self._voting, self.converter()]

    def tag(self, frame: DataFrame) -> DataFrame:
        """Return windows with vectors, extended by the column `ner`."""
        return transform([*self._members, *self._voting], frame)

    def frame(self, corpus: Corpus, part: Part) -> DataFrame:
        """Return the windows of a part with the column `visual_embeddings`."""
        pages = corpus.frame(part).join(self._numbers, [DOCUMENT_NUMBER, SENTENCE_NUMBER])
        return self._layout.transform(pages)

    def dimension(self, corpus: Corpus) -> int:
        """Return the dimension of the vectors with the layout features."""
        return visual_dimension(corpus.embeddings.own_dimension, len(self.names))

    def further_scores(
        self, corpus: Corpus, sentences: Sequence[TaggedSentence], tags: Sequence[Sequence[str]]
    ) -> FurtherScores:
        """Score whole regions, in addition to the entities of the text."""
        found = found_regions(corpus.documents, [tagged.sentence for tagged in sentences], tags)
        numbers = sorted({tagged.sentence.document for tagged in sentences})
        documents = [corpus.documents[number] for number in numbers]
        predicted = [found.get(number, []) for number in numbers]
        self._scored = [_scored(*pair) for pair in zip(documents, predicted, strict=True)]
        return {"regions": region_scores(list(map(_drawn, documents)), predicted)}

    def score(self, corpus: Corpus, sink: Sink) -> Scores:
        """Score as NER, and add the pages with their gold and predicted boxes."""
        return replace(super().score(corpus, sink), pages=self._scored)


def found_regions(
    documents: Sequence[Document], sentences: Sequence[Sentence], tags: Sequence[Sequence[str]]
) -> dict[int, list[ScoredRegion]]:
    """Return the regions that the tags of windows mark, by document index; words by their index on the page."""
    found: dict[int, list[ScoredRegion]] = defaultdict(list)
    for sentence, of_sentence in zip(sentences, tags, strict=True):
        page = documents[sentence.document].page
        assert page is not None  # noqa: S101 - a document that was read from a page
        at = {begin: index for (begin, _end), index in zip(page.text.spans, page.text.order, strict=True)}
        for entity in entities(of_sentence):
            words = frozenset(at[begin] for begin, _end in sentence.tokens[entity.start : entity.end])
            found[sentence.document].append((entity.label, words))
    return found


def _drawn(document: Document) -> list[ScoredRegion]:
    assert document.page is not None  # noqa: S101 - as above
    return [(box.label, frozenset(box.words)) for box in document.page.boxes]


def _scored(document: Document, predicted: Sequence[ScoredRegion]) -> ScoredPage:
    assert document.page is not None  # noqa: S101 - as above
    text = document.page.text
    boxes = {index: word.box for index, word in zip(text.order, text.words, strict=True)}
    found = tuple((label, union(boxes[index] for index in words)) for label, words in predicted)
    drawn = tuple((box.label, box.box) for box in document.page.boxes)
    return ScoredPage(document.task_id, text.number, text.image, drawn, found)


def _layout_rows(
    documents: Sequence[Document], windows: Sequence[Sentence], groups: Sequence[str]
) -> Iterator[tuple[int, int, list[list[float]]]]:
    """Yield document index, window number and the features of each word, for each window."""
    by_document: dict[int, list[Sentence]] = defaultdict(list)
    for sentence in windows:
        by_document[sentence.document].append(sentence)
    for number, sentences in by_document.items():
        page = documents[number].page
        assert page is not None  # noqa: S101 - as above
        begins = [begin for begin, _end in page.text.spans]
        rows = dict(zip(begins, layout_rows(page.text, groups), strict=True))
        if any(begin not in rows for sentence in sentences for begin, _end in sentence.tokens):
            where = f"task {documents[number].task_id}"
            raise TrainingError("Spark NLP split the words of a page differently than alabtrain", where=where)
        for sentence in sentences:
            yield number, sentence.number, [rows[begin] for begin, _end in sentence.tokens]

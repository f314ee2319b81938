"""Named entities on pages: NerDL over the words in reading order, each with its vector and its layout features.

See `alabtrain.pages.layout` for the features, and benchmarks/README.md for their effect.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alabtrain.core.errors import TrainingError
from alabtrain.core.events import Sink, Step
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Account
from alabtrain.documents.document import Document, Documents
from alabtrain.documents.split import Part
from alabtrain.documents.tagging import Sentence
from alabtrain.documents.texts import DocumentRequest
from alabtrain.pages.boxes import union
from alabtrain.pages.layout import GROUPS, LAYOUT_VERSION, layout_names, layout_rows
from alabtrain.pages.ocr.options import OcrOptions
from alabtrain.pages.ocr.reading import page_reader
from alabtrain.pages.options import PageOptions, Recipe
from alabtrain.pages.results import ScoredPage
from alabtrain.scoring.metrics import OUTSIDE, ScoredRegion, entities, region_scores
from alabtrain.spark.annotators import LAYOUT, LAYOUT_TYPE, SENTENCE, TAG, TOKEN, transform
from alabtrain.trainers.base import InputFile, Job, Scores
from alabtrain.trainers.corpus import POSITION, Corpus
from alabtrain.trainers.learning import epochs_for
from alabtrain.trainers.members import counting_on, seed_of
from alabtrain.trainers.nerdl.limits import roomy_dimension
from alabtrain.trainers.nerdl.training import LABEL, fit_tagger
from alabtrain.trainers.tagging import (
    TaggedCorpus,
    chunk_converter,
    span_labels,
    tag_corpus,
)
from alabtrain.trainers.tokens import DOCUMENT_NUMBER, SENTENCE_NUMBER
from alabtrain.trainers.visual_ner.crf import fit_chain
from alabtrain.trainers.visual_ner.crf_stage import chain_stage
from alabtrain.trainers.visual_ner.layout_stage import (
    LAYOUT_ALONE,
    VISUAL_VECTORS,
    layout_stage,
    visual_dimension,
)
from alabtrain.trainers.visual_ner.options import MOST_EPOCHS, STEPS, VISUAL_NER, VisualNerOptions
from alabtrain.trainers.visual_ner.voting import EnsembleMember, voting_stages

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

WINDOWS = 100  # number of windows that are written at once, as each word has hundreds of numbers


@dataclass(frozen=True, slots=True)
class VisualNerTrainer:
    """Trains NER on the annotated boxes of pages.

    `groups` are the groups of layout features (`pages.layout.GROUPS`); benchmarks leave out some.
    """

    parameters: VisualNerOptions
    groups: tuple[str, ...] = tuple(GROUPS)
    type: str = VISUAL_NER
    beside_test: float = 0.0  # projects have few pages, and an ensemble needs no best epoch
    files: tuple[InputFile, ...] = ()

    def ask(self, request: DocumentRequest, job: Job) -> DocumentRequest:
        """Ask for pages with the labels of boxes, instead of texts."""
        config = job.config
        labels = None if config is None else {label.name for label in config.rectangle_labels}
        key = "image" if config is None else config.image_key
        own = self.parameters
        reader = page_reader(OcrOptions(own.ocr, own.ocr_cache, own.ocr_lang), job.project.source, job.sink)
        return replace(request, pages=PageOptions(key, own.window, labels, reader, strict=job.strict))

    def read(self, documents: Documents, job: Job) -> VisualTrainingSet:
        """Collect the labels of the training part. Raises `NothingToTrain` if there are none."""
        labels = span_labels(documents, "a box with a label on words")
        return VisualTrainingSet(self.parameters, self.groups, labels)


@dataclass(frozen=True, slots=True)
class VisualTrainingSet:
    """Pages with boxes; `labels` are those of the training part, in alphabetical order."""

    parameters: VisualNerOptions
    groups: tuple[str, ...]
    labels: tuple[str, ...]
    choices: None = None
    findings: Sequence[Finding] = ()

    def uses(self, document: Document) -> bool:
        """Return True: a page without boxes is an example, too."""
        return True

    def align(self, corpus: Corpus, sink: Sink) -> VisualExamples:
        """Tag the words and compute their layout features. Raises `InputError` if no TensorFlow graph fits."""
        tagged = tag_corpus(corpus)
        training, names = tagged.sentences("train"), layout_names(self.groups)
        tagged.require_graph(visual_dimension(corpus.embeddings.own_dimension, len(names)))
        parameters = self.parameters
        if parameters.epochs is None:
            epochs = epochs_for(len(training), parameters.batch_size, steps=STEPS, most=MOST_EPOCHS)
            parameters = replace(parameters, epochs=epochs)
        layout = layout_stage(corpus.embeddings.own_dimension, Recipe(LAYOUT_VERSION, len(names), parameters.window))
        schema = f"{DOCUMENT_NUMBER} long, {SENTENCE_NUMBER} int, {LAYOUT} {LAYOUT_TYPE}"
        rows = _layout_rows(corpus.documents, corpus.sentences, self.groups)
        numbers, _count = corpus.shared.write_rows("layout", rows, schema, most=WINDOWS)
        account = Account(tagged.tagged.funnel, tagged.tagged.findings)
        return VisualExamples(parameters, self.groups, tagged, layout, numbers, account)


@dataclass(frozen=True, slots=True)
class VisualExamples:
    """Windows of pages with one tag per word; `layout` is the stage that adds the features in the frame `numbers`."""

    parameters: VisualNerOptions
    groups: tuple[str, ...]
    tagged: TaggedCorpus
    layout: Transformer
    numbers: DataFrame
    account: Account

    @property
    def tags(self) -> list[str]:
        """All tags of the training part, and the one outside of entities."""
        return sorted({OUTSIDE, *(tag for tagged in self.tagged.sentences("train") for tag in tagged.tags)})

    def frame(self, part: Part) -> DataFrame:
        """Return the windows of a part with the column `visual_embeddings`."""
        pages = self.tagged.corpus.frame(part).join(self.numbers, [DOCUMENT_NUMBER, SENTENCE_NUMBER])
        return self.layout.transform(pages)

    def fit(self, sink: Sink) -> VisualModel:
        """Train the ensemble members on the training part, one after another."""
        corpus, own, width = self.tagged.corpus, self.parameters, len(layout_names(self.groups))
        training = self._labelled("train")
        held_back = None
        if corpus.sentences_of("validation"):
            kept = (SENTENCE, TOKEN, VISUAL_VECTORS, LAYOUT_ALONE, LABEL)
            held_back = self.tagged.held_back(self._labelled("validation").select(*kept))
        both = (VISUAL_VECTORS, visual_dimension(corpus.embeddings.own_dimension, width))
        networks = [both] * own.members + [(LAYOUT_ALONE, roomy_dimension(width))] * own.layout_members
        members: list[Transformer] = []
        findings: list[Finding] = []
        for number, (vectors, dimension) in enumerate(networks):
            columns = (SENTENCE, TOKEN, vectors)
            fitted = fit_tagger(
                training.select(*columns, LABEL, POSITION), columns, f"{TAG}_{number}", own,
                seed=seed_of(corpus.seed, number), scratch=corpus.scratch / f"{VISUAL_NER}-{number}",
                held_back=held_back, sink=counting_on(sink, number, len(networks)), dimension=dimension,
            )  # fmt: skip
            findings += fitted.findings(VISUAL_NER)
            members.append(fitted.model.setIncludeConfidence(True).setIncludeAllConfidenceScores(True))
        voters = [EnsembleMember(f"{TAG}_{number}") for number in range(len(networks))]
        if own.crf:
            sink(Step("training the CRF"))
            voter, stage = self._fit_crf()
            voters.append(voter)
            members.append(stage)
        return VisualModel(own, self, [*members, *voting_stages(voters, self.tags, VISUAL_VECTORS, TAG)], findings)

    def _labelled(self, part: Part) -> DataFrame:
        return self.tagged.labelled(self.frame(part), part, VISUAL_VECTORS)

    def _fit_crf(self) -> tuple[EnsembleMember, Transformer]:
        """Train the CRF; return it as a further ensemble member, and its stage."""
        corpus, tagged = self.tagged.corpus, self.tagged
        tags = {(s.sentence.document, s.sentence.number): s.tags for s in tagged.sentences("train")}
        rows = _layout_rows(corpus.documents, corpus.sentences_of("train"), self.groups)
        windows = ((features, tags[document, number]) for document, number, features in rows)
        chain = fit_chain(windows, self.tags, len(layout_names(self.groups)))
        output = f"{TAG}_crf"
        return EnsembleMember(output, chain=chain), chain_stage(chain, output)


@dataclass(frozen=True, slots=True)
class VisualModel:
    """An ensemble; `tagging` are its stages from vectors with layout features to `ner` (one tag per word)."""

    parameters: VisualNerOptions
    examples: VisualExamples
    tagging: list[Transformer]
    findings: Sequence[Finding]

    @property
    def stages(self) -> list[Transformer]:
        """The stages from vectors and `layout` to `ner` and `ner_chunk`."""
        return [self.examples.layout, *self.tagging, chunk_converter()]

    def score(self, sink: Sink) -> Scores:
        """Score entities and whole regions of the test part, else of the validation part, with the scored pages."""
        tagged = self.examples.tagged
        corpus, part = tagged.corpus, tagged.corpus.scored_part
        if part is None:
            return Scores({"split": None}, findings=self.findings)
        sentences = tagged.sentences(part)
        sink(Step(f"scoring {VISUAL_NER}", len(sentences), "sentences"))
        predicted = tagged.predicted(transform(self.tagging, self.examples.frame(part)), part)
        metrics, mistakes = tagged.score(predicted, part)
        found = found_regions(corpus.documents, [one.sentence for one in sentences], predicted)
        numbers = sorted({one.sentence.document for one in sentences})
        documents = [corpus.documents[number] for number in numbers]
        regions = [found.get(number, []) for number in numbers]
        metrics["regions"] = region_scores(list(map(_drawn, documents)), regions)
        pages = [_scored(*pair) for pair in zip(documents, regions, strict=True)]
        return Scores(metrics, mistakes, self.findings, pages)


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

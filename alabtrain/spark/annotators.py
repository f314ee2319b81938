"""The Spark NLP stages from text to tokens, the same in training and in the saved model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alabtrain.core.languages.registry import language_of
from alabtrain.core.languages.rules import CONTEXT_CHARS, sentence_bounds, split_pattern
from alabtrain.spark.types import Stage

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

# Words joined by a slash ("asthma/COPD") are separate tokens: annotators often label only
# one of them, which a tag could not represent.
SPLIT_PATTERN = "/"

TEXT, DOCUMENT, SENTENCE, TOKEN = "text", "document", "sentence", "token"
LAYOUT, LAYOUT_TYPE = "layout", "array<array<float>>"  # of the words of a page, beside its text
TAG = "ner"  # the column of a tagger's tags, in all models that were saved so far
CHUNK = "ner_chunk"  # of the NER models; what assertion models read


def text_stages(lang: str, *, explode: bool) -> list[Transformer]:
    """Return fitted stages document, sentence and token, with the rules of the language `lang` (a code).

    With `explode`, each sentence becomes a row (for training); without, a row stays a document.
    """
    from sparknlp.annotator import Tokenizer

    document, sentence = _sentence_stages(explode)
    tokenizer = Tokenizer().setInputCols([SENTENCE]).setOutputCol(TOKEN)
    language = language_of(lang)
    tokenizer = tokenizer.setSplitPattern(split_pattern(language, SPLIT_PATTERN))
    if language.rules:
        tokenizer = tokenizer.setContextChars(list(CONTEXT_CHARS))
        sentence = sentence.setCustomBounds(sentence_bounds(language)).setUseCustomBoundsOnly(True)
    empty = _empty_frame()
    return [document, sentence, tokenizer.fit(sentence.transform(document.transform(empty)))]


def word_stages(*, explode: bool) -> list[Transformer]:
    """Return the same stages for texts of pages (`pages.text`): a line is a sentence, a word is a token."""
    from sparknlp.annotator import RegexTokenizer

    document, sentence = _sentence_stages(explode)
    sentence = sentence.setCustomBounds(["\n"]).setUseCustomBoundsOnly(True)
    words = RegexTokenizer().setInputCols([SENTENCE]).setOutputCol(TOKEN).setPattern(" ").setToLowercase(False)
    return [document, sentence, words]


def _sentence_stages(explode: bool) -> tuple[Stage, Stage]:
    from sparknlp.annotator import SentenceDetector
    from sparknlp.base import DocumentAssembler

    document = DocumentAssembler().setInputCol(TEXT).setOutputCol(DOCUMENT).setCleanupMode("disabled")
    return document, SentenceDetector().setInputCols([DOCUMENT]).setOutputCol(SENTENCE).setExplodeSentences(explode)


def transform(stages: list[Transformer], frame: DataFrame) -> DataFrame:
    """Apply stages one after another."""
    for stage in stages:
        frame = stage.transform(frame)
    return frame


def _empty_frame() -> DataFrame:
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    assert session is not None  # noqa: S101 - a stage cannot be made without one
    return session.createDataFrame([], f"{TEXT} string")

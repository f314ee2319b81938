"""Embeddings as stages of a Spark NLP pipeline, alone or stacked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.core.errors import InputError, SetupError
from alabtrain.core.events import Sink, Step, ignore
from alabtrain.embeddings.conversion import install
from alabtrain.embeddings.registry import (
    MULTILINGUAL,
    EmbeddingsPart,
    Encoder,
    encoders,
    filled_dimension,
    word2vec_dimension,
)
from alabtrain.project.source import hash_file
from alabtrain.spark.annotators import SENTENCE, TOKEN
from alabtrain.spark.hub import ask_hub
from alabtrain.spark.saved import class_of
from alabtrain.spark.types import Stage

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame, SparkSession

EMBEDDINGS = "embeddings"
VECTORS_VERSION = 2  # of the layout in the cache (vectors.py)
BATCH = 32  # sentences at once; they are ordered by length, so little is padded

# Spark NLP's classes for names of the vendor's hub, by the beginning of the name; the first that fits counts.
PRETRAINED_CLASSES = (
    ("glove_", "WordEmbeddingsModel"),
    ("w2v_", "WordEmbeddingsModel"),
    ("embeddings_", "WordEmbeddingsModel"),
    ("xlm_roberta_", "XlmRoBertaEmbeddings"),
    ("roberta_", "RoBertaEmbeddings"),
    ("distilbert_", "DistilBertEmbeddings"),
    ("camembert_", "CamemBertEmbeddings"),
    ("deberta_", "DeBertaEmbeddings"),
    ("", "BertEmbeddings"),
)


OF_MANY_LANGUAGES = ("bert_multi_cased", "xlm_roberta_base")  # the hub has these under a code of their own


@dataclass(frozen=True, slots=True)
class Part:
    """One embeddings stage: the column it fills, and a key for its vectors in the cache (None: not cached).

    An uncased model (`keeps_case` is false) outputs lower-cased tokens, which NerDL would use as the words.
    """

    column: str
    model: Transformer
    dimension: int
    cache_key: str | None
    keeps_case: bool


@dataclass(frozen=True, slots=True)
class Embeddings:
    """The stages from tokens to the column `embeddings` with vectors of size `dimension`.

    The first `own_dimension` values come from the parts; zeros pad them to the dimension of a graph of NerDL.
    """

    choice: str
    parts: tuple[Part, ...]
    join: Transformer | None
    dimension: int

    @property
    def own_dimension(self) -> int:
        """The dimension of all parts together, without padding."""
        return sum(part.dimension for part in self.parts)

    @property
    def references(self) -> tuple[str, ...]:
        """The storage reference of each part: vectors of the same reference are the same."""
        return tuple(str(part.model.getStorageRef()) for part in self.parts)

    @property
    def stages(self) -> list[Transformer]:
        """All stages in order, for a pipeline."""
        return [*(part.model for part in self.parts), *([self.join] if self.join else [])]


def build(
    session: SparkSession,
    sources: Sequence[EmbeddingsPart],
    tokens: DataFrame,
    *,
    lang: str,
    seed: int,
    sink: Sink = ignore,
) -> Embeddings:
    """Return the stages for `sources`; word2vec is trained on `tokens` (the training sentences).

    Raises:
        SetupError: an encoder is not available.
        InputError: a folder contains no embeddings.
    """
    parts: list[Part] = []
    for source in sources:
        column = source.column
        if source.type == "encoder":
            parts.append(_encoder(session, source, column, sink))
        elif source.type == "folder":
            sink(Step("loading embeddings"))
            parts.append(_folder(session, Path(source.value), column, tokens))
        elif source.type == "pretrained":
            sink(Step("loading embeddings"))
            parts.append(_pretrained(source.value, lang, column, tokens))
        else:
            sink(Step("training word2vec"))
            parts.append(_word2vec(tokens, column, word2vec_dimension(sum(p.dimension for p in parts)), seed))
    choice = "+".join(source.value for source in sources)
    own_dimension = sum(part.dimension for part in parts)
    dimension = filled_dimension(own_dimension)
    if len(parts) == 1 and parts[0].keeps_case and dimension == own_dimension:
        model: Stage = parts[0].model
        return Embeddings(
            choice, (replace(parts[0], column=EMBEDDINGS, model=model.setOutputCol(EMBEDDINGS)),), None, dimension
        )
    return Embeddings(
        choice, tuple(parts), _join([part.column for part in parts], dimension - own_dimension), dimension
    )


def _encoder(session: SparkSession, source: EmbeddingsPart, column: str, sink: Sink) -> Part:
    from sparknlp.annotator import BertEmbeddings

    encoder = encoders()[source.value]
    folder = install(encoder, sink)
    sink(Step("loading embeddings"))
    model = _configured(BertEmbeddings.loadSavedModel(str(folder), session), column)
    model = (
        model.setCaseSensitive(encoder.cased)
        .setDimension(encoder.dimension)
        .setMaxSentenceLength(encoder.pieces)
        .setStorageRef(folder.name)
    )
    return Part(column, model, encoder.dimension, _cache_key(folder.name, encoder), encoder.cased)


def _cache_key(folder: str, encoder: Encoder) -> str:
    """Return a key for everything that the vectors depend on besides the tokens."""
    from importlib.metadata import version

    return f"{folder}-{encoder.pieces}-{version('spark-nlp')}-{VECTORS_VERSION}"


def _configured(model: Stage, column: str) -> Stage:
    model = model.setInputCols([SENTENCE, TOKEN]).setOutputCol(column)
    return model.setBatchSize(BATCH) if hasattr(model, "setBatchSize") else model


def _folder(session: SparkSession, folder: Path, column: str, tokens: DataFrame) -> Part:
    import sparknlp.annotator

    if (folder / "metadata").is_dir():
        name = _class_of(folder)
        model = _configured(getattr(sparknlp.annotator, name).load(str(folder)), column)
    elif (folder / "assets" / "vocab.txt").is_file():
        vocabulary = (folder / "assets" / "vocab.txt").read_text(encoding="utf-8", errors="replace")
        cased = any(line[:1].isupper() for line in vocabulary.splitlines() if not line.startswith("["))
        loaded = sparknlp.annotator.BertEmbeddings.loadSavedModel(str(folder.resolve()), session)
        model = _configured(loaded, column).setCaseSensitive(cased).setMaxSentenceLength(512)
        model = model.setStorageRef(_reference(folder))
    else:
        raise InputError(
            "this folder contains no embeddings that Spark NLP can load",
            where=str(folder),
            hint="expected a saved Spark NLP model (metadata/), or model.onnx or saved_model.pb with assets/vocab.txt",
        )
    return _probed(model, column, tokens, str(folder))


def _reference(folder: Path) -> str:
    """Return the storage reference of an encoder in a folder: by its content, as two folders may have the same name."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    digest = hashlib.sha256("".join(map(hash_file, files)).encode())
    return f"{folder.resolve().name}-{digest.hexdigest()[:12]}"


def _class_of(folder: Path) -> str:
    import sparknlp.annotator

    name = class_of(folder)
    if name is None:
        raise InputError("its metadata cannot be read", where=str(folder))
    if not name.endswith(("Embeddings", "Word2VecModel", "Doc2VecModel", "EmbeddingsModel")) or not hasattr(
        sparknlp.annotator, name
    ):
        raise InputError(f"{name} is not an embeddings model", where=str(folder))
    return name


def pretrained_embeddings(name: str, lang: str) -> Stage:
    """Return embeddings of the vendor's hub by name. Raises the exceptions of Spark NLP's downloader."""
    import sparknlp.annotator

    class_name = next(known for prefix, known in PRETRAINED_CLASSES if name.startswith(prefix))
    code = MULTILINGUAL if name in OF_MANY_LANGUAGES else lang
    model = ask_hub(lambda: getattr(sparknlp.annotator, class_name).pretrained(name, code))
    return _configured(model, EMBEDDINGS)


def _pretrained(name: str, lang: str, column: str, tokens: DataFrame) -> Part:
    try:
        model = pretrained_embeddings(name, lang).setOutputCol(column)
    except Exception as problem:
        # Whatever failed in the vendor's downloader, the user can only choose other embeddings.
        raise SetupError(
            f"the pretrained embeddings {name!r} ({lang}) could not be loaded ({type(problem).__name__})",
            hint=f"without the vendor's hub: {', '.join(encoders())}, word2vec, or a folder with a downloaded model",
        ) from None
    return _probed(model, column, tokens, name)


def _probed(model: Stage, column: str, tokens: DataFrame, where: str) -> Part:
    """Determine the dimension by embedding one sentence."""
    from pyspark.sql import functions as f

    row = model.transform(tokens.limit(1)).select(f.expr(f"size({column}[0].embeddings)")).head()
    dimension = row[0] if row is not None and row[0] is not None else 0
    if dimension <= 0:
        raise InputError(
            "the model outputs empty vectors", where=where, hint="its output must be named last_hidden_state"
        )
    if hasattr(model, "setDimension"):
        model = model.setDimension(dimension)
    return Part(column, model, dimension, None, keeps_case=False)


def _word2vec(tokens: DataFrame, column: str, dimension: int, seed: int) -> Part:
    from sparknlp.annotator import Word2VecApproach

    approach = (
        Word2VecApproach()
        .setInputCols([TOKEN])
        .setOutputCol(column)
        .setVectorSize(dimension)
        .setMinCount(2)
        .setMaxIter(5)
        .setStepSize(0.025)
        .setSeed(seed)
    )
    return Part(column, approach.fit(tokens), dimension, None, keeps_case=True)


def _join(columns: Sequence[str], zeros: int) -> Transformer:
    """Return a stage that concatenates the vectors of `columns` per token into `embeddings`, with the tokens' own case.

    `zeros` are appended, so that the dimension is that of a graph in the jar.

    Spark's SQLTransformer drops the column metadata that Spark NLP needs; a union takes it from its first
    branch, which is empty here. Tokens are matched by index if every token has a vector, else by offset: an
    encoder omits tokens beyond its longest sentence.
    """
    from pyspark.ml.feature import SQLTransformer

    first = columns[0]
    by_index = _joined(columns, zeros, lambda column: f"{column}[i]")
    by_offset = _joined(columns, zeros, lambda column: f"element_at(filter({column}, y -> y.begin = x.begin), 1)")
    joined = f"CASE WHEN size({first}) = size({TOKEN}) THEN {by_index} ELSE {by_offset} END"
    return SQLTransformer(
        statement=f"SELECT *, {first} AS {EMBEDDINGS} FROM __THIS__ WHERE false "
        f"UNION ALL SELECT *, {joined} AS {EMBEDDINGS} FROM __THIS__"
    )


def _joined(columns: Sequence[str], zeros: int, at: Callable[[str], str]) -> str:
    first, *others = columns
    word = f"{at(TOKEN)}.result"
    filling = [f"array_repeat(float(0), {zeros})"] if zeros else []
    vectors = ", ".join(["x.embeddings", *(f"{at(column)}.embeddings" for column in others), *filling])
    kept = ", ".join(f"'{key}', x.metadata['{key}']" for key in ("isOOV", "pieceId", "isWordStart", "sentence"))
    return (
        f"transform({first}, (x, i) -> named_struct('annotatorType', x.annotatorType, 'begin', x.begin, 'end', x.end, "
        f"'result', {word}, 'metadata', map({kept}, 'token', {word}), 'embeddings', concat({vectors})))"
    )

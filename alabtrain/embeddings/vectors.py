"""The cache of vectors: a second training on the same texts computes no embeddings.

The key is a hash of a sentence's tokens; the cache contains no text. Adding a task embeds only that task.
"""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.core.downloads import cache_folder
from alabtrain.core.events import Progress, Sink, Step
from alabtrain.embeddings.stages import Embeddings, Part
from alabtrain.spark.annotators import TOKEN
from alabtrain.spark.progress import watched

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

KEY, VECTORS, LENGTH = "sentence_key", "vectors", "token_count"
SCHEMA = f"{KEY} string, {VECTORS} array<struct<place: int, vector: array<float>>>"
CACHE_LIMIT = 20 * 2**30  # bytes; the oldest vectors go first
PARTITIONS = 32


def embed(
    frame: DataFrame, embeddings: Embeddings, count: int, *, scratch: Path, use_cache: bool, sink: Sink
) -> DataFrame:
    """Return `frame` (`count` sentences, one per row) with the column `embeddings`; each vector is computed once.

    Vectors of parts with a cache key are stored in the cache, others in `scratch`. On a cluster, which shares no
    folder with this machine, Spark persists them.
    """
    if not frame.sparkSession.sparkContext.master.startswith("local"):
        from pyspark import StorageLevel

        sink(Step("embedding", count, "sentences"))  # by whoever reads the frame first
        for stage in embeddings.stages:
            frame = stage.transform(frame)
        return frame.persist(StorageLevel.DISK_ONLY)
    folders: list[Path] = []
    for number, part in enumerate(embeddings.parts):
        kept = use_cache and part.cache_key is not None
        folder = cache_folder("vectors") / str(part.cache_key) if kept else scratch / "vectors" / part.column
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _fill(frame, part, folder, _report(sink, count, number, len(embeddings.parts)))
        folders.append(folder)
    sink(Step("joining vectors", count, "sentences"))
    for part, folder in zip(embeddings.parts, folders, strict=True):
        frame = _with_vectors(frame, part, folder)
    return embeddings.join.transform(frame) if embeddings.join else frame


def _report(sink: Sink, count: int, number: int, parts: int) -> Callable[[float], None]:
    """Return what tells how far all parts are together, from the share of one of them that is done."""
    return lambda share: sink(Progress("embedding", round((number + share) / parts * count), count, "sentences"))


def sentence_key() -> Column:
    """Return the key of a sentence: a hash of its tokens, which are the whole input of an encoder."""
    from pyspark.sql import functions as f

    return f.sha2(f.concat_ws("\u0001", f.expr(f"transform({TOKEN}, t -> t.result)")), 256)


def _fill(frame: DataFrame, part: Part, folder: Path, report: Callable[[float], None]) -> None:
    """Embed the sentences whose vectors are not in the folder yet."""
    _make_room(folder.parent)
    frame = frame.withColumn(KEY, sentence_key())
    session = frame.sparkSession
    known = (
        session.read.schema(SCHEMA).parquet(*_parts(folder)) if _parts(folder) else session.createDataFrame([], SCHEMA)
    )
    _add(frame.join(known.select(KEY), KEY, "left_anti").dropDuplicates([KEY]), part, folder, report)


def _with_vectors(frame: DataFrame, part: Part, folder: Path) -> DataFrame:
    """Return the frame with the column of a part, from its vectors in the folder."""
    from pyspark.sql import functions as f

    frame = frame.withColumn(KEY, sentence_key())
    vectors = _kept(frame.select(KEY).distinct(), folder)
    token = f"{TOKEN}[v.place]"
    annotations = f.expr(
        f"transform({VECTORS}, v -> named_struct('annotatorType', 'word_embeddings', 'begin', {token}.begin, "
        f"'end', {token}.end, 'result', {token}.result, 'metadata', map('isOOV', 'false', 'pieceId', '-1', "
        f"'isWordStart', 'true', 'token', {token}.result, 'sentence', {token}.metadata['sentence']), "
        "'embeddings', v.vector))"
    )
    metadata = part.model.transform(frame.limit(0)).schema[part.column].metadata
    joined = frame.join(vectors, KEY)
    return joined.withColumn(part.column, annotations.alias(part.column, metadata=metadata)).drop(KEY, VECTORS)


def _kept(keys: DataFrame, folder: Path) -> DataFrame:
    """Return the vectors of these keys, each once; only cache files that contain some of them are read."""
    from pyspark.sql import functions as f

    session, wanted = keys.sparkSession, f.broadcast(keys)
    everything = session.read.schema(SCHEMA).parquet(*_parts(folder))
    index = everything.select(KEY, f.col("_metadata.file_path").alias("file")).join(wanted, KEY, "left_semi")
    files = [row.file for row in index.select("file").distinct().collect()]
    if not files:
        return everything.limit(0)
    return session.read.schema(SCHEMA).parquet(*files).join(wanted, KEY, "left_semi").dropDuplicates([KEY])


def _add(missing: DataFrame, part: Part, folder: Path, report: Callable[[float], None]) -> None:
    """Embed the sentences that are missing from the cache and add them as a new part, all or nothing."""
    from pyspark.sql import functions as f

    report(0.0)
    if _parts(folder) and not missing.count():
        report(1.0)
        return
    # Batches are padded to their longest sentence: order by length within evenly mixed partitions.
    ordered = missing.repartition(PARTITIONS, KEY).withColumn(LENGTH, f.size(TOKEN)).sortWithinPartitions(LENGTH)
    # An encoder skips tokens without any known character: each vector keeps the index of its token.
    index = f"array_position(transform({TOKEN}, t -> t.begin), e.begin) - 1"
    indexed = f"transform({part.column}, e -> struct(int({index}) AS place, e.embeddings AS vector))"
    kept = f"filter({indexed}, v -> v.place >= 0)"
    rows = part.model.transform(ordered).select(KEY, f.expr(f"{kept} AS {VECTORS}"))
    aside = folder / f".{uuid.uuid4().hex}"
    try:
        with watched(missing.sparkSession, report):
            rows.write.parquet(aside.as_uri())
        aside.rename(folder / uuid.uuid4().hex)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _parts(folder: Path) -> list[str]:
    """Return the complete parts of a cache folder as URIs (names that start with a dot are incomplete)."""
    return sorted(path.as_uri() for path in folder.iterdir() if not path.name.startswith("."))


def _make_room(cache: Path) -> None:
    """Remove the oldest vectors until the cache is below its limit; parts younger than a day may be in use."""
    yesterday = time.time() - 86400
    parts = [part for encoder in cache.iterdir() for part in encoder.iterdir()]
    sizes = {part: _size(part) for part in parts}
    total = sum(sizes.values())
    for part in sorted(parts, key=lambda p: p.stat().st_mtime):
        old = part.stat().st_mtime < yesterday
        # A name with a dot is an incomplete part of a killed process.
        if old and (total > CACHE_LIMIT or part.name.startswith(".")):
            total -= sizes[part]
            with suppress(OSError):
                shutil.rmtree(part)


def _size(folder: Path) -> int:
    files: Sequence[Path] = [path for path in folder.rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files)

"""A folder that the driver and all executors can access: a local one, or on a cluster one in its file system."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.core.events import Sink, ignore
from alabtrain.spark.options import SparkOptions
from alabtrain.spark.session import open_session
from alabtrain.spark.types import JavaObject, Value

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True, slots=True)
class SharedFolder:
    """A scratch folder for Spark at `uri`; `local` is its path if it is on this machine."""

    session: SparkSession
    uri: str
    local: Path | None

    def path(self, name: str) -> str:
        """Return the URI of an entry of the folder."""
        return f"{self.uri}/{name}"

    def fetch(self, name: str, target: Path) -> None:
        """Copy an entry of the folder to `target` on this machine (or move it, if the folder is local)."""
        if self.local is not None:
            shutil.move(self.local / name, target)
            return
        jvm: JavaObject = self.session.sparkContext._jvm
        source = jvm.org.apache.hadoop.fs.Path(self.path(name))
        here = jvm.org.apache.hadoop.fs.Path(target.as_uri())
        _file_system(self.session, source).copyToLocalFile(False, source, here, True)

    def write_rows(
        self,
        name: str,
        rows: Iterable[tuple[Value, ...]],
        schema: str,
        *,
        most: int,
        heard: Callable[[int], None] = lambda _count: None,
    ) -> tuple[DataFrame, int]:
        """Write rows as Parquet, `most` at once so that they are never all in memory; return the frame and the count.

        `heard` is called with the number of rows so far.
        """
        count, left = 0, iter(rows)
        while chunk := list(islice(left, most)):
            count += len(chunk)
            heard(count)
            frame = self.session.createDataFrame(chunk, schema, verifySchema=False)
            frame.coalesce(1).write.mode("append").parquet(self.path(name))
        written = self.session.read.parquet(self.path(name)) if count else self.session.createDataFrame([], schema)
        return written, count


@contextmanager
def working_session(spark: SparkOptions, sink: Sink = ignore) -> Iterator[tuple[SparkSession, SharedFolder, Path]]:
    """Yield a session, a folder shared with its executors, and a local scratch folder; both are removed at the end.

    `sink` gets the events of downloads and of the start. Raises `SetupError`.
    """
    with (
        tempfile.TemporaryDirectory(prefix="alabtrain-", ignore_cleanup_errors=True) as scratch,
        open_session(spark, sink) as session,
        _shared_folder(session, Path(scratch)) as shared,
    ):
        yield session, shared, Path(scratch)


@contextmanager
def _shared_folder(session: SparkSession, scratch: Path) -> Iterator[SharedFolder]:
    """Yield a folder: in `scratch` for a local session, else in the home directory of the cluster's file system."""
    if session.sparkContext.master.startswith("local"):
        folder = scratch / "spark"
        folder.mkdir()
        yield SharedFolder(session, folder.as_uri(), folder)
        return
    jvm: JavaObject = session.sparkContext._jvm
    home = _file_system(session, None).getHomeDirectory()
    path = jvm.org.apache.hadoop.fs.Path(home, f".alabtrain-{uuid.uuid4().hex}")
    private = jvm.org.apache.hadoop.fs.permission.FsPermission("700")
    _file_system(session, path).mkdirs(path, private)
    try:
        yield SharedFolder(session, str(path.toString()), None)
    finally:
        _file_system(session, path).delete(path, True)


def _file_system(session: SparkSession, path: JavaObject) -> JavaObject:
    context: JavaObject = session.sparkContext
    conf = context._jsc.hadoopConfiguration()
    return path.getFileSystem(conf) if path is not None else context._jvm.org.apache.hadoop.fs.FileSystem.get(conf)

"""Changed copies of the graphs in Spark NLP's jar, for `setGraphFolder`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from alabtrain.core.errors import SetupError
from alabtrain.spark.types import JavaObject, Stage
from alabtrain.trainers.nerdl.limits import graph_names

if TYPE_CHECKING:
    from alabtrain.embeddings.graphdef_pb2 import GraphDef

Change: TypeAlias = "Callable[[GraphDef], None]"
"""A function that modifies a graph."""


def changed(graph: bytes, changes: Sequence[Change]) -> bytes:
    """Return a serialized GraphDef after the changes, which are applied in order."""
    from alabtrain.embeddings.graphdef_pb2 import GraphDef

    parsed = GraphDef.FromString(graph)
    for change in changes:
        change(parsed)
    return parsed.SerializeToString(deterministic=True)


def write_graphs(approach: Stage, dimension: int, changes: Sequence[Change], folder: Path) -> str:
    """Write changed copies of the jar's graphs for vectors of `dimension` numbers and return the folder's URI.

    `approach` is a NerDLApproach, whose class loader finds the jar; `folder` must not exist yet. Raises `SetupError` if
    the session's Spark NLP has other graphs.
    """
    from pyspark.sql import SparkSession

    folder.mkdir()
    jvm: JavaObject = SparkSession.getActiveSession().sparkContext._jvm
    java_class = approach._java_obj.getClass()
    for name in graph_names(dimension):
        resource = java_class.getResource(f"/ner-dl/{name}")
        if resource is None:
            raise SetupError(
                f"the Spark NLP of this session has no graph {name}",
                hint="use the version that `alabtrain doctor` names",
                code="no_graph",
            )
        content = bytes(jvm.org.apache.commons.io.IOUtils.toByteArray(resource))
        (folder / name).write_bytes(changed(content, changes))
    return folder.as_uri()

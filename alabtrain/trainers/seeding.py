"""Give NerDL's network the seed of the run.

`setRandomSeed` of Spark NLP 5.5.3 orders the rows only. The first weights and the dropout come from random operations
in the TensorFlow graphs of its jar, and those have no seed: TensorFlow draws one anew in each process
(https://www.tensorflow.org/api_docs/python/tf/random/set_seed). So NerDL gets copies of the graphs with seeds in them.
What stays are sums that threads add up in another order.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alabtrain.engine.graphdef import message
from alabtrain.errors import SetupError
from alabtrain.trainers.graphs import graph_names

SEEDS = ("seed", "seed2")


def seeded(graph: bytes, seed: int) -> bytes:
    """Return a serialized GraphDef whose random operations draw from `seed`, each from a sequence of its own."""
    parsed = message("Graph")()
    parsed.ParseFromString(graph)
    operations = 0
    for node in parsed.node:
        seeds = {attribute.key: attribute.value for attribute in node.attr if attribute.key in SEEDS}
        if len(seeds) == len(SEEDS):
            operations += 1
            seeds["seed"].i = seed
            seeds["seed2"].i = operations  # never 0: both 0 means no seed
    return bytes(parsed.SerializeToString(deterministic=True))


def seeded_graphs(approach: Any, dimension: int, seed: int, folder: Path) -> str:
    """Write the graphs in Spark NLP's jar for vectors of `dimension` numbers, seeded, and return the folder's URI.

    `approach` is a NerDLApproach, whose class loader finds the jar wherever it came from; `folder` is not there yet.
    Raises `SetupError` when the session's Spark NLP has other graphs.
    """
    from pyspark.sql import SparkSession

    folder.mkdir()
    jvm: Any = SparkSession.getActiveSession().sparkContext._jvm
    java_class = approach._java_obj.getClass()
    for name in graph_names(dimension):
        place = java_class.getResource(f"/ner-dl/{name}")
        if place is None:
            raise SetupError(
                f"the Spark NLP of this session has no graph {name}",
                hint="use the version that `alabtrain doctor` names",
                code="no_graph",
            )
        content = bytes(jvm.org.apache.commons.io.IOUtils.toByteArray(place))
        (folder / name).write_bytes(seeded(content, seed))
    return folder.as_uri()

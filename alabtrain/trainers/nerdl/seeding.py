"""Seed NerDL's training with the seed of the run.

`setRandomSeed` of Spark NLP 5.5.3 determines only the order of the rows in the epochs. The initial weights and the
dropout come from random operations in the TensorFlow graphs of its jar, which have no seed: TensorFlow draws a new one
in each process (https://www.tensorflow.org/api_docs/python/tf/random/set_seed). So NerDL gets copies of the graphs with
seeds. Before the epochs, NerDL reads the rows once in a random order that determines the numbers of the characters, so
Scala's generator is seeded, too. What still differs are sums that threads add up in another order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alabtrain.spark.types import JavaObject

if TYPE_CHECKING:
    from alabtrain.embeddings.graphdef_pb2 import GraphDef

SEEDS = ("seed", "seed2")


def seed_randomness(graph: GraphDef, seed: int) -> None:
    """Seed the random operations of a graph with `seed`, each with a sequence of its own."""
    operations = 0
    for node in graph.node:
        seeds = {attribute.key: attribute.value for attribute in node.attr if attribute.key in SEEDS}
        if len(seeds) == len(SEEDS):
            operations += 1
            seeds["seed"].i = seed
            seeds["seed2"].i = operations  # never 0: both 0 means no seed


def seed_order(seed: int) -> None:
    """Seed the generator with which the engine of the active session shuffles rows."""
    from pyspark.sql import SparkSession

    jvm: JavaObject = SparkSession.getActiveSession().sparkContext._jvm
    getattr(getattr(jvm.scala.util, "Random$"), "MODULE$").setSeed(seed)

"""Give NerDL's training the seed of the run.

`setRandomSeed` of Spark NLP 5.5.3 orders the rows of the epochs only. The first weights and the dropout come from
random operations in the TensorFlow graphs of its jar, and those have no seed: TensorFlow draws one anew in each process
(https://www.tensorflow.org/api_docs/python/tf/random/set_seed). So NerDL gets copies of the graphs with seeds in them.
And before the epochs it goes through the rows once in an order of chance, which decides the numbers of the characters:
so Scala's generator is seeded, too. What stays are sums that threads add up in another order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alabtrain.embeddings.graphdef_pb2 import GraphDef

SEEDS = ("seed", "seed2")


def seed_randomness(graph: GraphDef, seed: int) -> None:
    """Let the random operations of a graph draw from `seed`, each from a sequence of its own."""
    operations = 0
    for node in graph.node:
        seeds = {attribute.key: attribute.value for attribute in node.attr if attribute.key in SEEDS}
        if len(seeds) == len(SEEDS):
            operations += 1
            seeds["seed"].i = seed
            seeds["seed2"].i = operations  # never 0: both 0 means no seed


def seed_order(seed: int) -> None:
    """Seed the generator by which the engine of the active session shuffles rows."""
    from pyspark.sql import SparkSession

    jvm: Any = SparkSession.getActiveSession().sparkContext._jvm
    getattr(getattr(jvm.scala.util, "Random$"), "MODULE$").setSeed(seed)

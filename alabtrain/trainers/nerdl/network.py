"""Read a trained NerDL network from the engine, and predict how the engine will number tags and characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from alabtrain.spark.types import JavaObject, Stage
from alabtrain.trainers.nerdl.continuing import Network, Numbering, variables

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from alabtrain.trainers.nerdl.continuing import Weights


def read_network(model: Stage) -> Network:
    """Return the weights and the numbering of a fitted or loaded NerDLModel."""
    from pyspark.sql import SparkSession

    from alabtrain.embeddings.graphdef_pb2 import GraphDef

    context: JavaObject = SparkSession.getActiveSession().sparkContext
    tagger = model._java_obj.getModelIfNotSet()
    graph = GraphDef.FromString(bytes(tagger.tensorflow().graph()))
    names = list(variables(graph))
    reading = _reading(names)
    read = {node.input[0]: node.name for node in graph.node if node.name in reading}
    runner = tagger.tensorflow().getTFSession(context._jvm.scala.Option.empty()).runner()
    for name in names:
        runner.fetch(read[name])
    tensors = runner.run()
    weights = {name: _values(context, tensor) for name, tensor in zip(names, tensors, strict=True)}
    return Network(numbering_of(model), weights)


def numbering_of(model: Stage) -> Numbering:
    """Return the numbering of tags and characters of a fitted or loaded NerDLModel."""
    return _numbering(model._java_obj.getModelIfNotSet().encoder())


def foresee_numbering(training: DataFrame, columns: Sequence[str], label: str, batch_size: int) -> Numbering:
    """Return how NerDLApproach will number the tags and characters of `training`, whose rows are ordered.

    It reads the rows as the engine does (NerDLApproach.scala of Spark NLP 5.5.3), as the numbers come from the order of
    a hash set. `seeding.seed_order` must be called before this, and again before the training.
    """
    context: JavaObject = training.sparkSession.sparkContext
    jvm: JavaObject = context._jvm
    engine = jvm.com.johnsnowlabs.nlp.annotators.ner.dl.NerDLApproach
    names = context._gateway.new_array(jvm.java.lang.String, len(columns))
    for index, column in enumerate(columns):
        names[index] = column
    rows = training.randomSplit([0.0, 1.0])[1]._jdf  # the engine splits too, though with a share of 0 for validation
    found = engine.getDataSetParams(engine.getIteratorFunc(rows, names, label, batch_size, False).apply())
    nothing = jvm.scala.collection.mutable.ArrayBuffer().toList()
    tensorflow = jvm.com.johnsnowlabs.ml.tensorflow
    parameters = tensorflow.DatasetEncoderParams(found._1().toList(), found._2().toList(), nothing, 0, "O")
    return _numbering(tensorflow.NerDatasetEncoder(parameters))


def _numbering(encoder: JavaObject) -> Numbering:
    from pyspark.sql import SparkSession

    # As numbers, because half of a surrogate pair cannot be transferred as text.
    unit_at = SparkSession.getActiveSession().sparkContext._jvm.java.lang.Character.codePointAt
    units = encoder.chars()
    return Numbering(tuple(encoder.tags()), tuple(unit_at(units, index, index + 1) for index in range(len(units))))


def _reading(names: Sequence[str]) -> set[str]:
    """Return the possible names of the operations that read these variables, for both variable types of TensorFlow."""
    return {f"{name}/{end}" for name in names for end in ("read", "Read/ReadVariableOp")}


def _values(context: JavaObject, tensor: JavaObject) -> Weights:
    """Copy a tensor of floats as one text, because number by number would need one call each."""
    import numpy as np

    data = tensor.asRawTensor().data().asFloats()
    floats = context._gateway.new_array(context._jvm.float, data.size())
    data.read(floats)
    text = context._jvm.java.util.Arrays.toString(floats)
    numbers = np.array(text.strip("[]").split(", "), dtype=np.float32)
    return numbers.reshape([tensor.shape().size(axis) for axis in range(tensor.shape().numDimensions())])

"""Make an ONNX encoder give a mix of its layers instead of the last one alone.

The last layer of a sentence encoder is bent towards whole sentences; lower layers know more of the single word
(Peters et al., "Dissecting Contextual Word Embeddings", 2018, https://arxiv.org/abs/1808.08949). The gain is
measured in benchmarks/README.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

OUTPUT = "last_hidden_state"  # the name by which Spark NLP asks for it
EMBEDDING_LAYER = "/embeddings/LayerNorm/Add_1_output_0"
ENCODER_LAYER = "/encoder/layer.{}/output/LayerNorm/Add_1_output_0"


def mix_layers(model: Path, groups: Sequence[Sequence[int]]) -> None:
    """Rewrite the BERT-like `model` so that its output is the means of `groups` of layers, side by side.

    Layer 0 is the embedding layer. The names of layers are those of an export by Hugging Face's optimum.
    """
    import onnx

    loaded = onnx.load(str(model))
    graph = loaded.graph
    last = "last_layer"
    for node in graph.node:
        node.output[:] = [last if name == OUTPUT else name for name in node.output]
    count = max(layer for group in groups for layer in group)

    def name(layer: int) -> str:
        if layer == 0:
            return EMBEDDING_LAYER
        return last if layer == count else ENCODER_LAYER.format(layer - 1)

    means = [f"mean_of_group_{number}" for number in range(len(groups))]
    for mean, group in zip(means, groups, strict=True):
        graph.node.append(onnx.helper.make_node("Mean", [name(layer) for layer in group], [mean], name=mean))
    graph.node.append(onnx.helper.make_node("Concat", means, [OUTPUT], name="side_by_side", axis=-1))
    width = graph.output[0].type.tensor_type.shape.dim[2]
    size = width.dim_value
    width.Clear()
    if size:
        width.dim_value = size * len(groups)
    onnx.checker.check_model(loaded)
    onnx.save(loaded, str(model))

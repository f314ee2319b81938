"""Rewrites an ONNX encoder to output word vectors: of the first and last word piece, averaged over several layers.

Spark NLP uses the vector of a word's first piece, from the last layer. For a rare word that says little ("pi" of
"pilomatricoma"): the end of a word carries its category, and the last layer of a sentence encoder represents the
whole sentence (Peters et al., "Dissecting Contextual Word Embeddings", 2018, https://arxiv.org/abs/1808.08949). In the
rewritten graph, the vector of each piece is concatenated with that of its word's last piece. The gain is measured in
benchmarks/README.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnx

OUTPUT = "last_hidden_state"  # the name by which Spark NLP asks for it
CONTINUATION = "##"
LAYER = "/encoder/layer.{}/output/LayerNorm/Add_1_output_0"  # as Hugging Face's optimum names layer n + 1


def widen(model: Path, pieces: Sequence[str], layers: Sequence[int]) -> None:
    """Rewrite the BERT-like `model` in place: its output doubles, first piece concatenated with last piece.

    `pieces` is the vocabulary in the order of its ids, `layers` the layers to average (from 1; may include the last).
    """
    import onnx

    loaded = onnx.load(str(model))
    graph = loaded.graph
    last = "last_layer"
    for node in graph.node:
        node.output[:] = [last if name == OUTPUT else name for name in node.output]
    top = max(layers)
    names = [last if layer == top else LAYER.format(layer - 1) for layer in layers]
    _constants(graph, pieces)
    node_of: Callable[..., onnx.NodeProto] = onnx.helper.make_node
    for operator, inputs, output, attributes in _nodes(names):
        graph.node.append(node_of(operator, inputs, [output], name=f"word_{output}", **attributes))
    width = graph.output[0].type.tensor_type.shape.dim[2]
    size = width.dim_value
    width.Clear()
    if size:
        width.dim_value = 2 * size
    onnx.checker.check_model(loaded)
    onnx.save(loaded, str(model))


def _constants(graph: onnx.GraphProto, pieces: Sequence[str]) -> None:
    import numpy as np
    from onnx import numpy_helper

    starts = np.array([0.0 if piece.startswith(CONTINUATION) else 1.0 for piece in pieces], np.float32)
    constants: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]] = {
        "starts_word": starts,
        "piece_axis": np.array(1, np.int64),
        "one_more_piece": np.array([0, 0, 0, 1], np.int64),
        "one": np.array(1, np.float32),
        "half": np.array(0.5, np.float32),
        "from_second": np.array([1], np.int64),
        "to_end": np.array([2**31 - 1], np.int64),
        "along_pieces": np.array([1], np.int64),
    }
    graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())


def _nodes(layers: Sequence[str]) -> list[tuple[str, list[str], str, dict[str, int | list[int]]]]:
    """Return the nodes (opset 11) that find each piece's word, and select the vector of the word's last piece."""
    return [
        ("Mean", list(layers), "layers_mean", {}),
        ("Gather", ["starts_word", "input_ids"], "is_start", {"axis": 0}),
        ("CumSum", ["is_start", "piece_axis"], "number", {}),
        # A piece is the last of its word when the next one starts a word, or when there is none.
        ("Pad", ["is_start", "one_more_piece", "one"], "is_start_padded", {}),
        ("Slice", ["is_start_padded", "from_second", "to_end", "along_pieces"], "is_last", {}),
        ("Unsqueeze", ["number"], "number_of_row", {"axes": [2]}),
        ("Unsqueeze", ["number"], "number_of_column", {"axes": [1]}),
        ("Unsqueeze", ["is_last"], "is_last_column", {"axes": [1]}),
        ("Sub", ["number_of_row", "number_of_column"], "difference", {}),
        ("Abs", ["difference"], "distance", {}),
        ("Less", ["distance", "half"], "same_word", {}),
        ("Cast", ["same_word"], "same_word_number", {"to": 1}),
        ("Mul", ["same_word_number", "is_last_column"], "picked", {}),
        ("MatMul", ["picked", "layers_mean"], "last_piece", {}),
        ("Concat", ["layers_mean", "last_piece"], OUTPUT, {"axis": -1}),
    ]

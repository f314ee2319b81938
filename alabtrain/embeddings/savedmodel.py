"""Rewrites a BERT SavedModel to output word vectors: of the first and last piece, averaged over several layers.

The TensorFlow counterpart of `wordpieces.py` (which explains why): the vector of each piece is concatenated with that
of its word's last piece. In BERT's vectors one or two dimensions are many times as large as all others
(Kovaleva et al., "BERT Busters", 2021, https://arxiv.org/abs/2105.06990); NerDL learns badly from them, so all
values are clipped to a range. TensorFlow itself is not needed, see `graphdef.proto`.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.embeddings.wordpieces import CONTINUATION

if TYPE_CHECKING:
    from alabtrain.embeddings.graphdef_pb2 import GraphDef

SIGNATURE, OUTPUT, IDS = "serving_default", "sequence_output", "input_ids"
LAYER = "bert/encoder/layer_{}/output/LayerNorm/batchnorm/add_1"  # as Google's BERT names layer n + 1
OURS = "words/"
FLOAT, INT32, BOOL = 1, 3, 10  # TensorFlow's DataType
MOST = 3.0  # the numbers of a layer have a deviation of about 0.5; one of them lies at -16


def widen_saved(model: Path, pieces: Sequence[str], layers: Sequence[int], *, last_piece: bool = True) -> None:
    """Rewrite `saved_model.pb` in place: its output becomes the mean of `layers`, clipped to a range.

    With `last_piece`, the dimension doubles: the vectors of first and last piece are concatenated.

    `pieces` is the vocabulary in the order of its ids, `layers` the layers to average (from 1). Raises `KeyError`
    where the model lacks the signature that Spark NLP reads.
    """
    from alabtrain.embeddings.graphdef_pb2 import SavedModel

    saved = SavedModel.FromString(model.read_bytes())
    for meta in saved.meta_graphs:
        outputs = {
            output.key: output.value
            for signature in meta.signature_def
            if signature.key == SIGNATURE
            for output in signature.value.outputs
        }
        nodes = {node.name: node for node in meta.graph_def.node}
        rows = nodes[
            outputs[OUTPUT].name.partition(":")[0]
        ]  # the Reshape from (pieces, width) to (texts, pieces, width)
        prefix = rows.input[0].partition("bert/")[0]
        _add_nodes(meta.graph_def, pieces, [prefix + LAYER.format(layer - 1) for layer in layers], rows.input[1])
        outputs[OUTPUT].name = f"{OURS}{'both' if last_piece else 'first_piece'}:0"
    model.write_bytes(saved.SerializeToString(deterministic=True))


def _add_nodes(graph: GraphDef, pieces: Sequence[str], layers: Sequence[str], shape: str) -> None:
    """Add nodes that find each piece's word, and select the vector of the word's last piece."""
    starts = [0.0 if piece.startswith(CONTINUATION) else 1.0 for piece in pieces]
    _constant(graph, "starts_word", FLOAT, struct.pack(f"<{len(starts)}f", *starts), [len(starts)])
    _constant(graph, "share_of_layer", FLOAT, struct.pack("<f", 1 / len(layers)))
    for name, number in {"half": 0.5, "low": -MOST, "high": MOST}.items():
        _constant(graph, name, FLOAT, struct.pack("<f", number))
    _constant(graph, "one_more_piece", INT32, struct.pack("<4i", 0, 0, 0, 1), [2, 2])
    _constant(graph, "one", FLOAT, struct.pack("<f", 1.0))
    _constant(graph, "from_second", INT32, struct.pack("<2i", 0, 1), [2])
    _constant(graph, "to_end", INT32, struct.pack("<2i", -1, -1), [2])
    for axis in range(3):
        _constant(graph, f"axis_{axis}", INT32, struct.pack("<i", axis))
    types = {"T": FLOAT}
    ours = {
        "is_start": (
            "GatherV2",
            ["starts_word", f"/{IDS}", "axis_0"],
            {"Tparams": FLOAT, "Tindices": INT32, "Taxis": INT32},
        ),
        "number": ("Cumsum", ["is_start", "axis_1"], {**types, "Tidx": INT32}),
        # A piece is the last of its word when the next one starts a word, or when there is none.
        "is_start_padded": ("PadV2", ["is_start", "one_more_piece", "one"], {**types, "Tpaddings": INT32}),
        "is_last": ("Slice", ["is_start_padded", "from_second", "to_end"], {**types, "Index": INT32}),
        "is_last_column": ("ExpandDims", ["is_last", "axis_1"], {**types, "Tdim": INT32}),
        "number_of_row": ("ExpandDims", ["number", "axis_2"], {**types, "Tdim": INT32}),
        "number_of_column": ("ExpandDims", ["number", "axis_1"], {**types, "Tdim": INT32}),
        "difference": ("Sub", ["number_of_row", "number_of_column"], types),
        "distance": ("Abs", ["difference"], types),
        "same_word": ("Less", ["distance", "half"], types),
        "same_word_number": ("Cast", ["same_word"], {"SrcT": BOOL, "DstT": FLOAT}),
        "picked": ("Mul", ["same_word_number", "is_last_column"], types),
        "layers_sum": ("AddN", [f"/{layer}" for layer in layers], {**types, "N": len(layers)}),
        "layers_mean": ("Mul", ["layers_sum", "share_of_layer"], types),
        "layers_high": ("Minimum", ["layers_mean", "high"], types),
        "layers_cut": ("Maximum", ["layers_high", "low"], types),
        "first_piece": ("Reshape", ["layers_cut", f"/{shape}"], {**types, "Tshape": INT32}),
        "last_piece": ("BatchMatMul", ["picked", "first_piece"], types),
        "both": ("ConcatV2", ["first_piece", "last_piece", "axis_2"], {**types, "Tidx": INT32, "N": 2}),
    }
    for name, (operator, inputs, attributes) in ours.items():
        node = graph.node.add(name=OURS + name, op=operator)
        node.input.extend(i[1:] if i.startswith("/") else OURS + i for i in inputs)
        for key, value in attributes.items():
            field = "b" if isinstance(value, bool) else "i" if key == "N" else "type"
            node.attr.add(key=key, value={field: value})


def _constant(graph: GraphDef, name: str, dtype: int, content: bytes, shape: Sequence[int] = ()) -> None:
    node = graph.node.add(name=OURS + name, op="Const")
    node.attr.add(key="dtype", value={"type": dtype})
    tensor = {"dtype": dtype, "tensor_shape": {"dim": [{"size": size} for size in shape]}, "tensor_content": content}
    node.attr.add(key="value", value={"tensor": tensor})

"""The rewriting of a BERT in TensorFlow's SavedModel format, on small ones made here."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from alabtrain.embeddings.graphdef_pb2 import NodeDef, SavedModel, SignatureDef
from alabtrain.embeddings.savedmodel import (
    FLOAT,
    IDS,
    INT32,
    LAYER,
    MOST,
    OURS,
    OUTPUT,
    SIGNATURE,
    widen_saved,
)

PIECES = ["[PAD]", "[CLS]", "[SEP]", "pi", "##lo", "##ma", "of"]
PREFIX = "hub/"
ROWS = f"{PREFIX}rows"
UNREAD = bytes(range(256))
"""What stands in fields that are not declared: any bytes, longer than one byte of length tells."""


def field(number: int, content: bytes) -> bytes:
    """Return a field of a protocol buffer that holds bytes, or another message."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + _varint(rest) if rest else bytes([low])


def node(name: str, operator: str, *inputs: str, more: bytes = b"") -> bytes:
    """Return a field `node` of a graph; `more` are the bytes of other fields."""
    return field(1, NodeDef(name=name, op=operator, input=inputs).SerializeToString() + more)


def bert_like(*, layers: int = 3, signature: str = SIGNATURE, output: str = OUTPUT, rows: str = ROWS) -> bytes:
    """Return a model with the names of Google's BERT and, on every level, fields that nobody declared."""
    names = [PREFIX + LAYER.format(number) for number in range(layers)]
    graph = node(IDS, "Placeholder", more=field(4, UNREAD)) + node(f"{PREFIX}shape", "Shape", IDS)
    graph += b"".join(node(name, "AddV2", IDS) for name in names)
    graph += node(ROWS, "Reshape", names[-1], f"{PREFIX}shape") + field(2, b"library" + UNREAD)
    outputs = {output: f"{rows}:0", "pooled_output": f"{PREFIX}pooled:0"}
    info = [
        field(2, SignatureDef.OutputsEntry(key=key, value={"name": name}).SerializeToString() + field(9, UNREAD))
        for key, name in outputs.items()
    ]
    named = field(1, signature.encode()) + field(2, b"".join(info) + field(3, b"method"))
    other = field(1, b"other") + field(2, info[0])
    meta = field(1, b"tags" + UNREAD) + field(2, graph) + field(5, other) + field(5, named) + field(4, UNREAD)
    # A number in field 1 (the schema's version), and a field of a version yet to come.
    return b"\x08\x01" + field(2, meta) + field(2000, UNREAD)


@pytest.fixture
def widened(tmp_path: Path) -> Callable[..., Any]:
    """Return a function that widens a model's bytes and returns it parsed."""

    def widen(content: bytes, layers: tuple[int, ...] = (2, 3)) -> Any:
        path = tmp_path / "saved_model.pb"
        path.write_bytes(content)
        widen_saved(path, PIECES, layers)
        return parsed(path.read_bytes())

    return widen


def parsed(content: bytes) -> Any:
    return SavedModel.FromString(content)


def outputs_of(meta: Any, signature: str) -> dict[str, str]:
    (found,) = (named for named in meta.signature_def if named.key == signature)
    return {output.key: output.value.name for output in found.value.outputs}


def test_nodes_are_added_and_the_output_of_the_signature_is_theirs(widened: Callable[..., Any]) -> None:
    (meta,) = widened(bert_like()).meta_graphs
    names = [made.name for made in meta.graph_def.node]
    assert len(set(names)) == len(names)
    assert names[:6] == [IDS, f"{PREFIX}shape", *(PREFIX + LAYER.format(n) for n in range(3)), ROWS]
    assert all(name.startswith(OURS) for name in names[6:])
    assert outputs_of(meta, SIGNATURE) == {OUTPUT: f"{OURS}both:0", "pooled_output": f"{PREFIX}pooled:0"}
    # Another signature of the same model keeps its output.
    assert outputs_of(meta, "other") == {OUTPUT: f"{ROWS}:0"}
    assert {source for made in meta.graph_def.node for source in made.input} <= set(names)


def test_what_is_not_declared_is_carried_through_byte_for_byte(widened: Callable[..., Any]) -> None:
    before = bert_like()
    saved = widened(before)
    after = saved.SerializeToString()
    for number, content in ((1, b"tags" + UNREAD), (2, b"library" + UNREAD), (3, b"method"), (2000, UNREAD)):
        assert after.count(field(number, content)) == 1
    assert after.count(UNREAD) == before.count(UNREAD) == 8
    assert b"\x08\x01" in after
    # With our part taken out again, all is as it was.
    (meta,) = saved.meta_graphs
    kept = [made for made in meta.graph_def.node if not made.name.startswith(OURS)]
    del meta.graph_def.node[len(kept) :]
    (output,) = (o for named in meta.signature_def for o in named.value.outputs if o.value.name.startswith(OURS))
    output.value.name = f"{ROWS}:0"
    assert saved.SerializeToString() == parsed(before).SerializeToString()


def test_widening_twice_the_same_bytes_gives_the_same_bytes(widened: Callable[..., Any]) -> None:
    assert widened(bert_like()).SerializeToString() == widened(bert_like()).SerializeToString()


@pytest.mark.parametrize("lacking", [{"signature": "train"}, {"output": "pooled"}, {"rows": "nowhere"}])
def test_a_model_without_the_signature_is_refused_and_left_alone(tmp_path: Path, lacking: dict[str, str]) -> None:
    path = tmp_path / "saved_model.pb"
    path.write_bytes(bert_like(**lacking))
    with pytest.raises(KeyError):
        widen_saved(path, PIECES, (2, 3))
    assert path.read_bytes() == bert_like(**lacking)


def test_the_added_nodes_give_each_piece_and_the_last_one_of_its_word(widened: Callable[..., Any]) -> None:
    import numpy as np

    (meta,) = widened(bert_like()).meta_graphs
    ids = np.array([[1, 3, 4, 5, 6, 2], [1, 6, 3, 5, 2, 0]])
    first = np.arange(24, dtype=np.float32).reshape(12, 2) / 12
    first[7] = (-16, 9)  # what BERT has in a number or two
    given = {IDS: ids, f"{PREFIX}shape": np.array([2, 6, 2])}
    given |= {PREFIX + LAYER.format(n): first * factor for n, factor in enumerate((9, 1, 2))}
    vectors = run(meta.graph_def, given)[f"{OURS}both"]
    # The mean of layers 2 and 3, cut; layer 1 is not asked for.
    pieces = np.clip(first * 1.5, -MOST, MOST).reshape(2, 6, 2)
    last = [[0, 3, 3, 3, 4, 5], [0, 1, 3, 3, 4, 5]]
    assert vectors.shape == (2, 6, 4)
    assert np.allclose(vectors[:, :, :2], pieces)
    for row in range(2):
        assert np.allclose(vectors[row, :, 2:], pieces[row, last[row]])


def test_pieces_that_go_on_with_a_word_start_none(widened: Callable[..., Any]) -> None:
    (meta,) = widened(bert_like()).meta_graphs
    (starts,) = (made for made in meta.graph_def.node if made.name == f"{OURS}starts_word")
    (tensor,) = (attribute.value.tensor for attribute in starts.attr if attribute.key == "value")
    assert struct.unpack("<7f", tensor.tensor_content) == (1, 1, 1, 1, 0, 0, 1)


def run(graph: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Compute the added nodes, as TensorFlow would, with numpy."""
    import numpy as np

    operators: dict[str, Callable[..., Any]] = {
        "GatherV2": lambda table, at, axis: np.take(table, at, axis=int(axis)),
        "Cumsum": lambda x, axis: np.cumsum(x, axis=int(axis)),
        "PadV2": lambda x, sizes, value: np.pad(x, sizes, constant_values=value),
        "Slice": lambda x, begin, _: x[tuple(slice(start, None) for start in begin)],
        "ExpandDims": lambda x, axis: np.expand_dims(x, int(axis)),
        "Sub": np.subtract,
        "Abs": np.abs,
        "Less": np.less,
        "Cast": lambda x: x.astype(np.float32),
        "Mul": np.multiply,
        "AddN": lambda *xs: np.sum(xs, axis=0),
        "Minimum": np.minimum,
        "Maximum": np.maximum,
        "Reshape": np.reshape,
        "BatchMatMul": np.matmul,
        "ConcatV2": lambda *xs: np.concatenate(xs[:-1], axis=int(xs[-1])),
    }
    values = dict(given)
    for made in graph.node:
        if not made.name.startswith(OURS):
            continue
        attributes = {attribute.key: attribute.value for attribute in made.attr}
        if made.op == "Const":
            tensor = attributes["value"].tensor
            kind = {FLOAT: "<f4", INT32: "<i4"}[attributes["dtype"].type]
            assert tensor.dtype == attributes["dtype"].type
            values[made.name] = np.frombuffer(tensor.tensor_content, kind).reshape(
                [dim.size for dim in tensor.tensor_shape.dim]
            )
            continue
        if "N" in attributes:
            assert attributes["N"].i == len(made.input) - (made.op == "ConcatV2")
        values[made.name] = operators[made.op](*(values[source] for source in made.input))
    return values

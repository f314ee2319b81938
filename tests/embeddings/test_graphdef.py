"""The modules that protoc made of graphdef.proto."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.embeddings.graphdef_pb2 import AttrValue, GraphDef, NodeDef
from tests.support.paths import REPOSITORY

PROTO = "alabtrain/embeddings/graphdef.proto"
PYTHON = REPOSITORY / PROTO.replace(".proto", "_pb2.py")


@pytest.mark.parametrize("kind", ["py", "pyi"])
def test_they_are_what_the_proto_gives(kind: str, tmp_path: Path) -> None:
    protoc = Path(sys.executable).parent / "protoc"
    options = ["-I.", f"--python_out={tmp_path}", f"--pyi_out={tmp_path}", PROTO]
    subprocess.run([protoc, *options], cwd=REPOSITORY, check=True)
    file = PYTHON.with_suffix(f".{kind}")
    made = (tmp_path / file.relative_to(REPOSITORY)).read_text(encoding="utf-8")
    assert file.read_text(encoding="utf-8") == made, "run `make protos`"


def test_the_oldest_protobuf_that_is_allowed_takes_them() -> None:
    written_for = re.search(r"Protobuf Python Version: (\S+)", PYTHON.read_text(encoding="utf-8"))
    oldest = re.search(r'"protobuf>=([\d.]+),', (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    assert written_for is not None
    assert oldest is not None
    assert written_for[1] == oldest[1]


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(-(2**63), 2**63 - 1)), max_size=5), st.binary(max_size=300))
def test_entries_keep_their_order_and_what_is_not_declared_stays(entries: list[tuple[str, int]], unread: bytes) -> None:
    unknown = b"\xfa\x01" + _varint(len(unread)) + unread  # field 31, bytes
    node = NodeDef(name="n", attr=[NodeDef.AttrEntry(key=key, value=AttrValue(i=i)) for key, i in entries])
    content = node.SerializeToString() + unknown
    graph = GraphDef.FromString(b"\x0a" + _varint(len(content)) + content + unknown)
    (read,) = graph.node
    assert [(entry.key, entry.value.i) for entry in read.attr] == entries
    read.name = "m"
    again = GraphDef.FromString(graph.SerializeToString(deterministic=True))
    assert [(entry.key, entry.value.i) for entry in again.node[0].attr] == entries
    assert again.SerializeToString().count(unknown) >= 2


def _varint(number: int) -> bytes:
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + _varint(rest) if rest else bytes([low])

"""The messages of TensorFlow's graphs that are read or changed here, without TensorFlow.

Its files are protocol buffers, of which only the messages that are touched are declared (numbers of fields after
https://github.com/tensorflow/tensorflow/tree/v2.7.0/tensorflow/core); protobuf carries all other fields through unread.
"""

from __future__ import annotations

from functools import cache
from typing import Any

# Message -> field -> (number, type, repeated); a map is wire-compatible with a repeated entry of key and value.
MESSAGES: dict[str, dict[str, tuple[int, str, bool]]] = {
    "Dim": {"size": (1, "int64", False)},
    "Shape": {"dim": (2, "Dim", True)},
    "Tensor": {"dtype": (1, "int32", False), "shape": (2, "Shape", False), "content": (4, "bytes", False)},
    "Value": {
        "i": (3, "int64", False),
        "b": (5, "bool", False),
        "type": (6, "int32", False),
        "shape": (7, "Shape", False),
        "tensor": (8, "Tensor", False),
    },
    "Attribute": {"key": (1, "string", False), "value": (2, "Value", False)},
    "Node": {
        "name": (1, "string", False),
        "op": (2, "string", False),
        "input": (3, "string", True),
        "attr": (5, "Attribute", True),
    },
    "Graph": {"node": (1, "Node", True)},
    "TensorInfo": {"name": (1, "string", False)},
    "Output": {"key": (1, "string", False), "value": (2, "TensorInfo", False)},
    "Signature": {"outputs": (2, "Output", True)},
    "NamedSignature": {"key": (1, "string", False), "value": (2, "Signature", False)},
    "MetaGraph": {"graph_def": (2, "Graph", False), "signature_def": (5, "NamedSignature", True)},
    "SavedModel": {"meta_graphs": (2, "MetaGraph", True)},
}


@cache
def message(name: str) -> Any:
    """Return the class of a message of `MESSAGES`."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="alabtrain_graph.proto", package="alabtrain", syntax="proto2")
    for declaring, fields in MESSAGES.items():
        declared = file.message_type.add(name=declaring)
        for field, (number, kind, repeated) in fields.items():
            label = kinds.LABEL_REPEATED if repeated else kinds.LABEL_OPTIONAL
            if kind in MESSAGES:
                declared.field.add(
                    name=field, number=number, label=label, type=kinds.TYPE_MESSAGE, type_name=f".alabtrain.{kind}"
                )
            else:
                declared.field.add(
                    name=field, number=number, label=label, type=kinds.Type.Value(f"TYPE_{kind.upper()}")
                )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"alabtrain.{name}"))

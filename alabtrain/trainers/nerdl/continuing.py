"""Continue the training of a NerDL network from its weights.

The open NerDLApproach of Spark NLP 5.5.3 has no parameter for that (`setPretrainedModelPath` is one of the licensed
MedicalNerApproach), and starts each training from the graph's own initial values. So it gets a copy of the graph with
the weights as initial values: with a learning rate of 0, the new model would predict the same as the trained one.

The network identifies tags and characters by number, and each training numbers them anew, so their rows are moved. A
new character starts with the weights for unknown characters, a new tag with those of an unused tag.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING

from alabtrain.core.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alabtrain.embeddings.graphdef_pb2 import GraphDef

    Weights = NDArray[np.float32]

VARIABLES = ("VariableV2", "VarHandleOp")
ASSIGNMENTS = ("Assign", "AssignVariableOp")
OPTIMIZER = "training"  # prefix of the optimizer's variables, which start anew
FLOAT = 1  # TensorFlow's number for the type
# The axes of a variable that are indexed by tags, and those indexed by characters.
TAGS = {"context_repr/W": (1,), "context_repr/b": (0,), "inference/transition_params": (0, 1)}
CHARACTERS = {"char_repr_cnn/char_embeddings": (0,), "char_repr_lstm/char_embeddings": (0,)}


@dataclass(frozen=True, slots=True)
class Numbering:
    """The numbering of a network: `tags` from 0, `characters` (UTF-16 units) from 1; 0 is an unknown character."""

    tags: tuple[str, ...]
    characters: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Network:
    """A trained network: its weights by variable name, and its numbering."""

    numbering: Numbering
    weights: Mapping[str, Weights]


def variables(graph: GraphDef) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a graph's variables by name, without those of the optimizer."""
    return {
        node.name: tuple(dim.size for dim in attribute.value.shape.dim)
        for node in graph.node
        if node.op in VARIABLES and not node.name.startswith(OPTIMIZER)
        for attribute in node.attr
        if attribute.key == "shape"
    }


def start_from(graph: GraphDef, network: Network, numbering: Numbering) -> None:
    """Set a network's weights as the initial values of a graph that is trained with another numbering.

    A graph that is too small for the tags or characters stays unchanged, as the engine will not choose it. Raises
    `UsageError` if the network has another architecture.
    """
    shapes = variables(graph)
    if not _has_room(shapes, numbering):
        return
    initial = {name: _moved(name, shape, network, numbering) for name, shape in shapes.items()}
    assigned = set()
    for node in list(graph.node):
        # Assignments that restore a saved network have other names than those that initialize one.
        if node.op in ASSIGNMENTS and node.name == f"{node.input[0]}/Assign" and node.input[0] in initial:
            node.input[1] = _constant(graph, node.input[0], initial[node.input[0]])
            assigned.add(node.input[0])
    if assigned != set(shapes) or not shapes:
        raise _other_network("the graphs of this Spark NLP version are built differently")


def _has_room(shapes: Mapping[str, tuple[int, ...]], numbering: Numbering) -> bool:
    tags = all(
        shapes[name][axis] >= len(numbering.tags) for name, axes in TAGS.items() if name in shapes for axis in axes
    )
    return tags and all(shapes[name][0] > len(numbering.characters) for name in CHARACTERS if name in shapes)


def _moved(name: str, shape: tuple[int, ...], network: Network, numbering: Numbering) -> Weights:
    """Return the weights of one variable in a new shape and numbering."""
    import numpy as np

    if name not in network.weights:
        raise _other_network(f"it has no {name}")
    weights = network.weights[name]
    if weights.ndim != len(shape):
        raise _other_network(f"its {name} has another shape")
    for axis in TAGS.get(name, ()):
        rows = tag_rows(network.numbering.tags, numbering.tags, weights.shape[axis], shape[axis])
        spare = [(0, 1 if other == axis else 0) for other in range(weights.ndim)]
        weights = np.take(np.pad(weights, spare), rows, axis=axis)
    for axis in CHARACTERS.get(name, ()):
        rows = character_rows(network.numbering.characters, numbering.characters, shape[axis])
        weights = np.take(weights, rows, axis=axis)
    if weights.shape != shape:
        raise _other_network(f"its {name} has another shape")
    return weights


def tag_rows(old: Sequence[str], new: Sequence[str], old_size: int, new_size: int) -> list[int]:
    """Return for each tag number of the new network, used or not, the row of the old network to start from.

    New tags and unused numbers start from unused rows of the old network, which has learned that these tags do not
    occur. If there are none, they start from `old_size`, the row of zeros behind the last one.
    """
    known = {tag: number for number, tag in enumerate(old)}
    spare = cycle(range(len(old), old_size) or (old_size,))
    tags = [*new, *[""] * (new_size - len(new))]
    return [known[tag] if tag in known else next(spare) for tag in tags]


def character_rows(old: Sequence[int], new: Sequence[int], new_size: int) -> list[int]:
    """Return for each character number of the new network the row of the old network to start from."""
    known = {character: number for number, character in enumerate(old, 1)}
    rows = [0, *(known.get(character, 0) for character in new)]
    return [*rows, *[0] * (new_size - len(rows))]


def _constant(graph: GraphDef, name: str, value: Weights) -> str:
    node = graph.node.add(name=f"alabtrain/{name}", op="Const")
    node.attr.add(key="dtype", value={"type": FLOAT})
    shape = {"dim": [{"size": size} for size in value.shape]}
    tensor = {"dtype": FLOAT, "tensor_shape": shape, "tensor_content": value.astype("<f4").tobytes()}
    node.attr.add(key="value", value={"tensor": tensor})
    return node.name


def _other_network(reason: str) -> UsageError:
    return UsageError(
        f"the training of this model's network cannot be continued: {reason}",
        hint="continue a model that alabtrain or this version of Spark NLP trained",
    )

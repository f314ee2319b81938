"""NerDL's graph with the weights of another network as its initial values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.core.errors import UsageError
from alabtrain.embeddings.graphdef_pb2 import GraphDef
from alabtrain.trainers.nerdl.continuing import Network, Numbering, character_places, start_from, tag_places, variables

UNITS = st.lists(st.integers(0, 0xFFFF), unique=True, max_size=8)
NAMES = st.lists(st.text("abcdef", min_size=1, max_size=2), unique=True, max_size=8)


def graph(shapes: dict[str, tuple[int, ...]]) -> Any:
    """Return a graph with variables of both kinds, as TensorFlow writes them, and an optimizer's."""
    made = GraphDef()
    for number, (name, shape) in enumerate({**shapes, "training/W/Adam": (2,)}.items()):
        kind, assign = (("VariableV2", "Assign"), ("VarHandleOp", "AssignVariableOp"))[number % 2]
        node = made.node.add(name=name, op=kind)
        node.attr.add(key="shape", value={"shape": {"dim": [{"size": size} for size in shape]}})
        made.node.add(name=f"{name}/Assign", op=assign, input=[name, f"{name}/Initializer/zeros"])
        made.node.add(name=f"save/{number}", op=assign, input=[name, "save/RestoreV2"])
    return made


def initial_values(made: Any) -> dict[str, Any]:
    """Return the values that a graph's variables begin with, where they are constants."""
    import numpy as np

    constants = {}
    for node in made.node:
        for attribute in node.attr:
            if node.op == "Const" and attribute.key == "value":
                tensor = attribute.value.tensor
                shape = [dim.size for dim in tensor.tensor_shape.dim]
                constants[node.name] = np.frombuffer(tensor.tensor_content, "<f4").reshape(shape)
    return {
        node.input[0]: constants[node.input[1]]
        for node in made.node
        if node.op.startswith("Assign") and node.input[1] in constants
    }


NUMBERS = {
    "context_repr/b": [1, 2, 3, 9],
    "inference/transition_params": [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11], [12, 13, 14, 15]],
    "char_repr_cnn/char_embeddings": [[0, 0], [1, 1], [2, 2], [7, 7]],
    "b": [5, 6],
}
SHAPES: dict[str, tuple[int, ...]] = {
    "context_repr/b": (4,), "inference/transition_params": (4, 4), "char_repr_cnn/char_embeddings": (4, 2), "b": (2,),
}  # fmt: skip
SMALL = Numbering(("O", "B-Drug", "I-Drug"), (97, 98))


def network(numbering: Numbering = SMALL) -> Network:
    import numpy as np

    return Network(numbering, {name: np.array(numbers, dtype=np.float32) for name, numbers in NUMBERS.items()})


def test_weights_of_the_same_numbering_stay_as_they_are() -> None:
    made = graph(SHAPES)
    start_from(made, network(), SMALL)
    found = initial_values(made)
    assert set(found) == set(SHAPES)
    for name in ("context_repr/b", "inference/transition_params", "b"):
        assert found[name].tolist() == NUMBERS[name]
    assert found["char_repr_cnn/char_embeddings"].tolist() == [[0, 0], [1, 1], [2, 2], [0, 0]]


def test_rows_follow_their_tags_and_characters_into_a_larger_graph() -> None:
    made = graph({**SHAPES, "context_repr/b": (5,), "inference/transition_params": (5, 5)})
    start_from(made, network(), Numbering(("O", "B-Dose", "I-Drug", "B-Drug"), (122, 98)))
    found = initial_values(made)
    # Dose and the unused number begin from the number that stood for nothing.
    assert found["context_repr/b"].tolist() == [1, 9, 3, 2, 9]
    assert found["inference/transition_params"][3].tolist() == [4, 7, 6, 5, 7]
    assert found["char_repr_cnn/char_embeddings"].tolist() == [[0, 0], [0, 0], [2, 2], [0, 0]]


def test_a_network_without_a_number_to_spare_gives_new_tags_nothing_learned() -> None:
    full = network(Numbering(("O", "B-Drug", "I-Drug", "B-Dose"), (97, 98)))
    made = graph({**SHAPES, "context_repr/b": (6,), "inference/transition_params": (6, 6)})
    start_from(made, full, Numbering(("O", "B-New"), ()))
    assert initial_values(made)["context_repr/b"].tolist() == [1, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    "numbering",
    [Numbering(("O", "B-A", "I-A", "B-B", "I-B"), (97,)), Numbering(("O", "B-A"), (97, 98, 99, 100))],
)
def test_a_graph_without_room_for_the_numbering_stays_as_it_is(numbering: Numbering) -> None:
    made = graph(SHAPES)
    start_from(made, network(), numbering)
    assert initial_values(made) == {}


def test_what_restores_a_saved_network_and_the_optimizer_stay() -> None:
    made = graph(SHAPES)
    assert "training/W/Adam" not in variables(made)
    start_from(made, network(), SMALL)
    inputs = {node.name: list(node.input) for node in made.node}
    assert inputs["training/W/Adam/Assign"][1] == "training/W/Adam/Initializer/zeros"
    assert all(inputs[name][1] == "save/RestoreV2" for name in inputs if name.startswith("save/"))


@pytest.mark.parametrize(
    "shapes", [{**SHAPES, "b": (3,)}, {**SHAPES, "b": (2, 1)}, {**SHAPES, "context_repr/lstm-0/bias": (4,)}, {}]
)
def test_another_architecture_is_refused(shapes: dict[str, tuple[int, ...]]) -> None:
    with pytest.raises(UsageError, match="cannot be continued"):
        start_from(graph(shapes), network(), SMALL)


@given(old=NAMES, new=NAMES, spare=st.integers(0, 3), room=st.integers(0, 3))
def test_each_known_tag_begins_from_itself_and_no_other_does(
    old: list[str], new: list[str], spare: int, room: int
) -> None:
    old_size, new_size = len(old) + spare, len(new) + room
    places = tag_places(old, new, old_size, new_size)
    assert len(places) == new_size
    for tag, place in zip(new, places, strict=False):
        assert (place < len(old) and old[place] == tag) if tag in old else place >= len(old)
    assert all(len(old) <= place <= old_size for place in places[len(new) :])


@given(old=UNITS, new=UNITS, room=st.integers(0, 3))
def test_each_known_character_begins_from_itself_and_others_from_the_unknown_one(
    old: list[int], new: list[int], room: int
) -> None:
    places = character_places(old, new, len(new) + 1 + room)
    assert len(places) == len(new) + 1 + room
    assert [old[place - 1] if place else None for place in places[1:]] == [
        *(character if character in old else None for character in new), *[None] * room,
    ]  # fmt: skip

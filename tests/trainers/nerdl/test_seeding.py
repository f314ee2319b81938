"""NerDL's graphs with the run's seed in them."""

from __future__ import annotations

from alabtrain.embeddings.graphdef_pb2 import GraphDef
from alabtrain.trainers.nerdl.graph_files import changed
from alabtrain.trainers.nerdl.limits import graph_names
from alabtrain.trainers.nerdl.seeding import seed_randomness

RANDOM = ("weights", "dropout")
SHAPED = b"\x12\x07unread!"  # field 2 of a node is its operation; of a graph, its library, which is not declared


def seeded(content: bytes, seed: int) -> bytes:
    return changed(content, [lambda parsed: seed_randomness(parsed, seed)])


def graph() -> bytes:
    made = GraphDef()
    for name in RANDOM:
        node = made.node.add(name=name, op="RandomUniform", input=["shape"])
        node.attr.add(key="dtype", value={"type": 1})
        for key in ("seed2", "seed"):
            node.attr.add(key=key, value={"i": 0})
    made.node.add(name="shape", op="Const").attr.add(key="dtype", value={"type": 3})
    return bytes(made.SerializeToString()) + SHAPED


def seeds(content: bytes) -> dict[str, dict[str, int]]:
    made = GraphDef.FromString(content)
    return {n.name: {a.key: a.value.i for a in n.attr if a.key.startswith("seed")} for n in made.node}


def test_each_random_operation_gets_a_sequence_of_its_own() -> None:
    assert seeds(seeded(graph(), 7)) == {
        "weights": {"seed2": 1, "seed": 7}, "dropout": {"seed2": 2, "seed": 7}, "shape": {},
    }  # fmt: skip


def test_no_seed_means_what_tensorflow_takes_for_none() -> None:
    for pair in seeds(seeded(graph(), 0)).values():
        assert set(pair.values()) != {0}


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    assert seeded(graph(), 1) == seeded(graph(), 1)
    assert seeded(graph(), 1) != seeded(graph(), 2)


def test_everything_else_stays() -> None:
    before, after = GraphDef(), GraphDef()
    before.ParseFromString(graph())
    after.ParseFromString(seeded(graph(), 7))
    for made in (before, after):
        for node in made.node:
            for attribute in node.attr:
                if attribute.key.startswith("seed"):
                    attribute.value.ClearField("i")
    assert before.SerializeToString(deterministic=True) == after.SerializeToString(deterministic=True)
    assert SHAPED in seeded(graph(), 7)


def test_the_names_of_the_graphs() -> None:
    assert graph_names(768) == ("blstm_10_768_128_120.pb", "blstm_38_768_128_200.pb")
    assert graph_names(128) == ("blstm_10_128_128_120.pb", "blstm_38_128_128_120.pb")

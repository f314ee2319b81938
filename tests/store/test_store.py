"""The model store: models by name, whole or not there."""

from __future__ import annotations

import json
import shutil
import stat
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from alabtrain.cli import run
from alabtrain.core.errors import InputError, SetupError, UsageError
from alabtrain.core.locks import held
from alabtrain.store.archives import hub_facts, name_of, package_name, unpacked, write_package
from alabtrain.store.entries import StoredModel, plain_name, read_entry
from alabtrain.store.filling import ready_to_store
from alabtrain.store.store import LOCK, LocalStore, is_remote

ENTRY = StoredModel(
    "ner_clinic_annotation_manual", "ner", ("Problem", "Test"), lang="en", embeddings="minilm", source="manual",
    trained="2026-11-24T04:14:58Z", project="clinic", f1=0.85, versions={"spark-nlp": "5.5.3"},
)  # fmt: skip


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder as Spark writes one."""
    folder = tmp_path / "model"
    (folder / "metadata").mkdir(parents=True)
    content = json.dumps({"class": "org.apache.spark.ml.PipelineModel"})
    (folder / "metadata" / "part-00000").write_text(content, encoding="utf-8")
    (folder / "stages" / "0_a").mkdir(parents=True)
    (folder / "stages" / "0_a" / "weights").write_bytes(b"one")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "models")


def names(store: LocalStore) -> list[str]:
    """Return what is in the folder of a store, beside its lock."""
    return sorted(path.name for path in store.folder.iterdir() if path.name != LOCK)


def test_what_goes_in_is_found_by_name_with_and_without_the_suffix_of_a_config(store: LocalStore, model: Path) -> None:
    assert store.entries() == []
    store.add(ENTRY, model, b"# card")
    assert store.entries() == [ENTRY]
    assert store.find(ENTRY.name) == store.find(f"{ENTRY.name}.model") == ENTRY
    assert store.location(ENTRY.name) == (store.folder / ENTRY.name / "model").as_uri()
    assert store.card(ENTRY.name) == b"# card"
    assert store.find("another") is None


def test_a_model_of_the_same_name_is_replaced_as_a_whole(store: LocalStore, model: Path) -> None:
    store.add(ENTRY, model, b"old")
    (model / "stages" / "0_a" / "weights").write_bytes(b"two")
    store.add(StoredModel(ENTRY.name, "ner", ("Drug",)), model)
    (entry,) = store.entries()
    assert entry.labels == ("Drug",)
    assert (store.folder / ENTRY.name / "model" / "stages" / "0_a" / "weights").read_bytes() == b"two"
    assert names(store) == [ENTRY.name]


def test_when_a_copy_fails_the_old_model_stays(store: LocalStore, model: Path) -> None:
    store.add(ENTRY, model)
    with pytest.raises(SetupError):
        store.add(StoredModel(ENTRY.name, "ner"), model / "missing")
    assert store.entries() == [ENTRY]
    assert names(store) == [ENTRY.name]


def test_what_a_killed_copy_left_is_no_model(store: LocalStore, model: Path) -> None:
    store.add(ENTRY, model)
    (store.folder / f".{ENTRY.name}.0a1b" / "model").mkdir(parents=True)
    (store.folder / "half").mkdir()
    assert store.entries() == [ENTRY]


def test_removing_needs_a_model(store: LocalStore, model: Path) -> None:
    store.add(ENTRY, model)
    store.remove(ENTRY.name)
    assert names(store) == []
    with pytest.raises(UsageError, match="no model"):
        store.remove(ENTRY.name)


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a b", "x" * 201])
def test_what_can_be_no_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        plain_name(name)


def test_a_model_that_was_killed_between_its_two_names_is_found_again(store: LocalStore, model: Path) -> None:
    store.add(ENTRY, model)
    (store.folder / ENTRY.name).rename(store.folder / f".{ENTRY.name}.0a1b2c")
    assert store.find(ENTRY.name) == ENTRY
    assert store.entries() == [ENTRY]


def test_what_a_removal_left_half_done_is_no_model(
    store: LocalStore, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rmtree = shutil.rmtree

    def killed(path: Path) -> None:
        rmtree(path / "model")  # in whatever order the file system has
        raise SystemExit(137)

    store.add(ENTRY, model)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", killed)
        with pytest.raises(SystemExit):
            store.remove(ENTRY.name)
    assert store.entries() == []
    assert store.find(ENTRY.name) is None


def test_an_old_copy_does_not_come_back_in_place_of_a_removed_model(store: LocalStore, model: Path) -> None:
    store.add(replace(ENTRY, f1=0.1), model)
    old = (store.folder / ENTRY.name).rename(store.folder / f".{ENTRY.name}.0a1b2c")  # killed before it was deleted
    shutil.copytree(old, store.folder / ENTRY.name)
    store.remove(ENTRY.name)
    assert store.find(ENTRY.name) is None
    assert names(store) == []


def test_a_model_that_is_just_being_added_is_not_put_back(store: LocalStore, model: Path) -> None:
    store.add(ENTRY, model)
    (store.folder / ENTRY.name).rename(store.folder / f".{ENTRY.name}.0a1b2c")
    with held(store.folder / LOCK, wait=False) as alone:
        assert alone
        assert store.entries() == []
    assert store.entries() == [ENTRY]


def test_one_broken_record_does_not_hide_the_other_models(store: LocalStore, model: Path) -> None:
    store.add(ENTRY, model)
    (store.folder / "another").mkdir()
    (store.folder / "another" / "model.json").write_text('{"name": "another", "type": "ner", "trained": 5}')
    assert [(entry.name, entry.type) for entry in store.entries()] == [("another", "broken"), (ENTRY.name, "ner")]


def test_models_of_other_projects_are_told_before_they_are_replaced(store: LocalStore, model: Path) -> None:
    store.add(ENTRY, model)
    assert ready_to_store(store, [ENTRY.name, "new"], "clinic") == []
    (finding,) = ready_to_store(store, [ENTRY.name], "other.zip")
    assert finding.code == "model_replaced"
    assert finding.examples == (f"{ENTRY.name} (of clinic)",)
    with pytest.raises(UsageError):
        ready_to_store(store, ["x" * 201], "clinic")


def test_a_store_that_cannot_be_written_is_told_before_a_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SetupError):
        LocalStore(tmp_path / "file" / "models").require_writable()


def test_what_the_hub_puts_behind_a_name_is_told() -> None:
    assert hub_facts(Path("ner_dl_bert_de_5.5.3_3.4_1700000000000.zip")) == ("de", "2023-11-14T22:13:20Z")
    assert hub_facts(Path("ner_v1.2")) == (None, None)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ner_v1.2", "ner_v1.2"),
        ("ner_v1.2.zip", "ner_v1.2"),
        ("ner_dl_bert_en_5.5.3_3.4_1700000000000.zip", "ner_dl_bert"),
    ],
)
def test_the_name_of_a_file_is_that_of_its_model(name: str, expected: str) -> None:
    assert name_of(Path(name)) == expected


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"name": "x"}', b'{"name": "x", "type": "ner", "labels": [1]}'])
def test_a_broken_record_is_told_with_its_place(content: bytes) -> None:
    with pytest.raises(InputError, match=r"there/model\.json"):
        read_entry(content, "there/model.json")


def test_only_other_file_systems_are_remote() -> None:
    assert is_remote("hdfs://host/models")
    assert is_remote("s3a://bucket/models")
    assert not is_remote("/models")
    assert not is_remote("file:///models")


def test_a_package_has_the_form_of_the_hub_and_comes_in_again(model: Path, tmp_path: Path) -> None:
    name = package_name(ENTRY)
    assert name == "ner_clinic_annotation_manual_en_5.5.3_3.5_1795493698000.zip"
    assert "_xx_" in package_name(replace(ENTRY, lang="/../../x"))
    write_package(ENTRY, model, b"# card", tmp_path / name)
    with zipfile.ZipFile(tmp_path / name) as archive:
        assert {"metadata/part-00000", "stages/0_a/weights", "model.json", "README.md"} == set(archive.namelist())
    with unpacked(tmp_path / name) as folder:
        assert (folder / "stages" / "0_a" / "weights").read_bytes() == b"one"
        assert read_entry((folder / "model.json").read_bytes(), "") == ENTRY
    assert not folder.exists()


@pytest.mark.parametrize("name", ["../out", "/out", "a/../../out", "C:/out", "..\\out"])
def test_a_zip_that_reaches_outside_is_refused(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr("metadata/part-00000", "{}")
        archive.writestr(name, "x")
    with pytest.raises(InputError, match="leads out of it"), unpacked(tmp_path / "m.zip"):
        pass
    assert not (tmp_path / "out").exists()


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("metadata/part-00000")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(InputError, match="leads out of it"), unpacked(tmp_path / "m.zip"):
        pass


def test_what_is_no_zip_and_no_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "m.zip").write_bytes(b"PK nothing")
    with pytest.raises(InputError, match="damaged"), unpacked(tmp_path / "m.zip"):
        pass
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no saved Spark NLP model"), unpacked(tmp_path / "empty"):
        pass
    with pytest.raises(UsageError, match="no such file"), unpacked(tmp_path / "missing.zip"):
        pass


def test_the_command_lists_shows_packages_and_removes(
    store: LocalStore, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--models", str(store.folder)]
    assert run(["models", *place]) == 0
    assert "no models in" in capsys.readouterr().err
    store.add(ENTRY, model, b"# card")
    assert run(["models", *place, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["models"][0]["name"] == ENTRY.name
    assert run(["models", *place]) == 0
    assert "0.850" in capsys.readouterr().out
    assert run(["models", *place, "remove", ENTRY.name]) == 2  # else it would go to the user's own store
    assert "options stand behind" in capsys.readouterr().err
    assert run(["models", "show", ENTRY.name, *place]) == 0
    assert "minilm" in capsys.readouterr().out
    assert run(["models", "package", ENTRY.name, *place, "--output", str(tmp_path)]) == 0
    assert Path(capsys.readouterr().out.strip()) == tmp_path / package_name(ENTRY)
    assert run(["models", "remove", ENTRY.name, *place]) == 0
    assert run(["models", "show", ENTRY.name, *place]) == 2
    assert store.entries() == []

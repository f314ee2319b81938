from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alabtrain.core.errors import InputError, SetupError, UsageError
from alabtrain.labeling.config import parse_config
from alabtrain.labeling.patch import TrainedModel
from alabtrain.labeling.rewrite import replace_file, replace_members
from alabtrain.project.manifest import patch_manifest
from alabtrain.project.project import open_project
from alabtrain.workflows.deploy import deploy
from tests.support import builders as b

NER = TrainedModel("spans", "ner_notes_annotation_manual", ("Symptom", "Remedy"))
PATCHED = b.CONFIG.replace('"Symptom"', f'"Symptom" model="{NER.name}"').replace(
    '"Remedy"', f'"Remedy" model="{NER.name}"'
)
TOLD = ("filename", "date_time", "compress_type", "comment", "extra", "create_system", "create_version",
        "extract_version", "flag_bits", "internal_attr", "external_attr", "CRC", "file_size")  # fmt: skip


def told(path: Path) -> dict[str, tuple[Any, ...]]:
    """Return what a zip says of each member, and what is in it."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {i.filename: (*(getattr(i, n) for n in TOLD), archive.read(i)) for i in archive.infolist()}


def in_place(path: Path, **options: Any) -> Any:
    return deploy(open_project(path, **options), [NER], out=None, in_place=True, dry_run=False)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def temporary(folder: Path) -> list[str]:
    return [name for name in names(folder) if name.endswith(".tmp")]


def odd_zip(path: Path) -> Path:
    """Write a project zip with every way of packing, folders, comments, extra fields and names."""
    files = b.members(b.team_tasks())
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = b"packed by hand"
        archive.writestr("notes/", b"")
        for number, (name, content) in enumerate(files.items()):
            info = zipfile.ZipInfo(f"notes/{name}", (1999 + number, 12, 31, 23, 58, 58))
            info.compress_type = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2][number]
            info.external_attr = 0o640 << 16
            archive.writestr(info, content)
        for name, method in (("images/ä_0.png", zipfile.ZIP_LZMA), ("images/b.png", zipfile.ZIP_STORED)):
            info = zipfile.ZipInfo(f"notes/{name}", (2020, 2, 29, 1, 2, 4))
            info.compress_type = method
            info.comment = b"a comment"
            info.extra = b"\x99\x99\x02\x00ab"
            archive.writestr(info, bytes(range(256)) * 40)
        # Written as a stream: sizes follow the data.
        with archive.open("notes/stream.bin", "w", force_zip64=False) as stream:
            stream.write(b"x" * 10_000)
    return path


def test_a_zip_changes_in_its_config_alone(tmp_path: Path) -> None:
    path = odd_zip(tmp_path / "p.zip")
    path.chmod(0o640)
    before, original = told(path), path.read_bytes()
    done = in_place(path)
    after = told(path)
    assert list(after) == list(before)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"notes/config.xml", "notes/project.json"}
    assert after["notes/config.xml"][-1] == PATCHED.encode()
    assert json.loads(after["notes/project.json"][-1])["label_config"] == PATCHED
    with zipfile.ZipFile(path) as archive:
        assert archive.comment == b"packed by hand"
        assert archive.getinfo("notes/config.xml").date_time == before["notes/config.xml"][1]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert (done.written, done.backup.read_bytes()) == (path, original)
    assert temporary(tmp_path) == []
    assert open_project(path).findings == []


def test_the_second_time_nothing_is_written(tmp_path: Path) -> None:
    path = b.write_project(tmp_path / "p.zip", b.team_tasks())
    in_place(path)
    after = path.read_bytes()
    again = in_place(path)
    assert (again.changed, again.written, again.backup, again.diff) == ((), None, None, "")
    assert path.read_bytes() == after
    assert len(list(tmp_path.iterdir())) == 2


def test_two_deployments_in_a_second_keep_two_backups(tmp_path: Path) -> None:
    path = b.write_project(tmp_path / "p.zip", b.team_tasks())
    first, original = in_place(path), b.CONFIG
    other = TrainedModel("spans", "other", NER.labels)
    second = deploy(open_project(path), [other], out=None, in_place=True, dry_run=False)
    assert first.backup != second.backup
    assert told(first.backup)["config.xml"][-1] == original.encode()
    assert told(second.backup)["config.xml"][-1] == PATCHED.encode()


def test_a_folder_changes_in_its_config_and_project_json(tmp_path: Path) -> None:
    folder = b.write_folder(tmp_path / "p", b.members(b.team_tasks()))
    tasks = (folder / "result.json").read_bytes()
    done = in_place(folder)
    assert (folder / "config.xml").read_text() == PATCHED
    assert json.loads((folder / "project.json").read_bytes())["label_config"] == PATCHED
    assert (folder / "result.json").read_bytes() == tasks
    assert done.written == folder / "config.xml"
    assert done.backup.read_text() == b.CONFIG
    # The backups must not be taken for a second config or a second project.
    assert open_project(folder).config is not None


def test_a_config_in_project_json_only(tmp_path: Path) -> None:
    files = b.members(b.team_tasks())
    del files["config.xml"]
    zipped = b.write_zip(tmp_path / "p.zip", files)
    folder = b.write_folder(tmp_path / "p", files)
    for path in (zipped, folder):
        in_place(path)
        config = open_project(path).config
        assert config is not None
        assert config.source.decode() == PATCHED


def test_another_config_in_project_json_stays(tmp_path: Path) -> None:
    files = b.members(b.team_tasks())
    files["project.json"] = b.manifest("ann", config=b.CONFIG.replace("Remedy", "Cure"))
    path = b.write_zip(tmp_path / "p.zip", files)
    in_place(path)
    assert told(path)["project.json"][-1] == files["project.json"]
    assert told(path)["config.xml"][-1] == PATCHED.encode()


def test_a_config_beside_the_project(tmp_path: Path) -> None:
    export = b.write_json(tmp_path / "tasks.json", b.team_tasks())
    config = tmp_path / "mine.xml"
    config.write_text(b.CONFIG)
    tasks = export.read_bytes()
    done = in_place(export, config=config)
    assert (config.read_text(), export.read_bytes()) == (PATCHED, tasks)
    assert (done.written, done.backup.read_text()) == (config, b.CONFIG)


def test_a_config_given_for_a_zip_leaves_the_zip_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    zipped = b.write_project(Path("p.zip"), b.team_tasks())
    before = zipped.read_bytes()
    Path("config.xml").write_text(b.CONFIG)  # the same name as the member's
    done = in_place(zipped, config=Path("config.xml"))
    assert done.written == Path("config.xml")
    assert Path("config.xml").read_text() == PATCHED
    assert zipped.read_bytes() == before


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = b.write_project(tmp_path / "real.zip", b.team_tasks())
    link = tmp_path / "link.zip"
    link.symlink_to(real)
    in_place(link)
    assert link.is_symlink()
    assert told(real)["config.xml"][-1] == PATCHED.encode()


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    path = b.write_project(tmp_path / "p.zip", b.team_tasks())
    before = path.read_bytes()
    done = deploy(open_project(path), [NER], out=tmp_path / "new.xml", in_place=True, dry_run=True)
    assert (done.written, done.backup, len(done.changed)) == (None, None, 2)
    assert '+    <Label value="Symptom" model=' in done.diff
    assert names(tmp_path) == ["p.zip"]
    assert path.read_bytes() == before


def test_out_is_written_whole_and_never_over_the_project(tmp_path: Path) -> None:
    folder = b.write_folder(tmp_path / "p", b.members(b.team_tasks()))
    out = tmp_path / "out.xml"
    out.write_text("older")
    done = deploy(open_project(folder), [NER], out=out, in_place=False, dry_run=False)
    assert (out.read_text(), done.written) == (PATCHED, out)
    for name in ("config.xml", "project.json", "result.json"):
        with pytest.raises(UsageError):
            deploy(open_project(folder), [NER], out=folder / name, in_place=False, dry_run=False)
    assert (folder / "config.xml").read_text() == b.CONFIG


def test_a_refused_model_changes_nothing(tmp_path: Path) -> None:
    path = b.write_project(tmp_path / "p.zip", b.team_tasks())
    before = path.read_bytes()
    wrong = TrainedModel("statuses", "a", ("Symptom",))
    with pytest.raises(InputError):
        deploy(open_project(path), [NER, wrong], out=tmp_path / "x.xml", in_place=True, dry_run=False)
    assert path.read_bytes() == before
    assert names(tmp_path) == ["p.zip"]


def test_a_project_without_config_is_refused(tmp_path: Path) -> None:
    export = b.write_json(tmp_path / "tasks.json", b.team_tasks())
    with pytest.raises(InputError, match="no labeling config"):
        deploy(open_project(export), [NER], out=None, in_place=True, dry_run=False)


def test_a_project_that_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    path = b.write_project(tmp_path / "p.zip", b.team_tasks())
    project = open_project(path)
    assert project.config is not None
    files = b.members(b.team_tasks(), config=b.CONFIG.replace("Remedy", "Cure"))
    path.unlink()
    b.write_zip(path, files)
    with pytest.raises(InputError):
        deploy(project, [NER], out=None, in_place=True, dry_run=False)
    assert told(path)["config.xml"][-1] == files["config.xml"]


def test_a_zip_of_an_unusual_layout_is_refused_whole(tmp_path: Path) -> None:
    path = b.write_project(tmp_path / "p.zip", b.team_tasks())
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())  # a zip behind something else
    before = path.read_bytes()
    with pytest.raises(InputError) as caught:
        replace_members(path, {"config.xml": b"<View/>"})
    assert "--output" in (caught.value.hint or "")
    assert path.read_bytes() == before
    assert names(tmp_path) == ["p.zip"]


def test_a_full_disk_leaves_the_original(tmp_path: Path) -> None:
    path = b.write_project(tmp_path / "p.zip", b.team_tasks())
    before = path.read_bytes()
    code = f"""
import resource, signal
from pathlib import Path
from alabtrain.core.errors import SetupError
from alabtrain.labeling.rewrite import replace_members
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    replace_members(Path({str(path)!r}), {{"config.xml": b"<View/>"}})
except SetupError as problem:
    print(problem.code)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "disk_full\n"
    assert path.read_bytes() == before
    assert names(tmp_path) == ["p.zip"]


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = b.write_project(tmp_path / "p.zip", b.team_tasks())
    before = path.read_bytes()

    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(SetupError, match="Permission denied"):
        in_place(path)
    assert path.read_bytes() == before
    assert temporary(tmp_path) == []


def test_kill_9_at_any_moment_leaves_one_whole_project(tmp_path: Path) -> None:
    files = {**b.members(b.team_tasks()), "big.bin": os.urandom(30_000_000)}
    path = b.write_zip(tmp_path / "p.zip", files, method=zipfile.ZIP_STORED)
    new = b.CONFIG.replace("Remedy", "Cure").encode()
    code = (
        "import sys; from pathlib import Path; from alabtrain.labeling.rewrite import replace_members; print('go', flush=True)\n"
        f"replace_members(Path({str(path)!r}), {{'config.xml': {new!r}}})"
    )
    for delay in (0.0, 0.01, 0.03, 0.06):
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"go\n"
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        after = told(path)
        assert after["config.xml"][-1] in (b.CONFIG.encode(), new)
        assert after["big.bin"][-1] == files["big.bin"]


def test_replace_file_keeps_the_mode(tmp_path: Path) -> None:
    file = tmp_path / "config.xml"
    file.write_bytes(b"old")
    file.chmod(0o600)
    backup = replace_file(file, b"new")
    assert (file.read_bytes(), backup.read_bytes()) == (b"new", b"old")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert backup.name.startswith("config.xml.bak-")


@pytest.mark.parametrize(
    "source",
    [
        b.manifest("ann"),
        b.manifest("ann", description='"label_config": "not this one"'),
        json.dumps({"label_config": b.CONFIG.replace("Remedy", "Remède 😀")}, ensure_ascii=False, indent=4).encode(),
        json.dumps({"label_config": b.CONFIG.replace("Remedy", "Remède 😀")}).encode(),
        json.dumps({"old": {"label_config": b.CONFIG}, "label_config": b.CONFIG}).encode("utf-8-sig"),
        json.dumps({"label_config": b.CONFIG.replace("\n", "\r\n")}).replace("/", "\\/").encode(),
        json.dumps({"label_config": "\ufeff" + b.CONFIG}).encode(),
        json.dumps({"label_config": '<?xml version="1.0" encoding="UTF-16"?>' + b.CONFIG}).encode(),
    ],
)
def test_project_json_changes_in_model_attributes_only(source: bytes) -> None:
    model = TrainedModel("spans", 'ner_"é😀', ("Symptom",))
    after = patch_manifest(source, [model], where="project.json")
    before_text, after_text = (json.loads(s.decode("utf-8-sig")) for s in (source, after))
    parsed = parse_config(after_text["label_config"].encode(), where="c", encoding="utf-8")
    assert parsed.labels[0].model == model.name
    start = after_text["label_config"].index(" model=")
    inserted = after_text["label_config"][start : after_text["label_config"].index(" background", start)]
    assert after_text["label_config"].replace(inserted, "") == before_text["label_config"]
    # One piece was put in; what stands before and behind it is as it was.
    same = next(n for n, pair in enumerate(zip(source, after, strict=False)) if pair[0] != pair[1])
    assert after.endswith(source[same:])
    assert len(after) > len(source) > same > 0
    assert patch_manifest(after, [model], where="project.json") == after


def test_a_key_written_in_escapes_is_refused() -> None:
    source = b.manifest("ann").replace(b'"label_config"', b'"label\\u005fconfig"')
    with pytest.raises(InputError):
        patch_manifest(source, [NER], where="project.json")


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.text("abcé/._", min_size=1, max_size=8).map(lambda n: "m" + n.replace("/", "_")), st.binary(max_size=400), max_size=5),
    st.binary(max_size=300),
    st.binary(max_size=20).filter(lambda comment: b"PK" not in comment),  # Python reads no such zip
)  # fmt: skip
def test_other_members_are_copied_bit_by_bit(others: dict[str, bytes], data: bytes, comment: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "p.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.comment = comment
            for position, (member, content) in enumerate(others.items()):
                method = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)[position % 3]
                archive.writestr(member, content, method)
            archive.writestr("config.xml", b"old", zipfile.ZIP_DEFLATED)
        before = told(path)
        replace_members(path, {"config.xml": data})
        after = told(path)
        assert after.pop("config.xml")[-1] == data
        before.pop("config.xml")
        assert after == before

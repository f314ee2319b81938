"""Labeling configs that were made to do harm: each is refused with our error, quickly, nothing is read."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from alabtrain.cli import run
from alabtrain.core.errors import InputError
from alabtrain.labeling.config import parse_config
from alabtrain.labeling.markup import MAX_BYTES, MAX_DEPTH, MAX_TAGS
from alabtrain.labeling.patch import TrainedModel, patch
from alabtrain.labeling.rules import validate
from tests.support import builders as b

SECRET = "the-content-of-another-file"  # noqa: S105 - a mark
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))

REFUSED = {
    "billion laughs": f'<!DOCTYPE v [<!ENTITY l0 "ha">{LAUGHS}]><View><Header value="&l9;"/></View>'.encode(),
    "laughs in text": f'<!DOCTYPE v [<!ENTITY l0 "ha">{LAUGHS}]><View>&l9;</View>'.encode(),
    "quadratic": b'<!DOCTYPE v [<!ENTITY a "' + b"a" * 50_000 + b'">]><View>' + b"&a;" * 5_000 + b"</View>",
    "external entity": b'<!DOCTYPE v [<!ENTITY x SYSTEM "file:///etc/hostname">]><View>&x;</View>',
    "parameter entity": b'<!DOCTYPE v [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p.dtd"> %p;]><View/>',
    "external DTD": b'<!DOCTYPE View SYSTEM "http://127.0.0.1:9/v.dtd"><View/>',
    "public DTD": b'<!DOCTYPE View PUBLIC "-//X//Y" "http://127.0.0.1:9/v.dtd"><View/>',
    "harmless doctype": b"<!DOCTYPE View><View/>",
    "doctype after a comment": b"<!-- x --><?pi?>\n<!DOCTYPE View><View/>",
    "doctype in UTF-16": "<!DOCTYPE View [<!ENTITY a 'b'>]><View>&a;</View>".encode("utf-16"),
    "doctype in UTF-16 without a mark": "<!DOCTYPE View [<!ENTITY a 'b'>]><View>&a;</View>".encode("utf-16-le"),
    "doctype in UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE v+AD4-<View/>',
    "doctype in EBCDIC": "<?xml version='1.0' encoding='cp037'?><!DOCTYPE v><View/>".encode("cp037"),
    "doctype in the tree": b"<View><!DOCTYPE v></View>",
    "entity declaration in the tree": b'<View><!ENTITY a "b"></View>',
    "undefined entity": b"<View>&x;</View>",
    "unknown encoding": b'<?xml version="1.0" encoding="nonsense"?><View/>',
    "a codec that is no encoding": b'<?xml version="1.0" encoding="zlib"?><View/>',
    "escapes as an encoding": b'<?xml version="1.0" encoding="unicode_escape"?>\\x3cView/>',
    "UTF-32": "<View/>".encode("utf-32"),
    "not the UTF-8 it says": b'<?xml version="1.0" encoding="UTF-8"?><View name="\xff\xfe"/>',
    "half a UTF-16 pair": b"\xff\xfe" + "<View/>".encode("utf-16-le")[:-1],
    "lone surrogate in UTF-16": b"\xff\xfe" + "<View a='".encode("utf-16-le") + b"\x00\xd8" + "'/>".encode("utf-16-le"),
    "overlong UTF-8": b"<View a='\xc0\xbc'/>",
    "NUL in a value": b'<View name="a\0b"/>',
    "NUL after the end": b"<View/>\0",
    "only NULs": b"\0" * 100,
    "control character": b'<View name="\x08"/>',
    "reference to NUL": b'<View name="&#0;"/>',
    "reference to a surrogate": b'<View name="&#xD800;"/>',
    "deep": b"<View>" * 100_000 + b"</View>" * 100_000,
    "just too deep": b"<View>" * (MAX_DEPTH + 1) + b"</View>" * (MAX_DEPTH + 1),
    "many tags": b"<View>" + b"<a/>" * (MAX_TAGS + 1) + b"</View>",
    "too big": b"<View>" + b" " * MAX_BYTES + b"</View>",
    "endless comment": b"<View><!-- " + b"-" * 1_000_000,
    "endless CDATA": b"<View><![CDATA[" + b"]]" * 500_000,
    "endless tag": b"<View " + b" " * 1_000_000,
    "endless attributes": b"<View " + b"a='1' " * 200_000,
    "endless value": b"<View a='" + b"x" * 5_000_000,
    "many opens": b"<" * 1_000_000,
    "attribute twice": b'<View a="1" a="2"/>',
    "unbound prefix": b"<x:View/>",
    "two roots": b"<View/><View/>",
    "tail": b"<View/>and text",
    "relative namespace": b'<View xmlns:a="b"><a:Labels></View>',
    "empty": b"",
    "blank": b"  \n\n ",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "a zip": b"PK\x03\x04" + bytes(64),
}


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_configs_are_refused_quickly(name: str) -> None:
    began = time.process_time()
    with pytest.raises(InputError) as caught:
        parse_config(REFUSED[name], where="c.xml")
    assert time.process_time() - began < 5
    assert len(str(caught.value)) < 200
    assert str(caught.value).startswith("c.xml")
    assert caught.value.__cause__ is None


def test_no_other_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret.txt").write_text(SECRET)
    (tmp_path / "v.dtd").write_text(f'<!ENTITY x "{SECRET}">')
    monkeypatch.chdir(tmp_path)
    include = (
        b'<View xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="secret.txt" parse="text"/>'
        b'<Header value="x"/></View>'
    )
    style = b'<?xml-stylesheet href="secret.txt"?><View><Text name="text" value="$text"/></View>'
    for source in (include, style):
        config = parse_config(source, where="c.xml")
        assert SECRET not in repr(config)
    for uri in (b"secret.txt", b"file:secret.txt", str(tmp_path / "secret.txt").encode()):
        source = b'<!DOCTYPE v [<!ENTITY x SYSTEM "' + uri + b'">]><View><Label value="&x;"/></View>'
        with pytest.raises(InputError) as caught:
            parse_config(source, where="c.xml")
        assert SECRET not in str(caught.value)


def test_huge_but_honest_configs_are_handled_quickly() -> None:
    labels = "\n".join(f'<Label value="L{n}" hotkey="{"k" * 50}"/>' for n in range(5_000))
    choices = "".join(f'<Choice value="c{n}"/>' for n in range(5_000))
    source = (
        f'<View><Labels name="l" toName="text">{labels}</Labels><Choices name="c" toName="text">{choices}'
        f'</Choices><Text name="text" value="$text"/><Header value="{"x" * 5_000_000}"/></View>'
    ).encode()
    began = time.process_time()
    config = parse_config(source, where="c.xml")
    assert validate(config) == []
    names = tuple(label.name for label in config.labels)
    after = patch(config, [TrainedModel("spans", "ner_x", names)])
    assert len(after) == len(source) + len(names) * len(' model="ner_x"')
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    "model",
    ["", " ", " a", "a\n", "a\0", "\x1b[31m", "\ud800", "\u202e"],
    ids=["empty", "blank", "edge", "line", "nul", "escape", "surrogate", "direction"],
)
def test_hostile_names_of_models_are_refused(model: str) -> None:
    from alabtrain.core.errors import UsageError

    config = parse_config(b.CONFIG.encode(), where="c.xml")
    with pytest.raises(UsageError):
        patch(config, [TrainedModel("spans", model, ("Symptom",))])


def test_a_name_with_markup_stays_a_name() -> None:
    config = parse_config(b.CONFIG.encode(), where="c.xml")
    name = '"/><Label value="x" & \'y\' <!--'
    after = parse_config(patch(config, [TrainedModel("spans", name, ("Symptom",))]), where="c.xml")
    assert [label.name for label in after.labels] == [label.name for label in config.labels]
    assert after.labels[0].model == name


@pytest.mark.parametrize("name", ["billion laughs", "external entity", "deep", "NUL in a value", "UTF-32"])
@pytest.mark.parametrize("command", ["check", "select"])
def test_commands_end_with_the_code_of_bad_input(
    name: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "result.json").write_bytes(b.as_json(b.team_tasks()))
    (tmp_path / "hostile.xml").write_bytes(REFUSED[name])
    code = run([command, str(tmp_path / "result.json"), "--config", str(tmp_path / "hostile.xml")])
    told = capsys.readouterr()
    # `select` needs no config and may leave it unread.
    assert code == 3 or (command == "select" and code == 0)
    assert "Traceback" not in told.err
    if code:
        assert told.err.startswith("error: ")
        assert told.out == ""


def test_a_config_inside_project_json_is_untrusted_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "result.json").write_bytes(b.as_json(b.team_tasks()))
    (tmp_path / "project.json").write_text(json.dumps({"label_config": REFUSED["external entity"].decode()}))
    assert run(["check", str(tmp_path)]) == 3
    assert "DOCTYPE" in capsys.readouterr().err

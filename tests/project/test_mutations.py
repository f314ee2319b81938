"""Exports damaged by a seeded generator: each is refused with an error of ours, or read; never a traceback.

200 of them by default; all 2,000 with `-m slow` or ALABTRAIN_MUTATIONS=2000.
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from alabtrain.cli import run
from tests.support import builders as b

FEW = int(os.environ.get("ALABTRAIN_MUTATIONS", "200"))
ALL = 2000
ODD_VALUES: list[Any] = [
    None, True, 0, -1, 10**30, 1.5, "", "x", "\u2028", "\U0001f600", [], [None], [[]], {}, {"id": 1},
    "1970-01-01T00:00:00Z", "NaN",
]  # fmt: skip
HOSTILE_XML = [
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]><View><Text name="t" value="&b;"/></View>',
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><View><Text name="t" value="$text"/>&a;</View>',
    '<!DOCTYPE View SYSTEM "http://127.0.0.1:9/x.dtd"><View/>',
    "<View>" * 5000 + "</View>" * 5000,
    "<View><Labels name='label' toName='text'><Label/></Labels></View>",
    "<View><Labels",
    "<View a='1' a='2'/>",
    '<?xml version="1.0" encoding="nonsense"?><View/>',
    '<?xml version="1.0" encoding="UTF-16"?><View/>',
    "<View>\x00</View>",
    '<View xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/hostname" parse="text"/></View>',
    '<?xml-stylesheet href="file:///etc/hostname"?><View><Text name="text" value="$text"/></View>',
]  # fmt: skip
RAW_JSON = [
    "NaN",
    "-Infinity",
    "1e999",
    '"\\ud800"',
    "[" * 3000 + "]" * 3000,
    "9" * 5000,
    "tru",
    "{",
    '"\x01"',
]

Mutation = Callable[[random.Random, dict[str, bytes]], None]


def _holders(value: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) of a JSON value."""
    pairs = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    found: list[tuple[Any, Any]] = []
    for key, inner in pairs:
        found.append((value, key))
        found += _holders(inner)
    return found


def _load(data: bytes) -> Any:
    """Return the JSON value of a file, or a stand-in where an earlier mutation broke it."""
    try:
        return json.loads(data) or [0]
    except (ValueError, RecursionError):
        return b.team_tasks()


def wrong_value(rng: random.Random, files: dict[str, bytes]) -> None:
    name = rng.choice(["result.json", "result.json", "result.json", "project.json"])
    value = _load(files[name])
    for _ in range(rng.choice([1, 1, 1, 3])):
        holder, key = rng.choice(_holders(value))
        action = rng.randrange(3)
        if action == 0:
            holder[key] = rng.choice(ODD_VALUES)
        elif action == 1:
            del holder[key]
        elif isinstance(holder, list):
            holder.append(holder[key])
        else:
            holder[str(key) + "x"] = holder.pop(key)
    files[name] = json.dumps(value, ensure_ascii=rng.random() < 0.5).encode(errors="replace")


def raw_json(rng: random.Random, files: dict[str, bytes]) -> None:
    value = _load(files["result.json"])
    holder, key = rng.choice(_holders(value))
    holder[key] = "@@@"
    files["result.json"] = json.dumps(value).replace('"@@@"', rng.choice(RAW_JSON)).encode()


def truncated(rng: random.Random, files: dict[str, bytes]) -> None:
    name = rng.choice(sorted(files))
    files[name] = files[name][: rng.randrange(len(files[name]) + 1)]


def flipped(rng: random.Random, files: dict[str, bytes]) -> None:
    name = rng.choice(sorted(files))
    data = bytearray(files[name] or b"x")
    for _ in range(rng.choice([1, 5, 50])):
        data[rng.randrange(len(data))] = rng.randrange(256)
    files[name] = bytes(data)


def reencoded(rng: random.Random, files: dict[str, bytes]) -> None:
    name = rng.choice(sorted(files))
    codec = rng.choice(["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp037"])
    files[name] = files[name].decode(errors="replace").encode(codec, errors="replace")


def hostile_xml(rng: random.Random, files: dict[str, bytes]) -> None:
    files["config.xml"] = rng.choice(HOSTILE_XML).encode()
    if rng.random() < 0.5:
        files["project.json"] = b.manifest("ann", config=files.pop("config.xml").decode())


def moved(rng: random.Random, files: dict[str, bytes]) -> None:
    name = rng.choice(sorted(files))
    target = rng.choice(
        ["../", "/", "a/../../", "x/", "__MACOSX/", "C:\\", "a\\..\\..\\", "./", "x//y/", "\u00e9/", ""]
    )
    content = files[name] if rng.random() < 0.5 else files.pop(name)
    files[target + name + rng.choice(["", "", ".json", ".xml", "\x00.json"])] = content


MUTATIONS: list[Mutation] = [
    wrong_value,
    wrong_value,
    wrong_value,
    raw_json,
    truncated,
    flipped,
    reencoded,
    hostile_xml,
    moved,
]


def damaged_zip(rng: random.Random, path: Path) -> None:
    data = bytearray(path.read_bytes())
    action = rng.randrange(4)
    if action == 0:
        data = data[: rng.randrange(len(data))]
    elif action == 1:
        for _ in range(rng.choice([1, 4, 30])):
            data[rng.randrange(len(data))] = rng.randrange(256)
    elif action == 2:
        at = data.rindex(b"PK\x01\x02")  # the directory: flags, method, sizes, offset
        for place in rng.sample(range(6, 46), 3):
            data[at + place] = rng.choice([0, 1, 0x7F, 0xFF])
    else:
        data = bytearray(rng.randbytes(rng.randrange(60))) + data
    path.write_bytes(data)


def _pack(rng: random.Random, path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(
        path, "w", rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
    ) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name.replace("\x00", "\x01"))
            info.compress_type = archive.compression
            if rng.random() < 0.02:
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, content)


def mutated(seed: int, folder: Path) -> Path:
    rng = random.Random(seed)  # noqa: S311 - a test's generator
    files = b.members(b.team_tasks()[: rng.choice([1, 3, 8])])
    for _ in range(rng.choice([1, 1, 2])):
        known = {name: data for name, data in files.items() if name in b.members([])}
        if len(known) == 3:
            rng.choice(MUTATIONS)(rng, files)
    kind = rng.randrange(4)
    if kind == 0:
        path = folder / "result.json"
        path.write_bytes(files.get("result.json", b""))
    else:
        path = folder / "p.zip"
        _pack(rng, path, files)
        if kind == 3:
            damaged_zip(rng, path)
    return path


def _commands(path: Path) -> list[list[str]]:
    commands = [
        ["select", str(path), "--json", "-o", "out/chosen.json", "--format", "export"],
        ["why", str(path), "1", "--json"],
    ]
    if importlib.util.find_spec("alabtrain.console.commands.check"):
        commands.append(["check", str(path), "--json"])
    return commands


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _try(seeds: range, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> dict[int, int]:
    seen: dict[int, int] = {}
    for seed in seeds:
        folder = tmp_path / str(seed)
        (folder / "out").mkdir(parents=True)
        os.chdir(folder)
        path = mutated(seed, folder)
        before = path.read_bytes()
        for command in _commands(path):
            code = run(command)
            streams = capsys.readouterr()
            # 1: `check` found an error in the project; 2: `why` was asked for a task that is not there.
            allowed = {"select": (0, 3), "why": (0, 2, 3), "check": (0, 1, 3)}[command[0]]
            assert code in allowed, f"seed {seed}, {command[0]}: exit code {code}: {streams.err}"
            assert "Traceback" not in streams.err
            assert code != 3 or ("error: " in streams.err and not streams.out)
            assert b.TEXT not in streams.err
            if code == 0:
                json.loads(streams.out)
            if command[0] == "select":
                seen[code] = seen.get(code, 0) + 1
                assert _names(folder / "out") == (["chosen.json"] if code == 0 else [])
        assert _names(folder) == sorted([path.name, "out"])
        assert path.read_bytes() == before
    assert _names(tmp_path) == sorted(str(seed) for seed in seeds)
    return seen


def test_some_mutated_exports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    seen = _try(range(FEW), tmp_path, capsys)
    # A generator that only ever breaks everything, or nothing, would test little.
    assert min(seen.get(0, 0), seen.get(3, 0)) > FEW / 20


@pytest.mark.slow
def test_all_mutated_exports(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    if "slow" not in request.config.option.markexpr:
        pytest.skip(f"{ALL} mutated exports take a minute: run with -m slow")
    monkeypatch.chdir(tmp_path)
    _try(range(ALL), tmp_path, capsys)

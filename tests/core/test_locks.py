from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from alabtrain.core.errors import SetupError
from alabtrain.core.locks import Holder, Lock, held, read_holder
from tests.support.paths import REPOSITORY

HOLD = """
import sys, time
from pathlib import Path
from alabtrain.core.locks import Lock, held
path = Path(sys.argv[1])
{}
    print("ready", flush=True)
    time.sleep(60)
"""


@contextmanager
def another_process(how: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD.format(how), str(path)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> bool:
        raise OSError(errno.ENOLCK, "no locks here")

    monkeypatch.setattr("filelock.lock_descriptor", fails)


def test_one_holds_and_the_other_does_not(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with held(path, wait=False) as first, held(path, wait=False) as second:
        assert (first, second) == (True, False)
    with held(path, wait=False) as again:
        assert again
    assert path.exists()


def test_waiting_ends_when_the_other_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with ThreadPoolExecutor(1) as pool:
        with held(path, wait=False):
            waiting = pool.submit(_took_it_at, path)
            time.sleep(0.3)
            assert not waiting.done()
            ended = time.monotonic()
        assert waiting.result(10) >= ended


def _took_it_at(path: Path) -> float:
    with held(path, wait=True) as alone:
        assert alone
        return time.monotonic()


def test_a_killed_process_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with another_process("with held(path, wait=False):", path) as process:
        with held(path, wait=False) as alone:
            assert not alone
        process.send_signal(signal.SIGKILL)
        with held(path, wait=True) as alone:
            assert alone


def test_the_file_tells_who_holds_it_and_whether_that_lives(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with another_process("lock = Lock(path)\nif True:", path) as process:
        assert read_holder(path) == Holder(process.pid, socket.gethostname(), alive=True)
        process.kill()
        process.wait(20)
        assert read_holder(path) == Holder(process.pid, socket.gethostname(), alive=False)


def test_a_lock_is_released_once_and_its_file_goes(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = Lock(path)
    with pytest.raises(SetupError):
        Lock(path)
    lock.release()
    lock.release()
    assert not path.exists()
    assert read_holder(path) is None


@pytest.mark.parametrize("alive", [True, False])
def test_many_may_look_at_once(tmp_path: Path, alive: bool) -> None:
    path = tmp_path / "lock"
    lock = Lock(path)
    if not alive:
        content = path.read_bytes()
        lock.release()
        path.write_bytes(content)
    with ThreadPoolExecutor(4) as pool:
        holders = list(pool.map(lambda _: read_holder(path), range(100)))
    assert {holder.alive for holder in holders if holder} == {alive}
    lock.release()


def test_without_locks_of_the_file_system_the_pid_has_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_locks(monkeypatch)
    path = tmp_path / "lock"
    with held(path, wait=False) as first, held(path, wait=True) as second:
        assert (first, second) == (True, True)
    path.unlink()
    lock = Lock(path)
    assert read_holder(path) == Holder(os.getpid(), socket.gethostname(), alive=True)
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(20)
    path.write_text(json.dumps({"pid": process.pid, "host": socket.gethostname()}))
    assert read_holder(path) == Holder(process.pid, socket.gethostname(), alive=False)
    lock.release()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', '{"pid": "x", "host": "h"}'])
def test_a_file_that_says_nothing_has_no_holder(tmp_path: Path, content: str) -> None:
    (tmp_path / "lock").write_text(content)
    assert read_holder(tmp_path / "lock") is None


def test_who_may_only_read_sees_the_holder_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    lock = Lock(tmp_path / "lock")
    holder = read_holder(tmp_path / "lock")
    assert holder is not None
    assert holder.alive
    lock.release()


def test_a_folder_that_is_not_there_is_an_error_of_the_machine(tmp_path: Path) -> None:
    with pytest.raises(SetupError), held(tmp_path / "none" / "lock", wait=False):
        pass

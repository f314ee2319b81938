"""A real Label Studio from PyPI, in an environment of its own, on localhost."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests  # noqa: TID253 - a test may

from alabtrain.core.downloads import cache_folder

VERSION = "1.23.2"
TOKEN, USER, PASSWORD = "0123456789abcdef0123456789abcdef01234567", "ann@localhost.example", "only-for-this-test"
PATIENCE = 600  # seconds, for the first start: it makes its database


class LabelStudio:
    """Its API, as far as a round trip needs it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Token {TOKEN}"

    def call(self, method: str, path: str, **arguments: Any) -> Any:
        """Call an endpoint and return its JSON; an error of the server fails the test with its words."""
        answer = self.session.request(method, f"{self.url}/api/{path}", timeout=120, **arguments)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:2000]}"
        return answer.json() if answer.content else None

    def make_project(self, title: str, config: str) -> int:
        """Create a project with a labeling config and return its id."""
        return int(self.call("POST", "projects", json={"title": title, "label_config": config})["id"])

    def add_tasks(self, project: int, tasks: list[dict[str, Any]]) -> None:
        """Import tasks, with their predictions, where they have some."""
        self.call("POST", f"projects/{project}/import", json=tasks)

    def upload(self, project: int, picture: Path) -> str:
        """Put a picture into a project's files, without making a task of it, and return how tasks name it."""
        with picture.open("rb") as stream:
            answer = self.session.post(
                f"{self.url}/api/projects/{project}/import?commit_to_project=false",
                files={"file": (picture.name, stream, "image/png")}, timeout=120,
            )  # fmt: skip
        assert answer.ok, answer.text[:2000]
        (number,) = answer.json()["file_upload_ids"]
        return f"/data/{self.call('GET', f'import/file-upload/{number}')['file']}"

    def photograph(self, project: int, task: int, picture: Path) -> list[list[float]]:
        """Save how a task looks in headless Chromium; return the boxes on it: left, top, width, height as shares."""
        script = Path(__file__).with_name("screenshot.py")
        arguments = [self.url, USER, PASSWORD, str(project), str(task), str(picture)]
        done = subprocess.run([_python(), script, *arguments], capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr[-2000:]
        boxes: list[list[float]] = json.loads(done.stdout)
        return boxes

    def exported(self, project: int) -> list[dict[str, Any]]:
        """Return the project's tasks in Label Studio's own JSON, those without an annotation too."""
        parameters = {"exportType": "JSON", "download_all_tasks": "true"}
        rows: list[dict[str, Any]] = self.call("GET", f"projects/{project}/export", params=parameters)
        return sorted(rows, key=lambda row: row["id"])


@contextlib.contextmanager
def label_studio(data: Path) -> Iterator[LabelStudio]:
    """Start a server with its data in a folder, and end it when the block ends."""
    program = _installed()
    port = _free_port()
    arguments = ["start", "--no-browser", "--port", str(port), "--data-dir", str(data), "--username", USER]
    arguments += ["--password", PASSWORD, "--user-token", TOKEN, "--enable-legacy-api-token"]
    data.mkdir()
    environment = {**os.environ, "COLLECT_ANALYTICS": "false", "LATEST_VERSION_CHECK": "false", "HOME": str(data)}
    with (data / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [program, *arguments], stdout=log, stderr=subprocess.STDOUT, cwd=data, env=environment
        )
        try:
            _wait(f"http://127.0.0.1:{port}/health", server, data / "server.log")
            yield LabelStudio(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait(60)


def _installed() -> Path:
    """Return the program, installed into the cache first if it is not there."""
    folder = cache_folder("label-studio") / VERSION
    program = folder / "bin" / "label-studio"
    marker = folder / ".installed-with-selenium"
    if not marker.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(_python()), "-m", "pip", "install", "--quiet", f"label-studio=={VERSION}", "selenium>=4.40,<5"]
        for attempt in range(1, 4):
            if subprocess.run(pip).returncode == 0:
                break
            time.sleep(5 * attempt)
        assert program.exists(), "Label Studio could not be installed"
        marker.touch()
    return program


def _python() -> Path:
    return cache_folder("label-studio") / VERSION / "bin" / "python"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text(errors="replace")[-2000:]
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(url, timeout=5).ok:
                return
        time.sleep(1)
    raise AssertionError(f"Label Studio did not start: {log.read_text(errors='replace')[-2000:]}")

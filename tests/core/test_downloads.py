from __future__ import annotations

import functools
import gc
import http.server
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from alabtrain.core import downloads
from alabtrain.core.downloads import Artifact, fetch
from alabtrain.core.errors import SetupError
from alabtrain.spark.jars import missing_jars, required_jars

# pooch leaves the connection of a refused request to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

CONTENT = b"jar" * 100_000


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A web server on this machine that holds one jar, as a mirror would."""
    folder = tmp_path / "web" / "org" / "example" / "thing" / "1.0"
    folder.mkdir(parents=True)
    (folder / "thing-1.0.jar").write_bytes(CONTENT)
    handler = functools.partial(Quiet, directory=str(tmp_path / "web"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("ALABTRAIN_MAVEN", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setattr(downloads, "TRIES", 2)
    yield folder
    gc.collect()
    server.shutdown()
    server.server_close()
    thread.join()


def artifact(name: str = "thing", content: bytes = CONTENT) -> Artifact:
    return Artifact("org.example", name, "1.0", "", len(CONTENT), sha256(content).hexdigest())


def test_a_file_comes_once_and_its_bytes_are_reported(mirror: Path, tmp_path: Path) -> None:
    seen: list[int] = []
    path = fetch(artifact(), tmp_path / "jars", seen.append)
    assert path.read_bytes() == CONTENT
    assert sum(seen) == len(CONTENT)
    (mirror / "thing-1.0.jar").unlink()
    assert fetch(artifact(), tmp_path / "jars") == path


def test_a_missing_file_and_a_wrong_hash_are_setup_errors_that_leave_nothing(mirror: Path, tmp_path: Path) -> None:
    for wrong in (artifact("other"), artifact(content=b"something else")):
        with pytest.raises(SetupError, match="could not be downloaded") as caught:
            fetch(wrong, tmp_path / "jars")
        assert caught.value.exit_code == 4
        assert "ALABTRAIN_MAVEN" in str(caught.value.hint)
    assert not (tmp_path / "jars").exists() or not list((tmp_path / "jars").iterdir())


def test_the_list_of_jars_is_whole_and_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALABTRAIN_CACHE", str(tmp_path))
    jars = required_jars()
    assert {"spark-nlp_2.12", "tensorflow-core-api", "onnxruntime", "javacpp"} <= {jar.name for jar in jars}
    assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in jars)
    assert len({jar.file_name for jar in jars}) == len(jars) == len(missing_jars())
    assert not [jar for jar in jars if "windows" in jar.classifier]

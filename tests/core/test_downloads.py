from __future__ import annotations

import functools
import gc
import http.server
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import trustme

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


class Tunnel(Quiet):
    """A proxy that hands the bytes of TLS on, and notes to where."""

    asked: list[str]

    def do_CONNECT(self) -> None:
        self.asked.append(self.path)
        host, port = self.path.split(":")
        with socket.create_connection((host, int(port))) as there:
            self.send_response(200)
            self.end_headers()
            ends = {self.connection: there, there: self.connection}
            while True:
                for ready in select.select(list(ends), [], [])[0]:
                    data = ready.recv(1 << 16)
                    if not data:
                        return
                    ends[ready].sendall(data)


@contextmanager
def serving(handler: Any, authority: trustme.CA | None = None) -> Iterator[int]:
    """Serve on a port of this machine; with an authority, by TLS with a certificate of it."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if authority:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        gc.collect()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a web server that holds one jar, as a mirror would."""
    folder = tmp_path / "web" / "org" / "example" / "thing" / "1.0"
    folder.mkdir(parents=True)
    (folder / "thing-1.0.jar").write_bytes(CONTENT)
    monkeypatch.setattr(downloads, "TRIES", 2)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "web"


@pytest.fixture
def mirror(web: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A mirror on this machine, as the folder of its jar."""
    with serving(functools.partial(Quiet, directory=str(web))) as port:
        monkeypatch.setenv("ALABTRAIN_MAVEN", f"http://127.0.0.1:{port}/")
        yield web / "org" / "example" / "thing" / "1.0"


@pytest.fixture
def authority(web: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The certificate of a company, which nobody else trusts, and a mirror that it vouches for."""
    company, other = trustme.CA(), trustme.CA()
    company.cert_pem.write_to_path(str(tmp_path / "company.pem"))
    other.cert_pem.write_to_path(str(tmp_path / "other.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "other.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    with serving(functools.partial(Quiet, directory=str(web)), company) as port:
        monkeypatch.setenv("ALABTRAIN_MAVEN", f"https://localhost:{port}")
        yield tmp_path / "company.pem"


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


def test_bytes_that_come_again_are_reported_once(web: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken: list[str] = []

    class BreaksOnce(Quiet):
        def copyfile(self, source: Any, outputfile: Any) -> None:
            if broken:
                super().copyfile(source, outputfile)
                return
            broken.append(self.path)
            outputfile.write(source.read(len(CONTENT) // 2))

    seen: list[int] = []
    with serving(functools.partial(BreaksOnce, directory=str(web))) as port:
        monkeypatch.setenv("ALABTRAIN_MAVEN", f"http://127.0.0.1:{port}")
        assert fetch(artifact(), tmp_path / "jars", seen.append).read_bytes() == CONTENT
    assert broken
    assert sum(seen) == len(CONTENT)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_certificates_of_the_system_or_of_the_bundle_are_trusted(
    name: str, authority: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, str(authority))
    assert fetch(artifact(), tmp_path / "jars").read_bytes() == CONTENT


def test_a_certificate_that_nobody_trusts_is_refused_and_said(authority: Path, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="SSLError") as caught:
        fetch(artifact(), tmp_path / "jars")
    assert "REQUESTS_CA_BUNDLE" in str(caught.value.hint)


def test_a_bundle_is_trusted_alone(authority: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "other.pem"))
    with pytest.raises(SetupError, match="SSLError"):
        fetch(artifact(), tmp_path / "jars")


def test_the_certificates_of_the_system_are_trusted_through_a_proxy(
    authority: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    asked: list[str] = []
    with serving(type("Noting", (Tunnel,), {"asked": asked})) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        assert fetch(artifact(), tmp_path / "jars").read_bytes() == CONTENT
    assert [address.split(":")[0] for address in asked] == ["localhost"]


def test_nothing_else_in_the_process_is_changed() -> None:
    before = ssl.SSLContext
    downloads.open_session().close()
    assert ssl.SSLContext is before


def test_the_list_of_jars_is_whole_and_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALABTRAIN_CACHE", str(tmp_path))
    jars = required_jars()
    assert {"spark-nlp_2.12", "tensorflow-core-api", "onnxruntime", "javacpp"} <= {jar.name for jar in jars}
    assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in jars)
    assert len({jar.file_name for jar in jars}) == len(jars) == len(missing_jars())
    assert not [jar for jar in jars if "windows" in jar.classifier]

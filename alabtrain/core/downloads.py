"""Files from Maven Central, fetched once into the user's cache and verified by hash."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.core.errors import SetupError

if TYPE_CHECKING:
    from requests import Session
    from urllib3 import ProxyManager

MAVEN = "https://repo1.maven.org/maven2"
TRIES = 5
READ_SIZE = 1 << 17  # bytes
_CERTIFICATE_HINT = (
    "the certificate is not trusted: behind a company's proxy, put the company's certificate into the system's store, "
    "or name a file that holds it in REQUESTS_CA_BUNDLE"
)

Progress = Callable[[int], None]
"""Is called with the number of bytes that have arrived since the last call."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A jar on Maven Central: its coordinates, size in bytes and SHA-256."""

    group: str
    name: str
    version: str
    classifier: str
    size: int
    sha256: str

    @property
    def file_name(self) -> str:
        """The name of the file, as Maven has it."""
        tail = f"-{self.classifier}" if self.classifier else ""
        return f"{self.name}-{self.version}{tail}.jar"

    @property
    def url(self) -> str:
        """Where the file is; `ALABTRAIN_MAVEN` names a mirror."""
        base = os.environ.get("ALABTRAIN_MAVEN", MAVEN).rstrip("/")
        return f"{base}/{self.group.replace('.', '/')}/{self.name}/{self.version}/{self.file_name}"


def cache_folder(*parts: str) -> Path:
    """Return a folder in alabtrain's cache (`ALABTRAIN_CACHE`, else the user's cache folder), made if need be.

    Raises `SetupError` when it cannot be made.
    """
    import platformdirs

    base = os.environ.get("ALABTRAIN_CACHE")
    folder = Path(base) if base else platformdirs.user_cache_path("alabtrain")
    folder = folder.joinpath(*parts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise SetupError(
            f"the cache folder cannot be made: {problem.strerror}",
            where=str(folder),
            hint="set ALABTRAIN_CACHE to a folder that can be written",
        ) from None
    return folder


def fetch(artifact: Artifact, folder: Path, progress: Progress | None = None) -> Path:
    """Return the artifact's file in `folder`, downloaded first if it is not there.

    A partial download never gets the file's name; a failed one is tried again, `TRIES` times in all. Raises
    `SetupError` when it cannot be had or its hash is wrong.
    """
    path = folder / artifact.file_name
    if path.is_file() and path.stat().st_size == artifact.size:
        return path
    import pooch
    import requests

    download = _Download(progress or (lambda _bytes: None))
    pooch.get_logger().setLevel("ERROR")
    last: Exception | None = None
    for _ in range(TRIES):
        try:
            pooch.retrieve(
                artifact.url,
                known_hash=f"sha256:{artifact.sha256}",
                fname=path.name,
                path=folder,
                downloader=download,
            )
        except (requests.RequestException, ValueError, OSError) as problem:
            last = problem
        else:
            return path
    raise SetupError(
        f"{artifact.file_name} could not be downloaded ({type(last).__name__})",
        where=artifact.url,
        hint=_CERTIFICATE_HINT
        if isinstance(last, requests.exceptions.SSLError)
        else "check the network and the disk, or set ALABTRAIN_MAVEN to a mirror of Maven Central",
    ) from None


class _Download:
    """What pooch calls to get a file: tells `progress` of the bytes, but once of those that come again."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._reported = 0

    def __call__(self, url: str, output_file: str, _pooch: object) -> None:
        """Write what is at `url` to `output_file`."""
        arrived = 0
        with open_session() as session, session.get(url, stream=True, timeout=60) as response:
            response.raise_for_status()
            with Path(output_file).open("wb") as stream:
                for chunk in response.iter_content(READ_SIZE):
                    stream.write(chunk)
                    arrived += len(chunk)
                    if arrived > self._reported:
                        self._progress(arrived - self._reported)
                        self._reported = arrived


def open_session() -> Session:
    """Return a session that trusts the certificates of the system beside those of certifi, as pip does.

    Where `REQUESTS_CA_BUNDLE` or `CURL_CA_BUNDLE` names certificates, it trusts these alone, as requests does.
    """
    import ssl

    import requests
    import truststore
    from requests.adapters import HTTPAdapter

    class SystemTrust(HTTPAdapter):
        context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

        def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool: object) -> None:
            super().init_poolmanager(connections, maxsize, block, ssl_context=self.context, **pool)

        def proxy_manager_for(self, proxy: str, **pool: object) -> ProxyManager:
            manager: ProxyManager = super().proxy_manager_for(proxy, ssl_context=self.context, **pool)
            return manager

    session = requests.Session()
    if not any(os.environ.get(name) for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")):
        session.mount("https://", SystemTrust())
    return session

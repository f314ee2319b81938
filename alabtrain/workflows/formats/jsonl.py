"""JSON Lines: one document per line, with tokens and spans in Prodigy's format."""

from __future__ import annotations

import json
from collections.abc import Sequence

from alabtrain.documents.document import Document
from alabtrain.scoring.metrics import entities
from alabtrain.trainers.tokens import TaggedDocument, TaggedSentence


def encode(documents: Sequence[TaggedDocument]) -> bytes:
    """Return the documents as JSON Lines."""
    return "".join(json.dumps(_record(*pair), ensure_ascii=False) + "\n" for pair in documents).encode()


def _record(document: Document, sentences: Sequence[TaggedSentence]) -> dict[str, object]:
    offsets = [token for tagged in sentences for token in tagged.sentence.tokens]
    tags = [tag for tagged in sentences for tag in tagged.tags]
    tokens = [
        {"text": document.text[start:end], "start": start, "end": end, "id": number}
        for number, (start, end) in enumerate(offsets)
    ]
    return {
        "text": document.text,
        "tokens": tokens,
        "spans": [
            {
                "start": offsets[entity.start][0],
                "end": offsets[entity.end - 1][1],
                "token_start": entity.start,
                "token_end": entity.end - 1,
                "label": entity.label,
            }
            for entity in entities(tags)
        ],
        "meta": {"task_id": document.task_id, "completion_id": document.completion_id},
    }

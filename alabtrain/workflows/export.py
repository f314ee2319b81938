"""Write what would be trained: the same documents, sentences, tokens and tags, for other tools to read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alabtrain.core.errors import SetupError
from alabtrain.core.files import cannot_write, write_aside
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Funnel
from alabtrain.core.languages.detect import settle_language
from alabtrain.documents.document import Document
from alabtrain.documents.split import Part
from alabtrain.scoring.metrics import entities
from alabtrain.spark.session import SparkOptions, open_session
from alabtrain.trainers.tokens import TaggedDocuments, TaggedSentence, tag_documents, tokenize

if TYPE_CHECKING:
    from alabtrain.documents.document import Documents

PARTS: tuple[Part, ...] = ("train", "validation", "test")
Tagged = tuple[Document, list[TaggedSentence]]


@dataclass(frozen=True, slots=True)
class Exported:
    """The files that were written, a file a part, and what was lost before."""

    files: tuple[Path, ...]
    documents: int
    funnel: Funnel
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the object that `alabtrain export --json` prints."""
        return {
            "files": [str(path) for path in self.files],
            "documents": self.documents,
            "funnel": self.funnel.to_dict(),
            "findings": [finding.to_dict() for finding in self.findings],
        }


def export(documents: Documents, *, kind: str, output: Path, spark: SparkOptions, lang: str | None = None) -> Exported:
    """Write `train.<kind>`, `validation.<kind>` and `test.<kind>` (those that have documents) into `output`.

    A file of these that an earlier export left and this one does not write is removed. `kind` is conll
    (CoNLL-2003 columns; blanks inside labels and tokens become `_`), jsonl (a document a line, with tokens and
    spans as Prodigy has them) or spacy (a DocBin; needs spaCy). `lang` is the language of the texts (None: the one
    that is found in them). Raises `SetupError` when spaCy or Spark is missing, or the disk is full.
    """
    encode = WRITERS[kind]
    code, told = (lang, []) if lang else settle_language(document.text for document in documents.documents)
    if kind == "spacy":
        _require_spacy()
    with open_session(spark) as session:
        tokenized = tokenize(session, documents.documents, code)
    tagged = tag_documents(tokenized.documents, tokenized.sentences)
    files: list[Path] = []
    try:
        output.mkdir(parents=True, exist_ok=True)
        for part in PARTS:
            chosen = [pair for pair in _by_document(tagged) if pair[0].part == part]
            if chosen:
                files.append(output / f"{part}.{kind}")
                write_aside(files[-1], encode(chosen))
            else:
                (output / f"{part}.{kind}").unlink(missing_ok=True)
    except OSError as problem:
        raise cannot_write(output, problem) from None
    funnel = documents.funnel + tagged.funnel
    return Exported(tuple(files), len(tagged.documents), funnel, (*documents.findings, *told, *tagged.findings))


def _by_document(tagged: TaggedDocuments) -> Iterator[Tagged]:
    for number, sentences in groupby(tagged.sentences, key=lambda s: s.sentence.document):
        yield tagged.documents[number], list(sentences)


def _conll(documents: list[Tagged]) -> bytes:
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


def _jsonl(documents: list[Tagged]) -> bytes:
    return "".join(json.dumps(_record(*pair), ensure_ascii=False) + "\n" for pair in documents).encode()


def _record(document: Document, sentences: list[TaggedSentence]) -> dict[str, Any]:
    places = [place for tagged in sentences for place in tagged.sentence.tokens]
    tags = [tag for tagged in sentences for tag in tagged.tags]
    tokens = [
        {"text": document.text[start:end], "start": start, "end": end, "id": i} for i, (start, end) in enumerate(places)
    ]
    return {
        "text": document.text,
        "tokens": tokens,
        "spans": [
            {
                "start": places[entity.start][0],
                "end": places[entity.end - 1][1],
                "token_start": entity.start,
                "token_end": entity.end - 1,
                "label": entity.label,
            }
            for entity in entities(tags)
        ],
        "meta": {"task_id": document.task_id, "completion_id": document.completion_id},
    }


def _spacy(documents: list[Tagged]) -> bytes:
    import spacy
    from spacy.tokens import Doc, DocBin

    vocabulary = spacy.blank("xx").vocab
    box = DocBin(store_user_data=False)
    for document, sentences in documents:
        places = [place for tagged in sentences for place in tagged.sentence.tokens]
        words = [document.text[start:end] for start, end in places]
        after = [start for start, _end in places[1:]] + [len(document.text)]
        spaces = [nxt > end for (_start, end), nxt in zip(places, after, strict=True)]
        starts = [i == 0 for tagged in sentences for i in range(len(tagged.tags))]
        tags = [tag for tagged in sentences for tag in tagged.tags]
        box.add(Doc(vocabulary, words=words, spaces=spaces, ents=tags, sent_starts=starts))
    content: bytes = box.to_bytes()
    return content


def _require_spacy() -> None:
    try:
        import spacy  # noqa: F401
    except ImportError:
        raise SetupError("--format spacy needs spaCy", hint="pip install 'alabtrain[spacy]'") from None


WRITERS: dict[str, Callable[[list[Tagged]], bytes]] = {"conll": _conll, "jsonl": _jsonl, "spacy": _spacy}

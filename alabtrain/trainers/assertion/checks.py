"""Checks of assertion labels: each needs an entity, and a model needs several different ones."""

from __future__ import annotations

from alabtrain.annotations.statuses import HINTS, LOSSES, REPAIRS
from alabtrain.core.findings import MAX_EXAMPLES, Finding, natural, pluralize
from alabtrain.trainers.assertion.targets import ASSERTION
from alabtrain.trainers.profile import Profile


def unusable(profile: Profile) -> list[Finding]:
    """Report assertion labels that cannot be used, and those that were repaired."""
    tally = profile.status_tally
    found = [
        tally.finding(code, "warning", f"not usable: {{count}} {text}", HINTS.get(code, ""))
        for code, text in LOSSES.items()
    ]
    found += [tally.finding(code, "info", f"{{count}} {text}") for code, text in REPAIRS.items()]
    return [finding for finding in found if finding is not None]


def entities_without(profile: Profile) -> list[Finding]:
    """Report entities without an assertion label, for NER labels that have one elsewhere in the project."""
    count = 0
    locations: list[str] = []
    for label in profile.asserted:
        count += profile.unasserted.counts.get(label, 0)
        locations += profile.unasserted.examples.get(label, ())
    if not count:
        return []
    message = pluralize(
        "{count} [entity has|entities have] no assertion label, though others of the same label have one", count
    )
    examples = tuple(sorted(set(locations), key=natural)[:MAX_EXAMPLES])
    return [Finding("span_without_status", "info", message, count, examples, HINTS["span_without_status"])]


def one_status(profile: Profile) -> list[Finding]:
    """Report that all training examples have the same status."""
    used = {name: parts["train"] for name, parts in profile.examples.get(ASSERTION, {}).items() if parts["train"]}
    if len(used) != 1:
        return []
    ((name, count),) = used.items()
    subject = "[entity with a status has|entities with a status have]"
    message = f"{pluralize(f'{{count}} training {subject} the same one', count)}: a model cannot learn a single status"
    hint = "annotate other statuses, too, or set a status for the other entities with --unlabeled-status NAME"
    return [Finding("one_status", "warning", message, count, (name,), hint)]


CHECKS = {"labels": (unusable, entities_without, one_status)}

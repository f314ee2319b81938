"""Checks of choices: which group is trained, and whether its classes can be learned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from alabtrain.annotations.classes import HINTS, LOSSES
from alabtrain.core.findings import Finding, Severity, pluralize
from alabtrain.core.numbers import counted
from alabtrain.labeling.choices import choice_finding, choose_choices, default_groups
from alabtrain.trainers.profile import Profile, group_of

MOST_OF_ALL = 0.95  # with a larger share, a trivial model that always predicts this class looks good
_REPORTED_ELSEWHERE = frozenset({"unknown_choice", "text_missing"})


def taken(profile: Profile) -> list[Finding]:
    """Report which of several groups a classifier is trained on."""
    # Several marked groups are an error, which the rules of the config report.
    if profile.config is None or len(default_groups(profile.config)) > 1:
        return []
    chosen = choose_choices(profile.config)
    return [choice_finding(chosen)] if chosen and chosen.left else []


def unusable(profile: Profile) -> list[Finding]:
    """Report choices that cannot be used as examples; unknown choices are reported with the labels."""
    found = [
        profile.class_tally.finding(code, "warning", f"not usable: {{count}} {text}", HINTS.get(code, ""))
        for code, text in LOSSES.items()
        if code not in _REPORTED_ELSEWHERE
    ]
    return [finding for finding in found if finding is not None]


def unticked(profile: Profile) -> list[Finding]:
    """Report groups in which some chosen tasks have no choice."""
    found: list[Finding] = []
    for name in sorted(profile.unticked.counts):
        count = profile.unticked.counts[name]
        message = pluralize(f"{{count}} of {counted(profile.selected, 'task')} [has|have] no choice in", count)
        examples = tuple(profile.unticked.examples[name])
        # The group's name comes from the project, so it must not be part of the pattern.
        hint = "they cannot be used for a classifier of this group"
        found.append(Finding("no_choice_made", "info", f"{message} {name}", count, examples, hint))
    return found


def one_class(profile: Profile) -> list[Finding]:
    """Report groups in which all training examples have the same class."""
    found: list[Finding] = []
    for label_type, counts in _groups(profile):
        if len(counts) == 1:
            ((_, count),) = counts.items()
            message = pluralize("{count} training [task has|tasks have] the same class in", count)
            message = f"{message} {group_of(label_type)}: a model cannot learn a single class"
            severity: Severity = "info" if profile.is_left(label_type) else "warning"
            hint = "annotate tasks of the other classes, too"
            found.append(Finding("one_class", severity, message, count, _shown(profile, label_type, counts), hint))
    return found


def one_class_dominates(profile: Profile) -> list[Finding]:
    """Report single-choice groups in which one class has nearly all training examples."""
    found: list[Finding] = []
    for label_type, counts in _groups(profile):
        group = profile.group(label_type)
        if group is None or group.mode != "single" or len(counts) < 2:
            continue
        count, total = max(counts.values()), counts.total()
        if count > MOST_OF_ALL * total:
            # Truncated, not rounded: 99.97 % is not all.
            share = f"{1000 * count // total / 10:.1f} %"
            message = f"one class has {share} of the training tasks in {group_of(label_type)}"
            hint = "accuracy is misleading here: look at the scores by class"
            largest = Counter({name: n for name, n in counts.items() if n == count})
            examples = _shown(profile, label_type, largest)
            found.append(Finding("one_class_dominates", "info", message, count, examples, hint))
    return found


def _groups(profile: Profile) -> Iterator[tuple[str, Counter[str]]]:
    """Yield each group of choices with its training examples by class."""
    for label_type in sorted(profile.examples):
        if group_of(label_type):
            counts = {name: parts["train"] for name, parts in profile.examples[label_type].items()}
            yield label_type, Counter({name: count for name, count in counts.items() if count})


def _shown(profile: Profile, label_type: str, counts: Counter[str]) -> tuple[str, ...]:
    """Return the classes with their numbers; classes that come from the tasks may be text of a document."""
    if profile.is_dynamic(label_type):
        return ()
    return tuple(f"{name} ({count})" for name, count in sorted(counts.items()))


CHECKS = {"labels": (taken, unusable, one_class, one_class_dominates, unticked)}

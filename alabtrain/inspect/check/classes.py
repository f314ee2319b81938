"""Checks of choices: which group is trained, and whether its classes can be told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from alabtrain.annotations.classes import HINTS, LOSSES
from alabtrain.core.findings import Finding, Severity, pluralize
from alabtrain.inspect.check import words
from alabtrain.inspect.check.profile import CLASSES, Profile
from alabtrain.labeling.choices import choice_finding, choose_choices, default_groups

MOST_OF_ALL = 0.95  # a class with a larger share is what a lazy model always answers
_TOLD_ELSEWHERE = frozenset({"unknown_choice", "text_missing"})


def taken(profile: Profile) -> list[Finding]:
    """Tell which group of several a classifier is trained on."""
    # Several that are marked are an error, which the rules of the config tell.
    if profile.config is None or len(default_groups(profile.config)) > 1:
        return []
    chosen = choose_choices(profile.config)
    return [choice_finding(chosen)] if chosen and chosen.left else []


def unusable(profile: Profile) -> list[Finding]:
    """Report choices that are no examples; those of no known choice are told by name, with the labels."""
    found = [
        profile.class_tally.finding(code, "warning", f"not usable: {{count}} {text}", HINTS.get(code, ""))
        for code, text in LOSSES.items()
        if code not in _TOLD_ELSEWHERE
    ]
    return [finding for finding in found if finding is not None]


def unticked(profile: Profile) -> list[Finding]:
    """Report groups in which some chosen tasks have no choice."""
    found: list[Finding] = []
    for name in sorted(profile.unticked.counts):
        count = profile.unticked.counts[name]
        told = pluralize(f"{{count}} of {words.counted(profile.selected, 'task')} [has|have] no choice in", count)
        places = tuple(profile.unticked.examples[name])
        # The group's name is the project's own: it is no part of the pattern.
        hint = "of no use for a classifier of that group"
        found.append(Finding("no_choice_made", "info", f"{told} {name}", count, places, hint))
    return found


def one_class(profile: Profile) -> list[Finding]:
    """Report groups in which all training examples have the same class."""
    found: list[Finding] = []
    for kind, counts in _groups(profile):
        if len(counts) == 1:
            ((_, count),) = counts.items()
            told = pluralize("{count} training [task has|tasks have] the same class in", count)
            message = f"{told} {_name(kind)}: a model has nothing to tell apart"
            severity: Severity = "info" if profile.is_left(kind) else "warning"
            hint = "annotate tasks of the other classes too"
            found.append(Finding("one_class", severity, message, count, _shown(profile, kind, counts), hint))
    return found


def one_class_dominates(profile: Profile) -> list[Finding]:
    """Tell of groups of single choice in which one class has nearly all training examples."""
    found: list[Finding] = []
    for kind, counts in _groups(profile):
        group = profile.group(kind)
        if group is None or group.mode != "single" or len(counts) < 2:
            continue
        count, total = max(counts.values()), counts.total()
        if count > MOST_OF_ALL * total:
            # Cut, not rounded: 99.97 % is not all.
            share = f"{1000 * count // total / 10:.1f} %"
            message = f"one class has {share} of the training tasks in {_name(kind)}"
            hint = "accuracy says little here: look at the scores by class"
            largest = Counter({name: n for name, n in counts.items() if n == count})
            examples = _shown(profile, kind, largest)
            found.append(Finding("one_class_dominates", "info", message, count, examples, hint))
    return found


def _groups(profile: Profile) -> Iterator[tuple[str, Counter[str]]]:
    """Yield each kind of choices with its training examples by class."""
    for kind in sorted(profile.examples):
        if kind.startswith(CLASSES):
            counts = {name: parts["train"] for name, parts in profile.examples[kind].items()}
            yield kind, Counter({name: count for name, count in counts.items() if count})


def _name(kind: str) -> str:
    return kind.removeprefix(CLASSES)


def _shown(profile: Profile, kind: str, counts: Counter[str]) -> tuple[str, ...]:
    """Return the classes with their numbers; those that the tasks bring may be text of a document."""
    if profile.is_dynamic(kind):
        return ()
    return tuple(f"{name} ({count})" for name, count in sorted(counts.items()))


CHECKS = (taken, unusable, one_class, one_class_dominates, unticked)

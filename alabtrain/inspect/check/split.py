"""Checks of the split into training and test set: tags, texts in both parts, labels in only one."""

from __future__ import annotations

from alabtrain.core.findings import MAX_EXAMPLES, Finding, natural
from alabtrain.core.numbers import counted
from alabtrain.labeling.names import fold
from alabtrain.trainers.profile import Profile

_PARTS = ("test", "train")
_LIKE_PARTS = frozenset(
    part + end for part in ("test", "train", "training", "testing") for end in ("", "s", "set", "data", "ing")
) | {"tets", "tran", "trian", "heldout", "holdout"}


def both_tags(profile: Profile) -> list[Finding]:
    """Report tasks tagged both Train and Test, which are an error in a split by tags."""
    finding = profile.tally.finding(
        "both_tags",
        "error",
        "{count} [task is|tasks are] tagged both Train and Test",
        "remove one of the tags, or use --split random",
    )
    return [finding] if finding else []


def no_training_part(profile: Profile) -> list[Finding]:
    """Report that every chosen task is tagged Test."""
    if profile.parts["train"] or not profile.parts["test"]:
        return []
    message = "all chosen tasks are tagged Test, so there is nothing to train on"
    return [Finding("no_training_part", "error", message, profile.parts["test"], hint="use --split random")]


def no_test_part(profile: Profile) -> list[Finding]:
    """Report that scores will come from a random validation set."""
    if profile.parts["test"] or not profile.parts["train"]:
        return []
    message = "no chosen task is tagged Test: scores will come from a random validation set"
    hint = "tag some tasks Test (in the tool, or with --task-tags FILE) to score every model on the same texts"
    return [Finding("no_test_part", "info", message, 1, (), hint)]


def duplicate_texts(profile: Profile) -> list[Finding]:
    """Report duplicate texts."""
    count, examples = profile.texts.duplicates()
    if not count:
        return []
    message = f"{counted(count, 'duplicate text')} in the same part, which get more weight than other texts"
    return [Finding("duplicate_text", "warning", message, count, examples, "remove the copies in the tool")]


def leaked_texts(profile: Profile) -> list[Finding]:
    """Report test texts that are also training texts: their scores are meaningless."""
    return profile.texts.leaked()


def one_sided_labels(profile: Profile) -> list[Finding]:
    """Report labels that only one of the parts has."""
    if not profile.parts["test"]:
        return []
    only: dict[str, list[str]] = {"train": [], "test": []}
    for label_type, counts in profile.examples.items():
        for label, by_part in counts.items() if not profile.is_dynamic(label_type) else ():
            for part, other in (("train", "test"), ("test", "train")):
                if by_part[part] and not by_part[other]:
                    only[part].append(f"{label} ({by_part[part]})")
    reports = {
        "test": ("label_not_in_train", "warning", "only in test tasks, which a model cannot learn",
                 "remove the tag Test from some of these tasks"),
        "train": ("label_not_in_test", "info", "only in training tasks, which will not be scored", ""),
    }  # fmt: skip
    found: list[Finding] = []
    for part, names in only.items():
        code, severity, what, hint = reports[part]
        if names:
            message = f"{counted(len(names), 'label')} {what}"
            examples = tuple(sorted(names, key=natural)[:MAX_EXAMPLES])
            found.append(
                Finding(code, "warning" if severity == "warning" else "info", message, len(names), examples, hint)
            )
    return found


def odd_tags(profile: Profile) -> list[Finding]:
    """Report tags that look like `Test` or `Train` but differ: the split only knows these two."""
    odd = sorted(tag for tag in profile.tags if fold(tag) in _LIKE_PARTS and tag.casefold() not in _PARTS)
    if not odd:
        return []
    message = f"{counted(len(odd), 'tag')} similar to Test or Train, but the split only knows these two"
    examples = tuple(f"{tag} ({profile.tags[tag]})" for tag in odd[:MAX_EXAMPLES])
    return [Finding("odd_tag", "warning", message, len(odd), examples, "rename the tag if it means a part")]


CHECKS = (
    both_tags,
    no_training_part,
    leaked_texts,
    duplicate_texts,
    one_sided_labels,
    odd_tags,
    no_test_part,
)

"""Checks of how tasks divide into training and test: tags, texts on both sides, labels on one only."""

from __future__ import annotations

from alabtrain.core.findings import MAX_EXAMPLES, Finding, natural
from alabtrain.inspect.check import words
from alabtrain.inspect.check.profile import Profile
from alabtrain.labeling.names import fold

_PARTS = ("test", "train")
_LIKE_PARTS = frozenset(
    part + end for part in ("test", "train", "training", "testing") for end in ("", "s", "set", "data", "ing")
) | {"tets", "tran", "trian", "heldout", "holdout"}


def both_tags(profile: Profile) -> list[Finding]:
    """Report tasks tagged both Train and Test, which a split by tags refuses."""
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
    message = "all chosen tasks are tagged Test: nothing is left to train on"
    return [Finding("no_training_part", "error", message, profile.parts["test"], hint="use --split random")]


def no_test_part(profile: Profile) -> list[Finding]:
    """Tell that scores will come from a random part."""
    if profile.parts["test"] or not profile.parts["train"]:
        return []
    message = "no chosen task is tagged Test: scores will come from a random validation part"
    hint = "tag some tasks Test (in the tool, or with --task-tags FILE) to score every model on the same texts"
    return [Finding("no_test_part", "info", message, 1, (), hint)]


def duplicate_texts(profile: Profile) -> list[Finding]:
    """Report texts that are there several times."""
    count, examples = profile.texts.duplicates()
    if not count:
        return []
    message = f"{words.counted(count, 'text')} again in the same part: repeated texts weigh more than others"
    return [Finding("duplicate_text", "warning", message, count, examples, "remove the copies in the tool")]


def leaked_texts(profile: Profile) -> list[Finding]:
    """Report test texts that are training texts too: scores on them say nothing."""
    return profile.texts.leaked()


def one_sided_labels(profile: Profile) -> list[Finding]:
    """Report labels that only one of the parts has."""
    if not profile.parts["test"]:
        return []
    only: dict[str, list[str]] = {"train": [], "test": []}
    for kind, counts in profile.examples.items():
        for label, by_part in counts.items() if not profile.is_dynamic(kind) else ():
            for part, other in (("train", "test"), ("test", "train")):
                if by_part[part] and not by_part[other]:
                    only[part].append(f"{label} ({by_part[part]})")
    told = {
        "test": ("label_not_in_train", "warning", "in test tasks only: no model can learn that",
                 "remove the tag Test from some of these tasks"),
        "train": ("label_not_in_test", "info", "in training tasks only: scores say nothing of that", ""),
    }  # fmt: skip
    found: list[Finding] = []
    for part, names in only.items():
        code, severity, what, hint = told[part]
        if names:
            message = f"{words.counted(len(names), 'label')} {what}"
            examples = tuple(sorted(names, key=natural)[:MAX_EXAMPLES])
            found.append(
                Finding(code, "warning" if severity == "warning" else "info", message, len(names), examples, hint)
            )
    return found


def odd_tags(profile: Profile) -> list[Finding]:
    """Report tags that look like `Test` or `Train` and are not: the split goes by these two alone."""
    odd = sorted(tag for tag in profile.tags if fold(tag) in _LIKE_PARTS and tag.casefold() not in _PARTS)
    if not odd:
        return []
    message = f"{words.counted(len(odd), 'tag')} that the split does not know: it goes by Test and Train alone"
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

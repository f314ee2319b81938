"""Checks of labels and choices: too few examples, never used, not in the config, written differently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from alabtrain.core.findings import MAX_EXAMPLES, Finding, Severity
from alabtrain.inspect.check import words
from alabtrain.inspect.check.profile import CLASSES, Profile, class_kind
from alabtrain.labeling.names import fold
from alabtrain.labeling.rules import validate

ENOUGH = 50  # the product's documentation recommends 40 to 50 examples per entity


def config_problems(profile: Profile) -> list[Finding]:
    """Report what is wrong in the labeling config, or that there is none."""
    if profile.config is not None:
        return validate(profile.config)
    message = "there is no labeling config: assertion labels cannot be told from others"
    return [Finding("no_config", "warning", message, hint="give it with --config FILE.xml")]


def no_examples(profile: Profile) -> list[Finding]:
    """Report types that the config allows and no chosen completion has a usable example of."""
    there = {
        kind.partition(":")[0] for kind, counts in profile.examples.items() if counts and not profile.is_left(kind)
    }
    missing = [kind for kind in profile.types if kind not in there] if profile.selected else []
    if not missing:
        return []
    message = f"no usable example for {', '.join(missing)}, which the config allows"
    return [Finding("no_examples", "warning", message, len(missing), (), "the other findings may say why")]


def few_examples(profile: Profile) -> list[Finding]:
    """Report labels with fewer training examples than the product recommends."""
    found: list[Finding] = []
    for kind, names in _known(profile):
        counts = profile.examples.get(kind, {})
        few = {name: counts[name]["train"] for name in names if name in counts}
        few = {name: count for name, count in few.items() if 0 < count < ENOUGH}
        rare = sorted(few.items(), key=lambda item: (item[1], item[0]))
        if rare:
            found.append(
                Finding(
                    "few_examples",
                    _severity(profile, kind),
                    f"{words.labels(len(rare), kind)} with under {ENOUGH} training examples",
                    len(rare),
                    tuple(f"{name} ({count})" for name, count in rare[:MAX_EXAMPLES]),
                    "40 to 50 are recommended: annotate more of them, or merge labels; scores on them will be poor",
                )
            )
    return found


def unused(profile: Profile) -> list[Finding]:
    """Report labels of the config that no chosen completion uses."""
    found: list[Finding] = []
    for kind, names in _known(profile) if profile.config and profile.selected else ():
        missing = [name for name in names if not profile.used[kind][name]]
        if missing:
            found.append(
                Finding(
                    "unused_label",
                    _severity(profile, kind),
                    f"{words.labels(len(missing), kind)} in the config but in no chosen completion",
                    len(missing),
                    tuple(missing[:MAX_EXAMPLES]),
                    "no model can learn them: annotate some, or remove them from the config",
                )
            )
    return found


def unknown(profile: Profile) -> list[Finding]:
    """Report labels in the results that the config does not have, or has in another spelling."""
    if profile.config is None:
        return []
    found: list[Finding] = []
    known = dict(_known(profile))
    for kind, used in profile.used.items():
        names = known.get(kind)
        if names is None or profile.is_dynamic(kind):
            continue
        here = {*names, *(known.get("assertion", ()) if kind == "ner" else ())}
        spellings = {fold(name): name for name in here}
        strange = {name: count for name, count in used.most_common() if name not in here}
        alike = {name: count for name, count in strange.items() if fold(name) in spellings}
        other = {name: count for name, count in strange.items() if name not in alike}
        if alike:
            found.append(_alike(kind, alike, spellings))
        if other:
            found.append(_other(kind, other))
    groups = {group.name for group in profile.config.choices}
    met = [kind.removeprefix(CLASSES) for kind in profile.used if kind.startswith(CLASSES)]
    gone = [name for name in met if name not in groups]
    if gone:
        message = f"{words.counted(len(gone), 'group')} of choices in the results but not in the config"
        hint = "was the group renamed? the results keep the old name"
        found.append(Finding("unknown_group", "warning", message, len(gone), tuple(gone[:MAX_EXAMPLES]), hint))
    return found


def _alike(kind: str, alike: dict[str, int], spellings: dict[str, str]) -> Finding:
    return Finding(
        "label_spelling",
        "warning",
        f"{words.labels(len(alike), kind)} that the config spells otherwise "
        f"({words.counted(sum(alike.values()), 'result')} of no use)",
        len(alike),
        tuple(f"{name!r} is {spellings[fold(name)]!r} in the config" for name in list(alike)[:MAX_EXAMPLES]),
        "write the label in the config as the results have it, or rename it in the results",
    )


def _other(kind: str, other: dict[str, int]) -> Finding:
    return Finding(
        "unknown_label",
        "warning",
        f"{words.labels(len(other), kind)} that the config does not have "
        f"({words.counted(sum(other.values()), 'result')} of no use)",
        len(other),
        tuple(f"{name} ({count})" for name, count in list(other.items())[:MAX_EXAMPLES]),
        "add the label to the labeling config, or rename it in the tool",
    )


def _known(profile: Profile) -> Iterator[tuple[str, list[str]]]:
    """Yield the labels by kind: those of the config, else those that were met."""
    config = profile.config
    if config is None:
        for kind, counts in profile.examples.items():
            yield kind, sorted(counts)
        return
    yield "ner", _names(label.name for label in config.ner_labels)
    yield "assertion", _names(label.name for label in config.assertion_labels)
    yield "visual_ner", _names(label.name for label in config.rectangle_labels)
    for group in config.usable_choices:
        kind = class_kind(group.name)
        # A group that lists no choice takes any, if they are not text that the tasks bring.
        anything = [] if group.dynamic else sorted(profile.examples.get(kind, {}))
        yield kind, _names(group.choices) or anything


def _names(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _severity(profile: Profile, kind: str) -> Severity:
    return "info" if profile.is_left(kind) else "warning"


CHECKS = (config_problems, no_examples, few_examples, unused, unknown)

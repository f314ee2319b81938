"""Checks of labels and choices: too few examples, never used, not in the config, written differently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from alabtrain.core.findings import MAX_EXAMPLES, Finding, Severity
from alabtrain.core.numbers import counted
from alabtrain.inspect.check import words
from alabtrain.labeling.names import fold
from alabtrain.labeling.rules import validate
from alabtrain.trainers.profile import Profile, group_of
from alabtrain.trainers.registry import model_types

ENOUGH = 50  # the documentation of Annotation Lab recommends 40 to 50 examples per entity


def config_problems(profile: Profile) -> list[Finding]:
    """Report the problems of the labeling config, or that there is none."""
    if profile.config is not None:
        return validate(profile.config)
    message = "there is no labeling config: assertion labels cannot be distinguished from NER labels"
    return [Finding("no_config", "warning", message, hint="add it with --config FILE.xml")]


def no_examples(profile: Profile) -> list[Finding]:
    """Report types of the config without a usable example in the chosen completions."""
    there = {
        label_type.partition(":")[0]
        for label_type, counts in profile.examples.items()
        if counts and not profile.is_left(label_type)
    }
    missing = [label_type for label_type in profile.types if label_type not in there] if profile.selected else []
    if not missing:
        return []
    message = f"there is no usable example for {', '.join(missing)}, although the labeling config defines it"
    return [Finding("no_examples", "warning", message, len(missing), (), "the other findings may explain why")]


def few_examples(profile: Profile) -> list[Finding]:
    """Report labels with fewer training examples than recommended."""
    found: list[Finding] = []
    for label_type, names in _known(profile):
        counts = profile.examples.get(label_type, {})
        few = {name: counts[name]["train"] for name in names if name in counts}
        few = {name: count for name, count in few.items() if 0 < count < ENOUGH}
        rare = sorted(few.items(), key=lambda item: (item[1], item[0]))
        if rare:
            found.append(
                Finding(
                    "few_examples",
                    _severity(profile, label_type),
                    f"{words.labels(len(rare), label_type)} with fewer than {ENOUGH} training examples",
                    len(rare),
                    tuple(f"{name} ({count})" for name, count in rare[:MAX_EXAMPLES]),
                    "40 to 50 are recommended: annotate more, or merge labels; their scores will be poor",
                )
            )
    return found


def unused(profile: Profile) -> list[Finding]:
    """Report labels of the config that no chosen completion uses."""
    found: list[Finding] = []
    for label_type, names in _known(profile) if profile.config and profile.selected else ():
        missing = [name for name in names if not profile.used[label_type][name]]
        if missing:
            found.append(
                Finding(
                    "unused_label",
                    _severity(profile, label_type),
                    f"{words.labels(len(missing), label_type)} of the config, used in no chosen completion",
                    len(missing),
                    tuple(missing[:MAX_EXAMPLES]),
                    "a model cannot learn them: annotate some, or remove them from the config",
                )
            )
    return found


def unknown(profile: Profile) -> list[Finding]:
    """Report labels in the results that are missing from the config, or have another spelling there."""
    if profile.config is None:
        return []
    found: list[Finding] = []
    known = dict(_known(profile))
    for label_type, used in profile.used.items():
        names = known.get(label_type)
        if names is None or profile.is_dynamic(label_type):
            continue
        here = {*names, *_of_chunks(label_type, known)}
        spellings = {fold(name): name for name in here}
        strange = {name: count for name, count in used.most_common() if name not in here}
        alike = {name: count for name, count in strange.items() if fold(name) in spellings}
        other = {name: count for name, count in strange.items() if name not in alike}
        if alike:
            found.append(_alike(label_type, alike, spellings))
        if other:
            found.append(_other(label_type, other))
    groups = {group.name for group in profile.config.choices}
    gone = [name for name in map(group_of, profile.used) if name and name not in groups]
    if gone:
        message = f"{counted(len(gone), 'group')} of choices in the results, but not in the config"
        hint = "was the group renamed? The results keep the old name"
        found.append(Finding("unknown_group", "warning", message, len(gone), tuple(gone[:MAX_EXAMPLES]), hint))
    return found


def _alike(label_type: str, alike: dict[str, int], spellings: dict[str, str]) -> Finding:
    return Finding(
        "label_spelling",
        "warning",
        f"{words.labels(len(alike), label_type)} with another spelling in the config "
        f"({counted(sum(alike.values()), 'result')} not usable)",
        len(alike),
        tuple(f"{name!r} is {spellings[fold(name)]!r} in the config" for name in list(alike)[:MAX_EXAMPLES]),
        "use the spelling of the results in the config, or rename the label in the results",
    )


def _other(label_type: str, other: dict[str, int]) -> Finding:
    return Finding(
        "unknown_label",
        "warning",
        f"{words.labels(len(other), label_type)} that the config does not have "
        f"({counted(sum(other.values()), 'result')} not usable)",
        len(other),
        tuple(f"{name} ({count})" for name, count in list(other.items())[:MAX_EXAMPLES]),
        "add the label to the labeling config, or rename it in the tool",
    )


def _known(profile: Profile) -> Iterator[tuple[str, list[str]]]:
    """Yield the labels by type: those of the config, else those of the results."""
    config = profile.config
    if config is None:
        for label_type, counts in profile.examples.items():
            yield label_type, sorted(counts)
        return
    for one in model_types():
        groups = one.groups(config)
        if not groups:
            yield one.name, _names(label.name for label in one.labels(config))
        for group in groups:
            label_type = one.label_type(group.name)
            # A group without choices accepts any, unless they come from the tasks.
            anything = [] if group.dynamic else sorted(profile.examples.get(label_type, {}))
            yield label_type, _names(group.choices) or anything


def _of_chunks(label_type: str, known: dict[str, list[str]]) -> list[str]:
    """Return the labels of types that judge entities, for a type that finds them: both are labels of spans."""
    if not any(one.name == label_type and one.gives_chunks for one in model_types()):
        return []
    return [name for one in model_types() if one.reads_chunks for name in known.get(one.name, ())]


def _names(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _severity(profile: Profile, label_type: str) -> Severity:
    return "info" if profile.is_left(label_type) else "warning"


CHECKS = (config_problems, no_examples, few_examples, unused, unknown)

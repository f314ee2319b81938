"""Mistakes and doubtful spots in a labeling config: one small function per rule, each reports its lines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from alabtrain.core.findings import MAX_EXAMPLES, Finding, Severity, pluralize
from alabtrain.labeling.config import Label, LabelingConfig
from alabtrain.labeling.names import fold, shortened

MAX_MODELS = 5  # the limit of a pre-annotation server of Annotation Lab
# The type of a model by the beginning of its name, as the hub and Annotation Lab name them.
NER_NAMES = ("ner_", "visualner_")
ASSERTION_NAMES = ("assertion_",)
NamedLine = tuple[str, int]


def _finding(code: str, severity: Severity, message: str, named_lines: Iterable[NamedLine], hint: str) -> list[Finding]:
    """Return one finding for the given names and lines; none when there are no names."""
    found = [f"{shortened(name)} (line {line})" for name, line in named_lines]
    if not found:
        return []
    text = pluralize(message, len(found))
    return [Finding(code, severity, text, len(found), tuple(found[:MAX_EXAMPLES]), hint)]


def _labels(labels: Iterable[Label]) -> list[NamedLine]:
    return [(label.name, label.line) for label in labels]


def no_control(config: LabelingConfig) -> list[Finding]:
    """Report a config without any control tag."""
    if config.controls:
        return []
    message = "nothing can be annotated: the config has neither Labels nor Choices"
    return [Finding("no_control_tag", "error", message, hint="tag names are case-sensitive: Labels, Choices")]


def nameless_tags(config: LabelingConfig) -> list[Finding]:
    """Report labels and choices without a value, and groups without a name."""
    found = _finding(
        "no_value",
        "error",
        "{count} [tag has|tags have] no value, so nothing can be annotated with [it|them]",
        config.nameless,
        "give each one a value, or remove it",
    )
    groups = [(control.tag, control.line) for control in config.controls if not control.name]
    return found + _finding(
        "no_name",
        "error",
        "{count} [group has|groups have] no name, so results cannot refer to [it|them]",
        groups,
        "give each one a unique name",
    )


def duplicate_names(config: LabelingConfig) -> list[Finding]:
    """Report names that several tags share."""
    lines: dict[str, list[int]] = defaultdict(list)
    for name, line in config.names:
        lines[name].append(line)
    again = [(name, line) for name, at in lines.items() for line in at[1:]]
    return _finding(
        "duplicate_name",
        "error",
        "{count} [tag has|tags have] the name of another tag",
        again,
        "give each tag a unique name",
    )


def unknown_targets(config: LabelingConfig) -> list[Finding]:
    """Report groups whose `toName` names no tag."""
    names = {name for name, _ in config.names}
    wrong = [
        (f"{control.tag} {control.name} to {target or '(nothing)'}", control.line)
        for control in config.controls
        for target in control.to_names or ("",)
        if target not in names
    ]
    return _finding(
        "unknown_target",
        "error",
        "{count} [group points|groups point] (toName) to a tag that does not exist",
        wrong,
        "toName must be the name of the Text or Image tag that is annotated",
    )


def duplicate_labels(config: LabelingConfig) -> list[Finding]:
    """Report labels that occur twice in a group, in several groups, or both as NER and as assertion label."""
    first: dict[str, Label] = {}
    same: list[Label] = []
    elsewhere: list[Label] = []
    mixed: list[Label] = []
    for label in (*config.labels, *config.rectangle_labels):
        earlier = first.setdefault(label.name, label)
        if earlier is label:
            continue
        if earlier.assertion != label.assertion:
            mixed.append(label)
        else:
            (same if earlier.group == label.group else elsewhere).append(label)
    return [
        *_finding(
            "duplicate_label",
            "error",
            "{count} [label occurs|labels occur] twice in a group",
            _labels(same),
            "remove one of the two",
        ),
        *_finding(
            "label_in_two_groups",
            "warning",
            "{count} [label is|labels are] in several groups; [it counts|they count] as one",
            _labels(elsewhere),
            "give them different values if they mean different things",
        ),
        *_finding(
            "label_of_two_kinds",
            "error",
            "{count} [label is both an NER and an assertion label|labels are both NER and assertion labels]",
            _labels(mixed),
            'rename one of the two, or correct assertion="true"',
        ),
    ]


def duplicate_choices(config: LabelingConfig) -> list[Finding]:
    """Report choices that occur twice in their group, and groups without any choice."""
    again = [
        (f"{group.name}: {name}", group.line)
        for group in config.choices
        for name, count in Counter(group.choices).items()
        if count > 1
    ]
    empty = [(group.name, group.line) for group in config.choices if not group.choices and not group.dynamic]
    return [
        *_finding(
            "duplicate_choice",
            "error",
            "{count} [choice occurs|choices occur] twice in a group",
            again,
            "remove one of the two",
        ),
        *_finding(
            "no_choice",
            "warning",
            "{count} [group of choices is|groups of choices are] empty",
            empty,
            "add choices to the group, or remove it",
        ),
    ]


def similar_spellings(config: LabelingConfig) -> list[Finding]:
    """Report labels (and choices of a group) that differ only by case, spaces or underscores."""
    pools: list[Sequence[NamedLine]] = [_labels((*config.labels, *config.rectangle_labels))]
    pools += [[(name, group.line) for name in group.choices] for group in config.choices]
    found: list[NamedLine] = []
    for pool in pools:
        spellings: dict[str, dict[str, int]] = defaultdict(dict)
        for name, line in pool:
            spellings[fold(name)].setdefault(name, line)
        for variants in spellings.values():
            names = " / ".join(repr(name) for name in variants)
            first, line = next(iter(variants.items()))
            if len(variants) > 1 or first != first.strip():
                found.append((names, line))
    return _finding(
        "similar_label",
        "warning",
        "{count} [name differs|names differ] from another one only by case or spaces",
        found,
        "two spellings are two labels: use one",
    )


def assertion_without_ner(config: LabelingConfig) -> list[Finding]:
    """Report assertion labels in a config without NER labels that they could apply to."""
    if config.ner_labels:
        return []
    return _finding(
        "assertion_without_ner_label",
        "error",
        "{count} assertion [label, but no NER label that it could apply to|labels, but no NER label that they could "
        "apply to]",
        _labels(config.assertion_labels),
        'add NER labels (without assertion="true")',
    )


def trained_choices(config: LabelingConfig) -> list[Finding]:
    """Report groups marked for training that cannot be trained: more than one, or per region."""
    marked = sorted((group.name, group.line) for group in config.usable_choices if group.train)
    regional = [(group.name, group.line) for group in config.choices if group.train and group.per_region]
    return [
        *_finding(
            "several_trained_choices",
            "error",
            '{count} Choices have train="true", but a run trains one classifier',
            marked if len(marked) > 1 else (),
            'keep train="true" on only one of them, or choose one with --choices when you train',
        ),
        *_finding(
            "trained_choices_per_region",
            "warning",
            '{count} Choices [has|have] train="true", but [is|are] per region: a classifier cannot learn [it|them]',
            regional,
            'put train="true" on Choices that apply to the whole text',
        ),
    ]


def model_type_mismatch(config: LabelingConfig) -> list[Finding]:
    """Report NER models on assertion labels, and assertion models on labels that are not assertion labels.

    The name of a model gives its type (`ner_…`, `assertion_…`), else the labels that have it do; a model on both
    types of labels is an NER model.
    """
    unmarked = (*config.ner_labels, *config.rectangle_labels)
    ner = _ner_models(unmarked)
    on_assertion = [label for label in config.assertion_labels if label.model in ner or _is_ner(label.model)]
    on_ner = [label for label in unmarked if _is_assertion(label.model)]
    return [
        *_finding(
            "ner_model_on_assertion_label",
            "error",
            "{count} assertion [label|labels] with an NER model",
            _models(on_assertion),
            'a model has one type: correct model="…", or assertion="true"',
        ),
        *_finding(
            "assertion_model_on_ner_label",
            "error",
            '{count} [label|labels] with an assertion model, but without assertion="true"',
            _models(on_ner),
            'a model has one type: correct model="…", or mark the label assertion="true"',
        ),
    ]


def assertion_models(config: LabelingConfig) -> list[Finding]:
    """Report several assertion models, and an assertion model without an NER model."""
    lines: dict[str, int] = {}
    ner = _ner_models((*config.ner_labels, *config.rectangle_labels))
    for label in config.labels:
        # NER models on assertion labels are reported by another rule.
        is_one = label.assertion and label.model not in ner and not _is_ner(label.model)
        if label.model and (is_one or _is_assertion(label.model)):
            lines.setdefault(label.model, label.line)
    if not lines:
        return []
    named_lines = list(lines.items())
    found: list[Finding] = []
    if len(named_lines) > 1:
        found += _finding(
            "several_assertion_models",
            "error",
            "{count} assertion models, but only one is allowed",
            named_lines,
            "use the same model for all assertion labels",
        )
    if not _ner_models(config.ner_labels):
        found += _finding(
            "assertion_model_without_ner_model",
            "error",
            "an assertion model, but no NER model that finds the entities for it",
            named_lines[:1],
            "deploy an NER model first",
        )
    return found


def model_count(config: LabelingConfig) -> list[Finding]:
    """Report more models than a pre-annotation server can load."""
    models = config.models
    if len(models) <= MAX_MODELS:
        return []
    message = f"{len(models)} models, but a pre-annotation server loads at most {MAX_MODELS}"
    examples = tuple(shortened(model) for model in models[:MAX_EXAMPLES])
    return [Finding("too_many_models", "error", message, len(models), examples, "remove some")]


def _models(labels: Iterable[Label]) -> list[NamedLine]:
    return [(f"{label.name}: {label.model}", label.line) for label in labels]


def _ner_models(unmarked: Iterable[Label]) -> set[str]:
    return {label.model for label in unmarked if label.model and not _is_assertion(label.model)}


def _is_ner(model: str | None) -> bool:
    return model is not None and model.casefold().startswith(NER_NAMES)


def _is_assertion(model: str | None) -> bool:
    return model is not None and model.casefold().startswith(ASSERTION_NAMES)


Rule = Callable[[LabelingConfig], list[Finding]]

MODEL_RULES: tuple[Rule, ...] = (model_type_mismatch, assertion_models, model_count)
RULES: tuple[Rule, ...] = (
    no_control,
    nameless_tags,
    duplicate_names,
    unknown_targets,
    duplicate_labels,
    duplicate_choices,
    similar_spellings,
    assertion_without_ner,
    trained_choices,
    *MODEL_RULES,
)


def validate(config: LabelingConfig) -> list[Finding]:
    """Return the mistakes and doubtful spots of a config, each finding with its lines."""
    from alabtrain.labeling.rules import RULES

    return [finding for rule in RULES for finding in rule(config)]

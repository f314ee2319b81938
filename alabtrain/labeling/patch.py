"""Write the names of trained models into a labeling config, and change nothing else in it.

The start tags are found and edited in the source text, so that every other byte stays: comments, quotes,
whitespace, line ends. The result is parsed again and compared with the original.
"""

from __future__ import annotations

import difflib
import html
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from alabtrain.core.errors import InputError, UsageError
from alabtrain.labeling.config import BOXES, CHOICES, SPANS, STATUSES, Annotation, Label, LabelingConfig, parse_config
from alabtrain.labeling.markup import Markup, StartTag, read_markup
from alabtrain.labeling.names import MODEL_SUFFIX
from alabtrain.labeling.rules import MODEL_RULES

MODEL = "model"
_ANCHORS = {"Choices": "name"}  # a new model attribute is inserted after this one, else after `value`


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model to deploy; `labels` are its training labels (for choices: the name of its Choices).

    `annotates` decides which tags of the config get its name.
    """

    annotates: Annotation
    name: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: the code points `start` to `end` of the source text become `text`.

    `label` (the name of a label or a Choices), `line`, `old` and `new` describe it for users.
    """

    start: int
    end: int
    text: str
    label: str
    line: int
    old: str | None
    new: str


def plan(config: LabelingConfig, models: Sequence[TrainedModel]) -> tuple[Edit, ...]:
    """Return the edits that deploy `models` into the config, in text order; none where a model is deployed already.

    Raises:
        UsageError: the models contradict each other.
        InputError: the config has no label or Choices for a model.
    """
    wanted: dict[int, tuple[str, str]] = {}  # element -> name of the label, model
    for model in models:
        _require_name(model)
        for element, label, value in _targets(config, model):
            if wanted.setdefault(element, (label, value)) != (label, value):
                raise UsageError(f"two models for {label}: {wanted[element][1]} and {value}", where=config.where)
    markup = read_markup(config.source, where=config.where, encoding=config.encoding)
    edits = [
        edit
        for element, (label, value) in sorted(wanted.items())
        if (edit := _edit(markup, markup.tags[element], label, value)) is not None
    ]
    return tuple(edits)


def patch(config: LabelingConfig, models: Sequence[TrainedModel]) -> bytes:
    """Return the source of the config with the models deployed; only `model` attributes differ.

    Raises what `plan` raises, and `InputError` where the result would break a rule of Annotation Lab: an NER
    model on an assertion label, two assertion models, an assertion model without an NER model, more than
    five models.
    """
    edits = plan(config, models)
    if not edits:
        require_model_rules(config)
        return config.source
    markup = read_markup(config.source, where=config.where, encoding=config.encoding)
    pieces: list[str] = []
    position = 0
    for edit in edits:
        pieces += [markup.text[position : edit.start], edit.text]
        position = edit.end
    after = markup.encode("".join([*pieces, markup.text[position:]]))
    _require_same(config, after)
    require_model_rules(parse_config(after, where=config.where, encoding=config.encoding))
    return after


def unified_diff(before: bytes, after: bytes, name: str) -> str:
    """Return the changes as a unified diff, "" when there are none; bytes that are not text are replaced."""
    old, new = (_lines(source, name) for source in (before, after))
    return "".join(difflib.unified_diff(old, new, f"a/{name}", f"b/{name}"))


def _targets(config: LabelingConfig, model: TrainedModel) -> list[tuple[int, str, str]]:
    """Return the element, name and new value of each tag that a model is written to."""
    if model.annotates == STATUSES:
        labels = _assertion_labels(config, model)
        value = model.name if model.name.endswith(MODEL_SUFFIX) else model.name + MODEL_SUFFIX
        return [(label.element, label.name, value) for label in labels]
    if model.annotates == CHOICES:
        groups = [group for group in config.choices if group.name in model.labels]
        _require_found(config, model, {group.name for group in groups}, "Choices")
        return [(group.element, group.name, model.name) for group in groups]
    if model.annotates == BOXES:
        labels = config.rectangle_labels
    elif model.annotates == SPANS:
        labels = _ner_labels(config, model)
    else:
        raise UsageError(f"models for {model.annotates} cannot be deployed")
    _require_found(config, model, {label.name for label in labels}, "label")
    trained = set(model.labels)
    return [(label.element, label.name, model.name) for label in labels if label.name in trained]


def _ner_labels(config: LabelingConfig, model: TrainedModel) -> tuple[Label, ...]:
    labels = config.ner_labels
    unmarked = {label.name for label in labels}
    marked = {label.name: label for label in config.assertion_labels}
    wrong = [name for name in model.labels if name in marked and name not in unmarked]
    if wrong:
        raise InputError(
            f"{model.name} is an NER model, but {wrong[0]} is an assertion label",
            where=f"{config.where}, line {marked[wrong[0]].line}",
            hint='train again with this config, or remove assertion="true" from the label',
        )
    return labels


def _assertion_labels(config: LabelingConfig, model: TrainedModel) -> tuple[Label, ...]:
    labels = config.assertion_labels
    unmarked = {label.name: label for label in config.ner_labels}
    marked = {label.name for label in labels}
    wrong = [name for name in model.labels if name in unmarked and name not in marked]
    if wrong:
        raise InputError(
            f'{model.name} is an assertion model, but {wrong[0]} is not marked assertion="true"',
            where=f"{config.where}, line {unmarked[wrong[0]].line}",
            hint="mark the label, or train again with this config",
        )
    _require_found(config, model, marked, "assertion label")
    if not labels:
        raise InputError("the config has no assertion label", where=config.where, hint='mark one: assertion="true"')
    return labels


def _require_found(config: LabelingConfig, model: TrainedModel, found: set[str], what: str) -> None:
    if not model.labels:
        raise UsageError(f"{model.name}: the labels that the model was trained on are not known")
    missing = [name for name in model.labels if name not in found]
    if missing:
        names = ", ".join(missing[:5])
        raise InputError(
            f"the config has no {what} {names}, which {model.name} was trained on",
            where=config.where,
            hint="is this the config of another project, or was a label renamed after the training?",
        )


def _require_name(model: TrainedModel) -> None:
    if not model.name.strip() or model.name != model.name.strip() or not model.name.isprintable():
        hint = "choose another name with --model-name"
        raise UsageError("a model name is empty, or has control characters or spaces at its ends", hint=hint)


def _edit(markup: Markup, tag: StartTag, label: str, value: str) -> Edit | None:
    """Return the edit that sets the model of a start tag to `value`; None when it has this value already."""
    attribute = tag.attribute(MODEL)
    if attribute is not None:
        quote = markup.text[attribute.start - 1]
        raw = _raw(value, quote, markup.codec)
        old = markup.text[attribute.start : attribute.end]
        if html.unescape(old) == value:
            return None
        return Edit(attribute.start, attribute.end, raw, label, tag.line, old, value)
    anchor = tag.attribute(_ANCHORS.get(tag.name, "value"))
    position = anchor.after if anchor else tag.name_end
    quote = markup.text[anchor.end] if anchor else '"'
    text = f" {MODEL}={quote}{_raw(value, quote, markup.codec)}{quote}"
    return Edit(position, position, text, label, tag.line, None, value)


def _raw(value: str, quote: str, codec: str) -> str:
    """Return `value` escaped for quotes; characters that the encoding lacks become character references."""
    text = escape(value, {quote: "&quot;" if quote == '"' else "&apos;"})
    return text.encode(codec, "xmlcharrefreplace").decode(codec)


def _require_same(config: LabelingConfig, after: bytes) -> None:
    """Raise `InputError` when anything but `model` attributes differs between the config and `after`."""
    before = read_markup(config.source, where=config.where, encoding=config.encoding)
    changed = read_markup(after, where=config.where, encoding=config.encoding)
    if _without_models(before) != _without_models(changed) or _tree(before) != _tree(changed):
        raise InputError(
            "the config cannot be patched without changing more than its model attributes",
            where=config.where,
            hint="set the model in the annotation tool",
        )


def _without_models(markup: Markup) -> tuple[object, ...]:
    """Return the source text without `model` attributes and the blanks before them, and what its other parts say."""
    pieces: list[str] = []
    position = 0
    for tag in markup.tags:
        there = tag.attribute(MODEL)
        if there is not None:
            pieces.append(markup.text[position : there.before])
            position = there.after
    values = [(tag.name, [item for item in tag.values.items() if item[0] != MODEL]) for tag in markup.tags]
    return "".join([*pieces, markup.text[position:]]), values


def _tree(markup: Markup) -> list[tuple[object, ...]] | None:
    """Return the elements as a second parser sees them, without `model` attributes; None if it cannot read them."""
    from lxml import etree

    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(markup.text.lstrip("\ufeff").encode(), parser)
    except etree.XMLSyntaxError:
        return None
    return [
        (str(one.tag), sorted((key, value) for key, value in one.items() if key != MODEL), one.text, one.tail)
        for one in root.iter()
    ]


def require_model_rules(config: LabelingConfig, *, having: str = "the config would then have") -> None:
    """Raise `InputError` for the first rule about models that a config breaks; `having` begins its message."""
    for rule in MODEL_RULES:
        for finding in rule(config):
            examples = f" ({', '.join(finding.examples)})" if finding.examples else ""
            raise InputError(
                f"{having} {finding.message}{examples}",
                where=config.where,
                hint=finding.hint,
                code=finding.code,
            )


def _lines(source: bytes, name: str) -> list[str]:
    try:
        text = read_markup(source, where=name).text
    except InputError:
        text = source.decode("utf-8", "replace")
    # A file without a line end at its end would glue the diff's lines together.
    return [line.rstrip("\r\n") + "\n" for line in text.splitlines(keepends=True)]

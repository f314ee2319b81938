"""The labeling config: what can be annotated in a project, and which models stand behind it.

The fields are those of real configs of Annotation Lab and Label Studio. Unknown tags are ignored; mistakes in a
readable config are reported by `validate`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from lxml import etree

from alabtrain.core.errors import InputError
from alabtrain.core.modeltypes import ASSERTION, CLASSIFICATION, NER, VISUAL_NER, Type
from alabtrain.labeling.markup import parse, read_markup

SPAN_GROUPS = ("Labels", "HyperTextLabels")
BOX_GROUPS = ("RectangleLabels",)
_GROUPS = (*SPAN_GROUPS, *BOX_GROUPS, "ParagraphLabels", "BrushLabels", "PolygonLabels", "EllipseLabels",
           "KeyPointLabels", "TimeSeriesLabels", "VideoLabels")  # fmt: skip
TEXT_TAGS = ("Text", "HyperText", "Paragraphs")
_KEY = re.compile(r"\$([^\s$]+)")


@dataclass(frozen=True, slots=True)
class Label:
    """One `Label`: `name` is its name in results (its `alias`, else its `value`).

    `group` is the name of the enclosing tag (the `from_name` of results); `line` and `element` (its number
    among the start tags) give its location in the source.
    """

    name: str
    assertion: bool = False
    model: str | None = None
    group: str = ""
    to_name: str = ""
    background: str = ""
    line: int = 0
    element: int = 0


@dataclass(frozen=True, slots=True)
class Choices:
    """One `Choices` group; `models` are those of its single choices; if `dynamic`, the choices come from the tasks."""

    name: str
    to_name: str = ""
    mode: Literal["single", "multiple"] = "single"
    train: bool = False
    per_region: bool = False
    choices: tuple[str, ...] = ()
    model: str | None = None
    line: int = 0
    element: int = 0
    models: tuple[str, ...] = ()
    dynamic: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """One type of relation: read and kept, but not trained."""

    name: str
    allowed: str = ""
    model: str | None = None
    line: int = 0
    element: int = 0


@dataclass(frozen=True, slots=True)
class DataTag:
    """A tag that displays data of a task: `key` is the data key ("text" for `$text`), "" if it names none."""

    tag: str
    name: str
    key: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Control:
    """A control tag (`Labels`, `Choices`, …): its name and the tags that it annotates."""

    tag: str
    name: str
    to_names: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class LabelingConfig:
    """A labeling config; `source` are its bytes, `where` names it in errors.

    `names` are the `name` attributes of all tags with their lines, `nameless` the tags (Label, Choice,
    Relation) without a value. `encoding` is set where the declared encoding does not apply (inside JSON).
    """

    source: bytes
    where: str
    labels: tuple[Label, ...] = ()
    rectangle_labels: tuple[Label, ...] = ()
    choices: tuple[Choices, ...] = ()
    relations: tuple[Relation, ...] = ()
    texts: tuple[DataTag, ...] = ()
    images: tuple[DataTag, ...] = ()
    controls: tuple[Control, ...] = ()
    names: tuple[tuple[str, int], ...] = ()
    nameless: tuple[tuple[str, int], ...] = ()
    encoding: str | None = None

    @property
    def ner_labels(self) -> tuple[Label, ...]:
        """The labels of text spans that are not assertion labels."""
        return tuple(label for label in self.labels if not label.assertion)

    @property
    def assertion_labels(self) -> tuple[Label, ...]:
        """The labels marked `assertion="true"`."""
        return tuple(label for label in self.labels if label.assertion)

    @property
    def usable_choices(self) -> tuple[Choices, ...]:
        """The groups that a classifier can be trained on: they apply to the whole text and have a name."""
        return tuple(group for group in self.choices if group.name and not group.per_region)

    @property
    def text_key(self) -> str:
        """The key of a task's data that holds the text: the target of the labels, else of the choices."""
        keys = {text.name: text.key for text in self.texts if text.key}
        return keys.get(self.text_name, "text")

    @property
    def image_key(self) -> str:
        """The key of a task's data that holds the images of its pages: the key of the first Image tag."""
        return next((image.key for image in self.images if image.key), "image")

    @property
    def text_name(self) -> str:
        """The name of the text tag whose key is `text_key`; "" if the config has no text tag."""
        names = [text.name for text in self.texts if text.key]
        targets = [label.to_name for label in self.labels] + [group.to_name for group in self.choices]
        found = next((name for target in targets for name in split_names(target) if name in names), None)
        return found or next(iter(names), "")

    @property
    def types(self) -> tuple[Type, ...]:
        """The model types that can be trained with this config."""
        allowed: dict[Type, bool] = {
            NER: bool(self.ner_labels),
            ASSERTION: bool(self.assertion_labels),
            CLASSIFICATION: bool(self.usable_choices),
            VISUAL_NER: bool(self.rectangle_labels),
        }
        return tuple(name for name, is_there in allowed.items() if is_there)

    @property
    def models(self) -> tuple[str, ...]:
        """The models that the config names, each once, in the order of the labels, choices and relations."""
        labels = (label.model for label in (*self.labels, *self.rectangle_labels))
        groups = (model for group in self.choices for model in (group.model, *group.models))
        relations = (relation.model for relation in self.relations)
        return tuple(dict.fromkeys(model for model in (*labels, *groups, *relations) if model))


def parse_config(source: bytes, *, where: str, encoding: str | None = None) -> LabelingConfig:
    """Read a labeling config; `where` names it in errors, `encoding` overrides the declared one.

    Raises:
        InputError: it is not XML, or its root is not a `View`; the error names the line.
    """
    markup = read_markup(source, where=where, encoding=encoding)
    elements = parse(markup, where=where)
    if etree.QName(elements[0]).localname != "View":
        raise InputError(
            "this is not a labeling config: its root element is not a View",
            where=f"{where}, line {markup.tags[0].line}",
            hint="copy it from the project's Setup page (Label Studio: Labeling Interface, Code)",
        )
    reader = _Reader()
    for number, (element, tag) in enumerate(zip(elements, markup.tags, strict=True)):
        reader.read(element, tag.line, number)
    return reader.collected(source, where, encoding)


def split_names(value: str) -> list[str]:
    """Return the names in a `toName` (Label Studio allows several, with commas)."""
    return [name.strip() for name in value.split(",") if name.strip()]


class _Reader:
    """Collects the labels, choices, relations and tags of the elements, in document order."""

    def __init__(self) -> None:
        self.labels: list[Label] = []
        self.rectangle_labels: list[Label] = []
        self.groups: dict[etree._Element, Choices] = {}
        self.choices: dict[etree._Element, list[tuple[str, str]]] = {}  # (name, model) of each choice of a group
        self.relations: list[Relation] = []
        self.texts: list[DataTag] = []
        self.images: list[DataTag] = []
        self.controls: list[Control] = []
        self.names: list[tuple[str, int]] = []
        self.nameless: list[tuple[str, int]] = []

    def collected(self, source: bytes, where: str, encoding: str | None) -> LabelingConfig:
        """Return the config that was read."""
        return LabelingConfig(
            source,
            where,
            tuple(self.labels),
            tuple(self.rectangle_labels),
            tuple(_with_choices(group, self.choices[element]) for element, group in self.groups.items()),
            tuple(self.relations),
            tuple(self.texts),
            tuple(self.images),
            tuple(self.controls),
            tuple(self.names),
            tuple(self.nameless),
            encoding,
        )

    def read(self, element: etree._Element, line: int, number: int) -> None:
        """Read one element, which starts on `line`; `number` is its index among the start tags."""
        tag = _tag(element)
        name = _attribute(element, "name")
        if name:
            self.names.append((name, line))
        if tag in TEXT_TAGS or tag == "Image":
            key = _KEY.fullmatch(_attribute(element, "value"))
            data = DataTag(tag, name, key[1] if key else "", line)
            (self.images if tag == "Image" else self.texts).append(data)
        elif tag in _GROUPS or tag == "Choices":
            self.controls.append(Control(tag, name, tuple(split_names(_attribute(element, "toName"))), line))
            if tag == "Choices":
                self.groups[element] = _group(element, line, number)
                self.choices[element] = []
        elif tag in ("Label", "Choice", "Relation"):
            self._read_value(element, tag, line, number)

    def _read_value(self, element: etree._Element, tag: str, line: int, number: int) -> None:
        value = _attribute(element, "alias") or _attribute(element, "value")
        model = _attribute(element, "model")
        if not value.strip():
            self.nameless.append((tag, line))
        elif tag == "Label":
            self._read_label(element, value, line, number)
        elif tag == "Choice":
            group = _around(element, ("Choices",))
            if group is not None:
                self.choices[group].append((value, model))
        else:
            self.relations.append(Relation(value, _attribute(element, "allowed"), model or None, line, number))

    def _read_label(self, element: etree._Element, value: str, line: int, number: int) -> None:
        group = _around(element, _GROUPS)
        if group is None:
            return
        label = Label(
            value,
            assertion=_is_true(element, "assertion"),
            model=_attribute(element, "model") or None,
            group=_attribute(group, "name"),
            to_name=_attribute(group, "toName"),
            background=_attribute(element, "background"),
            line=line,
            element=number,
        )
        if _tag(group) in SPAN_GROUPS:
            self.labels.append(label)
        elif _tag(group) in BOX_GROUPS:
            self.rectangle_labels.append(label)


def _group(element: etree._Element, line: int, number: int) -> Choices:
    multiple = _attribute(element, "choice").lower() == "multiple"
    return Choices(
        _attribute(element, "name"),
        _attribute(element, "toName"),
        "multiple" if multiple else "single",
        train=_is_true(element, "train"),
        per_region=_is_true(element, "perRegion"),
        model=_attribute(element, "model") or None,
        line=line,
        element=number,
        dynamic=_attribute(element, "value").startswith("$"),
    )


def _with_choices(group: Choices, choices: list[tuple[str, str]]) -> Choices:
    models = tuple(dict.fromkeys(model for _, model in choices if model))
    return replace(group, choices=tuple(name for name, _ in choices), models=models)


def _around(element: etree._Element, tags: Collection[str]) -> etree._Element | None:
    return next((e for e in element.iterancestors() if _tag(e) in tags), None)


def _tag(element: etree._Element) -> str:
    return etree.QName(element).localname


def _attribute(element: etree._Element, name: str) -> str:
    return str(element.get(name) or "")


def _is_true(element: etree._Element, name: str) -> bool:
    return _attribute(element, name).strip().lower() == "true"

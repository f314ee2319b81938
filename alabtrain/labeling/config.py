"""The labeling config: what can be annotated in a project, and which models stand behind it.

The fields are those of real configs of Annotation Lab and Label Studio. Unknown tags are ignored; mistakes in a
readable config are reported by `validate`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final, Literal

from alabtrain.core.errors import InputError
from alabtrain.labeling.markup import StartTag, read_markup

SPAN_GROUPS = ("Labels", "HyperTextLabels")
BOX_GROUPS = ("RectangleLabels",)
_GROUPS = (*SPAN_GROUPS, *BOX_GROUPS, "ParagraphLabels", "BrushLabels", "PolygonLabels", "EllipseLabels",
           "KeyPointLabels", "TimeSeriesLabels", "VideoLabels")  # fmt: skip
TEXT_TAGS = ("Text", "HyperText", "Paragraphs")
Annotation = Literal["spans", "statuses", "choices", "boxes", "relations"]
"""What annotators give a task, and a model predicts: see the properties of `LabelingConfig` that list their labels."""

SPANS: Final = "spans"
STATUSES: Final = "statuses"
CHOICES: Final = "choices"
BOXES: Final = "boxes"
RELATIONS: Final = "relations"

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

    def labels_of(self, annotation: Annotation) -> tuple[Label, ...]:
        """Return the labels for one sort of annotation; choices and relations have no `Label`."""
        by_annotation = {SPANS: self.ner_labels, STATUSES: self.assertion_labels, BOXES: self.rectangle_labels}
        return by_annotation.get(annotation, ())

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
    if markup.tags[0].local != "View":
        raise InputError(
            "this is not a labeling config: its root element is not a View",
            where=f"{where}, line {markup.tags[0].line}",
            hint="copy it from the project's Setup page (Label Studio: Labeling Interface, Code)",
        )
    reader = _Reader()
    for number, tag in enumerate(markup.tags):
        reader.read(tag, number)
    return reader.collected(source, where, encoding)


def split_names(value: str) -> list[str]:
    """Return the names in a `toName` (Label Studio allows several, with commas)."""
    return [name.strip() for name in value.split(",") if name.strip()]


class _Reader:
    """Collects the labels, choices, relations and tags, in document order."""

    def __init__(self) -> None:
        self.labels: list[Label] = []
        self.rectangle_labels: list[Label] = []
        self.groups: dict[StartTag, Choices] = {}
        self.choices: dict[StartTag, list[tuple[str, str]]] = {}  # (name, model) of each choice of a group
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

    def read(self, tag: StartTag, number: int) -> None:
        """Read one tag; `number` is its index among the start tags."""
        name = tag.value("name")
        if name:
            self.names.append((name, tag.line))
        if tag.local in TEXT_TAGS or tag.local == "Image":
            key = _KEY.fullmatch(tag.value("value"))
            data = DataTag(tag.local, name, key[1] if key else "", tag.line)
            (self.images if tag.local == "Image" else self.texts).append(data)
        elif tag.local in _GROUPS or tag.local == "Choices":
            self.controls.append(Control(tag.local, name, tuple(split_names(tag.value("toName"))), tag.line))
            if tag.local == "Choices":
                self.groups[tag] = _group(tag, number)
                self.choices[tag] = []
        elif tag.local in ("Label", "Choice", "Relation"):
            self._read_value(tag, number)

    def _read_value(self, tag: StartTag, number: int) -> None:
        value = tag.value("alias") or tag.value("value")
        model = tag.value("model")
        if not value.strip():
            self.nameless.append((tag.local, tag.line))
        elif tag.local == "Label":
            self._read_label(tag, value, number)
        elif tag.local == "Choice":
            group = _around(tag, ("Choices",))
            if group is not None:
                self.choices[group].append((value, model))
        else:
            self.relations.append(Relation(value, tag.value("allowed"), model or None, tag.line, number))

    def _read_label(self, tag: StartTag, value: str, number: int) -> None:
        group = _around(tag, _GROUPS)
        if group is None:
            return
        label = Label(
            value,
            assertion=_is_true(tag, "assertion"),
            model=tag.value("model") or None,
            group=group.value("name"),
            to_name=group.value("toName"),
            background=tag.value("background"),
            line=tag.line,
            element=number,
        )
        if group.local in SPAN_GROUPS:
            self.labels.append(label)
        elif group.local in BOX_GROUPS:
            self.rectangle_labels.append(label)


def _group(tag: StartTag, number: int) -> Choices:
    multiple = tag.value("choice").lower() == "multiple"
    return Choices(
        tag.value("name"),
        tag.value("toName"),
        "multiple" if multiple else "single",
        train=_is_true(tag, "train"),
        per_region=_is_true(tag, "perRegion"),
        model=tag.value("model") or None,
        line=tag.line,
        element=number,
        dynamic=tag.value("value").startswith("$"),
    )


def _with_choices(group: Choices, choices: list[tuple[str, str]]) -> Choices:
    models = tuple(dict.fromkeys(model for _, model in choices if model))
    return replace(group, choices=tuple(name for name, _ in choices), models=models)


def _around(tag: StartTag, names: Collection[str]) -> StartTag | None:
    around = tag.parent
    while around is not None and around.local not in names:
        around = around.parent
    return around


def _is_true(tag: StartTag, name: str) -> bool:
    return tag.value(name).strip().lower() == "true"

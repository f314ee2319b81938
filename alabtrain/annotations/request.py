"""What is asked of a completion: which labels, statuses, choices and relations to read, and of which text."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from alabtrain.labeling.config import Choices, LabelingConfig


@dataclass(frozen=True, slots=True)
class Request:
    """What to read of the completions of a project.

    Attributes:
        text_key: the key of the text in a task's data.
        text_name: the name of its tag in the labeling config if the config has several texts, else "".
        spans: whether NER regions are asked for; without it they are read only where statuses or relations need them.
        labels: the NER labels; None if there is no config: every label is one.
        ignored: assertion labels that are no NER labels; they are not counted as spans.
        statuses: the assertion labels to read; None: statuses are not asked for.
        unlabeled_status: the status of NER regions that have none; None: they are only noted.
        groups: the groups of choices to read; None: those that a completion has.
        only_group: whether the config has one group only, so that items that name no group belong to it.
        choices_without_text: whether choices count although the task has no text, as where answers are compared.
        boxes: whether boxes are asked for.
        box_labels: the labels of boxes; None if there is no config: every label is one.
        relations: the labels of relations between NER regions; empty: every label is one, and relations may have none;
            None: relations are not asked for.
    """

    text_key: str = "text"
    text_name: str = ""
    spans: bool = True
    labels: Collection[str] | None = None
    ignored: Collection[str] = ()
    statuses: Collection[str] | None = None
    unlabeled_status: str | None = None
    groups: tuple[Choices, ...] | None = ()
    only_group: bool = False
    choices_without_text: bool = False
    boxes: bool = False
    box_labels: Collection[str] | None = None
    relations: Collection[str] | None = None

    @property
    def reads_spans(self) -> bool:
        """Whether spans are read: they are asked for, or statuses or relations need them."""
        return self.spans or self.statuses is not None or self.relations is not None

    @property
    def status_labels(self) -> frozenset[str]:
        """The assertion labels to read; a label of both types is an NER label: it would be its own status."""
        return frozenset(self.statuses or ()).difference(self.labels or ())

    @property
    def other_labels(self) -> frozenset[str]:
        """The labels that no span is read of."""
        return self.status_labels.union(self.ignored)


def request_everything(config: LabelingConfig | None) -> Request:
    """Return the request for all that a config can annotate, or without a config for all that a completion holds.

    Relations are not asked for: no model is trained on them.
    """
    if config is None:
        return Request(spans=True, labels=None, groups=None, boxes=True)
    ner = frozenset(label.name for label in config.ner_labels)
    statuses = frozenset(label.name for label in config.assertion_labels) - ner
    return Request(
        text_key=config.text_key,
        text_name=config.text_name if len(config.texts) > 1 else "",
        spans=True,
        labels=ner,
        statuses=statuses or None,
        groups=config.usable_choices,
        only_group=len(config.choices) == 1,
        boxes=True,
        box_labels=frozenset(label.name for label in config.rectangle_labels),
    )

"""The input of the checks: counts of the chosen completions of a project; no text of a document."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from alabtrain.annotations.account import ItemAccount
from alabtrain.core.findings import Tally
from alabtrain.core.options import Options
from alabtrain.documents.copies import TextIndex
from alabtrain.documents.estimate import Estimate
from alabtrain.labeling.choices import default_groups
from alabtrain.labeling.config import Choices, LabelingConfig

Part = Literal["train", "test"]
Types = tuple[str, ...]
Counts = dict[str, Counter[str]]
"""By label: how many usable examples each part has."""


@dataclass(slots=True)
class PageCounts:
    """The pages of the training part: `all` of them, those with boxes, those without words, and sizes in words."""

    all: int = 0
    boxed: int = 0
    wordless: int = 0
    sizes: Counter[int] = field(default_factory=Counter)

    @property
    def words(self) -> int:
        """How many words they have."""
        return sum(words * pages for words, pages in self.sizes.items())

    def windows(self, window: int) -> int:
        """Return how many windows of so many words they have."""
        return sum(-(-words // window) * pages for words, pages in self.sizes.items())


@dataclass(slots=True)
class Profile:
    """Counts of the chosen completions of a project.

    `examples` are by type and label; `used` counts every label in the results, usable or not;
    `tally` counts incidents by code, `status_tally`, `class_tally`, `page_tally` and `picture_tally` those of assertion
    labels, choices, boxes and images of pages; `asserted` are the NER labels with at least one assertion label,
    `unasserted` counts entities without one by NER label; `unticked` counts tasks without a choice by group; `learning`
    are the options of a training by type. The tag `Test` decides the part; without it, all tasks are for training.
    """

    config: LabelingConfig | None
    types: Types = ()
    selected: int = 0
    parts: Counter[str] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Counts] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Counter)))
    used: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    tally: Tally = field(default_factory=Tally)
    status_tally: Tally = field(default_factory=Tally)
    class_tally: Tally = field(default_factory=Tally)
    page_tally: Tally = field(default_factory=Tally)
    picture_tally: Tally = field(default_factory=Tally)
    pages: PageCounts = field(default_factory=PageCounts)
    asserted: set[str] = field(default_factory=set)
    unasserted: Tally = field(default_factory=Tally)
    unticked: Tally = field(default_factory=Tally)
    texts: TextIndex = field(default_factory=TextIndex)
    training: Estimate = field(default_factory=Estimate)
    learning: Mapping[str, Options] = field(default_factory=dict)
    items: ItemAccount = field(default_factory=ItemAccount)

    def count(self, label_type: str, label: str, part: str) -> None:
        """Count an example of a label."""
        self.examples[label_type][label][part] += 1

    def group(self, label_type: str) -> Choices | None:
        """Return the group of the config for the label type of a group (`ModelType.label_type`)."""
        groups = self.config.choices if self.config else ()
        return next((group for group in groups if group.name == group_of(label_type)), None)

    def is_dynamic(self, label_type: str) -> bool:
        """Whether the choices come from the tasks: they may be text of a document and must not be shown."""
        group = self.group(label_type)
        return group is not None and group.dynamic

    def is_left(self, label_type: str) -> bool:
        """Whether a label type is a group of choices that is not trained by default."""
        name = group_of(label_type)
        return self.config is not None and bool(name) and all(g.name != name for g in default_groups(self.config))


def group_of(label_type: str) -> str:
    """Return the group of choices of a label type; "" if it is a type that has none."""
    return label_type.partition(":")[2]

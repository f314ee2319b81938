"""The account of all result items that were read: used, lost by reason, or not trained on, by control."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from alabtrain.annotations.reader import NOT_TRAINED, USED, ItemFate
from alabtrain.core.findings import MAX_EXAMPLES, Finding, pluralize
from alabtrain.core.funnel import Stage

STAGE, UNIT = "read results", "items"


@dataclass(slots=True)
class ItemAccount:
    """Counts result items by control and fate: `entered` is the sum of all of them."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def take(self, items: Iterable[ItemFate]) -> None:
        """Add the result items of one completion."""
        self.counts.update((item.control, item.fate) for item in items)

    @property
    def entered(self) -> int:
        """How many result items were read."""
        return self.counts.total()

    def by_control(self) -> dict[str, dict[str, int]]:
        """Return for each control how many items were used, lost by reason code, or not trained on."""
        controls: dict[str, dict[str, int]] = {}
        for (control, fate), count in sorted(self.counts.items()):
            controls.setdefault(control, {})[fate] = count
        return controls

    def to_stage(self) -> Stage:
        """Return the stage of the funnel: the items that are not used are lost, by code."""
        lost: Counter[str] = Counter()
        for (_control, fate), count in self.counts.items():
            if fate != USED:
                lost[fate] += count
        return Stage(STAGE, UNIT, self.entered, dict(sorted(lost.items())))

    def findings(self) -> list[Finding]:
        """Return a finding for the annotations that were not asked for, with their controls by name."""
        controls = Counter({control: count for (control, fate), count in self.counts.items() if fate == NOT_TRAINED})
        if not controls:
            return []
        count = controls.total()
        message = pluralize("not trained on: {count} [annotation|annotations] of other controls", count)
        examples = tuple(f"{control}: {number:,}" for control, number in controls.most_common(MAX_EXAMPLES))
        return [Finding(NOT_TRAINED, "info", message, count, examples)]

"""Duplicate texts, within one part of the split or across it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from alabtrain.core.findings import MAX_EXAMPLES, Finding, natural, pluralize
from alabtrain.project.records import Identifier


def same_text(text: str) -> int:
    """Return a hash that copies of a text share, ignoring surrounding whitespace."""
    return hash(text.strip())


@dataclass(slots=True)
class TextIndex:
    """The texts of both parts by hash, to find duplicates; no text is kept."""

    first: dict[str, dict[int, Identifier]] = field(default_factory=lambda: {"train": {}, "test": {}})
    again: dict[str, Counter[int]] = field(default_factory=lambda: {"train": Counter(), "test": Counter()})

    def add(self, text: str, part: str, task_id: Identifier) -> None:
        """Add the text of a task."""
        key = same_text(text)
        if self.first[part].setdefault(key, task_id) != task_id:
            self.again[part][key] += 1

    def duplicates(self) -> tuple[int, tuple[str, ...]]:
        """Return the number of texts that repeat another one of their part, with the first tasks that have them."""
        examples = [f"task {self.first[part][key]}" for part, found in self.again.items() for key in found]
        return sum(found.total() for found in self.again.values()), tuple(sorted(examples, key=natural)[:MAX_EXAMPLES])

    def shared(self) -> tuple[int, tuple[str, ...]]:
        """Return the number of test texts that are also training texts, with examples of both tasks."""
        train, test = self.first["train"], self.first["test"]
        keys = [key for key in test if key in train]
        count = sum(1 + self.again["test"][key] for key in keys)
        examples = sorted((f"tasks {train[key]} and {test[key]}" for key in keys), key=natural)
        return count, tuple(examples[:MAX_EXAMPLES])

    def leaked(self) -> list[Finding]:
        """Report test texts that are also training texts: their scores are meaningless."""
        count, examples = self.shared()
        if not count:
            return []
        message = pluralize("{count} test [text is|texts are] also training texts: the scores will be too high", count)
        hint = "remove the copies, or their tag"
        return [Finding("text_in_train_and_test", "warning", message, count, examples, hint)]

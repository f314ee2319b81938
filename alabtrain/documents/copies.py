"""Texts that are there several times, in one part of the split or on both sides of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from alabtrain.core.findings import MAX_EXAMPLES, Finding, natural, pluralize
from alabtrain.project.records import Identifier


def same_text(text: str) -> int:
    """Return a number that copies of a text share; blanks around it do not count."""
    return hash(text.strip())


@dataclass(slots=True)
class TextIndex:
    """Which texts occur again, by hash: nothing of a text is kept."""

    first: dict[str, dict[int, Identifier]] = field(default_factory=lambda: {"train": {}, "test": {}})
    again: dict[str, Counter[int]] = field(default_factory=lambda: {"train": Counter(), "test": Counter()})

    def add(self, text: str, part: str, task_id: Identifier) -> None:
        """Note the text of a task."""
        key = same_text(text)
        if self.first[part].setdefault(key, task_id) != task_id:
            self.again[part][key] += 1

    def duplicates(self) -> tuple[int, tuple[str, ...]]:
        """Return how many texts repeat another one of their part, with the tasks that have it first."""
        places = [f"task {self.first[part][key]}" for part, found in self.again.items() for key in found]
        return sum(found.total() for found in self.again.values()), tuple(sorted(places, key=natural)[:MAX_EXAMPLES])

    def shared(self) -> tuple[int, tuple[str, ...]]:
        """Return how many test texts are training texts as well, with examples of both tasks."""
        train, test = self.first["train"], self.first["test"]
        keys = [key for key in test if key in train]
        count = sum(1 + self.again["test"][key] for key in keys)
        places = sorted((f"tasks {train[key]} and {test[key]}" for key in keys), key=natural)
        return count, tuple(places[:MAX_EXAMPLES])

    def leaked(self) -> list[Finding]:
        """Report test texts that are training texts too: scores on them say nothing."""
        count, examples = self.shared()
        if not count:
            return []
        message = pluralize("{count} test [text|texts] also among the training texts: scores will look too good", count)
        hint = "remove the copies, or their tag"
        return [Finding("text_in_train_and_test", "warning", message, count, examples, hint)]

"""The split into training, validation and test set."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from alabtrain.core.errors import InputError, UsageError
from alabtrain.documents.copies import same_text
from alabtrain.documents.options import SplitOptions
from alabtrain.project.records import Identifier
from alabtrain.selection.decisions import Decision

HELD_BACK = 0.1
Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = get_args(Part)


@dataclass(frozen=True, slots=True)
class Split:
    """How the tasks are divided: by `Train`/`Test` tags or not, and the share of the validation set.

    Of the tasks that give no scores, only the share `used` is used; a larger share contains the smaller ones.
    """

    by_tags: bool
    validation: float
    seed: int
    used: float = 1.0

    def part(self, task_id: Identifier, tags: Iterable[str]) -> Part:
        """Return the part of a task; adding or removing other tasks never moves it (but see `keep_together`).

        Tasks tagged `Test` are the test set; of the others, the share `validation`, drawn by a hash of the task's id
        and the seed, is the validation set. Raises `InputError` for a task that has both tags.
        """
        tags = list(tags)
        if self.by_tags and is_test(tags):
            if any(tag.casefold() == "train" for tag in tags):
                raise InputError(
                    "the task is tagged both Train and Test",
                    where=f"task {task_id}",
                    hint="remove one of the tags, or use --split random",
                )
            return "test"
        return "validation" if draw(task_id, self.seed) < self.validation else "train"

    def keeps(self, task_id: Identifier, tags: Iterable[str]) -> bool:
        """Whether a task is used: always if the scores come from it (test set; without tags, validation set)."""
        scored = "test" if self.by_tags else "validation"
        return self.used >= 1 or self.part(task_id, tags) == scored or draw(task_id, f"used {self.seed}") < self.used


def is_test(tags: Iterable[str]) -> bool:
    """Whether a task with these tags is in the test set when tags divide: it is tagged `Test`, ignoring case."""
    return any(tag.casefold() == "test" for tag in tags)


def draw(task_id: Identifier, seed: int | str) -> float:
    """Return a number in [0, 1) that depends on the task's id and the seed alone."""
    digest = hashlib.sha256(f"{seed}:{task_id}".encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56


def keep_together(drawn: Iterable[tuple[str, Part]]) -> list[Part]:
    """Return the parts of texts with all copies in one part: that of the first copy.

    `drawn` are the texts with their own parts, in the order of the task ids, so that only adding or removing
    the first copy moves others. Test tasks are tagged so: they stay, and do not move their copies.
    """
    first: dict[int, Part] = {}
    return [part if part == "test" else first.setdefault(same_text(text), part) for text, part in drawn]


def choose_split(decisions: Iterable[Decision], options: SplitOptions, *, beside_test: float = HELD_BACK) -> Split:
    """Return the split for the options; `auto` goes by tags if a task with a chosen completion is tagged `Test`.

    The share `validation` of the training tasks is held back to score each epoch; None means `beside_test` if the
    scores come from tasks tagged `Test`, and `HELD_BACK` if they come from the validation set.

    Raises:
        UsageError: the split is `tags`, and no task with a chosen completion is tagged `Test`.
    """
    tagged = any(is_test(decision.tags) for decision in decisions if decision.completion_id is not None)
    if options.split == "tags" and not tagged:
        raise UsageError(
            "--split tags: no task with a chosen completion is tagged `Test`",
            hint="tag some tasks (in the tool, or with --task-tags FILE), or use --split random",
        )
    by_tags = options.split == "tags" or (options.split == "auto" and tagged)
    share = options.validation if options.validation is not None else beside_test if by_tags else HELD_BACK
    return Split(by_tags=by_tags, validation=share, seed=options.seed, used=options.used)

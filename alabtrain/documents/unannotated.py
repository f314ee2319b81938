"""The tasks of a project that could be annotated next, and the labels annotated so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from alabtrain.annotations.items import read_regions
from alabtrain.core.errors import NothingToTrain
from alabtrain.core.json import Json
from alabtrain.documents.split import draw, is_test
from alabtrain.labeling.config import LabelingConfig
from alabtrain.project.project import Project
from alabtrain.project.records import Completion, Task
from alabtrain.selection.choose import Wanted
from alabtrain.selection.options import SelectionOptions
from alabtrain.selection.select import select_project

MOST_KNOWN = 1_000  # annotated tasks, drawn at random, that new ones are compared with
ANNOTATED = "has_completion"


@dataclass(slots=True)
class Pool:
    """The tasks that could be annotated, texts of annotated ones, and counts of annotations by label of the config."""

    labels: frozenset[str]
    candidates: list[tuple[int | str, str]] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    annotated: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)


def read_pool(project: Project, config: LabelingConfig, key: str, selection: SelectionOptions) -> Pool:
    """Read a project's tasks, whose text is under `key` of their data; chosen completions count as annotated.

    Raises:
        NothingToTrain: no task is left to annotate.
    """
    chosen = select_project(project, selection)
    taken = {decision.task_id: decision.completion_id for decision in chosen.decisions}
    # Choices that come from the tasks may be text of a document: they are never shown.
    groups = (group.choices for group in config.usable_choices if not group.dynamic)
    pool = Pool(frozenset([*(label.name for label in config.labels), *(name for names in groups for name in names)]))
    known: list[tuple[float, str]] = []
    wanted = Wanted.of(selection)
    for task in project.tasks():
        text = task.data.get(key)
        completion_id = taken.get(task.id)
        reason = _why_not(task, text, completion_id, wanted)
        if not reason:
            pool.candidates.append((task.id, str(text)))
            continue
        pool.skipped[reason] += 1
        if reason == ANNOTATED:
            labels = _labels(completion for completion in task.completions if completion.id == completion_id)
            pool.annotated.update(label for label in labels if label in pool.labels)
            if isinstance(text, str):
                known.append((draw(task.id, "known"), text))
    pool.known = [text for _drawn, text in sorted(known)[:MOST_KNOWN]]
    if not pool.candidates:
        why = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in pool.skipped.items())
        raise NothingToTrain("no task is left to annotate", where=str(project.path), hint=why or "it has no task")
    return pool


def _why_not(task: Task, text: object, completion_id: object, wanted: Wanted) -> str:
    """Return why a task is not a candidate for annotation; "" if it is. Reasons that exclude training come first."""
    unwanted = wanted.why_not(task)
    if unwanted is not None:
        return unwanted
    if is_test(task.tags):
        return "test"
    if completion_id is not None:
        return ANNOTATED
    if any(completion.handed_in for completion in task.completions):
        return "submitted_but_not_taken"  # rejected, for example: people must decide what to do with it
    return "" if isinstance(text, str) and text.strip() else "no_text"


def _labels(completions: Iterable[Completion]) -> Iterator[str]:
    """Yield the labels and the choices of completions, with repetitions."""
    for completion in completions:
        yield from (label for region in read_regions(completion.result)[0] for label in region.labels)
        for item in completion.result:
            value: Json = item.get("value")
            names = value.get("choices") if isinstance(value, dict) else None
            yield from (str(name) for name in names) if isinstance(names, list) else ()

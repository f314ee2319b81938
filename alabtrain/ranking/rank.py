"""Order the tasks of a project that nobody has annotated, by what annotating them would teach."""

from __future__ import annotations

import csv
import io
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alabtrain.engine.annotators import TEXT
from alabtrain.engine.progress import watched
from alabtrain.engine.shared import SharedFolder, shared_folder
from alabtrain.errors import InputError, NothingToTrain
from alabtrain.events import Progress, Sink, ignore
from alabtrain.findings import Finding
from alabtrain.jobs import SelectionOptions
from alabtrain.languages.detect import settle_language
from alabtrain.predicting.gold import TEST
from alabtrain.predicting.loading import LoadedModel, load_models
from alabtrain.predicting.named import models_of_run, named_models, text_of
from alabtrain.predicting.preannotate import CHUNK, PARTITION, PLACE
from alabtrain.project import Project
from alabtrain.ranking.measuring import Measured, measure, measured
from alabtrain.ranking.ordering import Candidate, Ranked, rank_candidates
from alabtrain.reading.parsing import regions
from alabtrain.records import Completion
from alabtrain.runs.durable import write_aside
from alabtrain.runs.runinfo import RunInfo
from alabtrain.select import select_project
from alabtrain.spark import SparkOptions, open_session
from alabtrain.store.place import open_store
from alabtrain.trainers.background import explained

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

MOST_DIVERSE = 2_000  # tasks that are ranked beside each other; those behind them by their own worth alone
MOST_KNOWN = 1_000  # annotated tasks that new ones are compared with
COLUMNS = ("rank", "task_id", "value", "uncertainty", "less_uncertain", "rare_label", "nearness", "reason")


@dataclass(slots=True)
class Ranking:
    """The tasks in the order in which to annotate them, why others were `skipped`, and the models that said so."""

    models: list[dict[str, Any]]
    ranked: list[Ranked] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    annotated: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield an entry a task, with its `rank` from 1."""
        for number, ranked in enumerate(self.ranked, 1):
            yield {"rank": number, **ranked.to_dict()}

    def to_dict(self) -> dict[str, Any]:
        """Return the object that `alabtrain rank --json` prints."""
        return {
            "models": self.models,
            "tasks": list(self.rows()),
            "skipped": self.skipped,
            "annotated": self.annotated,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def rank(
    *,
    project: Project,
    run: RunInfo | None = None,
    store: str | None = None,
    spark: SparkOptions,
    selection: SelectionOptions,
    lang: str | None = None,
    hub: bool = True,
    sink: Sink = ignore,
) -> Ranking:
    """Order the tasks that have no submitted completion and are not tagged `Test`.

    The models are those that the labeling config names, or those of a `run`. `selection` says which completions count
    as annotated; other arguments are as for `preannotate`. Raises `InputError` where there is no model,
    `NothingToTrain` where no task is left, `SetupError` where a model or the engine is missing.
    """
    if project.config is None:
        raise InputError("the project has no labeling config", where=str(project.path), hint="name it with --config")
    named = models_of_run(run, project.config) if run else named_models(project.config)
    pool = _read(project, text_of(project.config, named).key, selection)
    code, told = (lang, []) if lang else settle_language(text for _task_id, text in pool.candidates)
    with (
        tempfile.TemporaryDirectory(prefix="alabtrain-", ignore_cleanup_errors=True) as scratch,
        open_session(spark) as session,
        shared_folder(session, Path(scratch)) as shared,
    ):
        sink(Progress("loading models", 0, len(named), "models"))
        models = load_models(named, open_store(store), lang=code, hub=hub)
        with explained():
            rows = list(_measured(session, shared, pool, models, sink))
    sink(Progress("ranking", 0, len(pool.candidates), "tasks"))
    done = Ranking([{"name": m.named.shown, "type": m.named.type, "from": m.came_from} for m in models])
    done.ranked, done.skipped, done.annotated = _ranked(pool, rows), dict(pool.skipped), dict(pool.annotated)
    done.findings = told
    return done


def write_ranking(ranking: Ranking, output: Path) -> None:
    """Write the tasks in their order as CSV, whole or not at all. Raises `SetupError`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(ranking.rows())
    write_aside(output, text.getvalue().encode("utf-8", "backslashreplace"))


@dataclass(slots=True)
class _Pool:
    """The tasks that could be annotated, texts of annotated ones, and what is annotated, by label."""

    candidates: list[tuple[int | str, str]] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    annotated: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)


def _read(project: Project, key: str, selection: SelectionOptions) -> _Pool:
    chosen = select_project(project, **asdict(selection))
    taken = {decision.task_id: decision.completion_id for decision in chosen.decisions}
    pool = _Pool()
    for task in project.tasks():
        text = task.data.get(key)
        if not isinstance(text, str) or not text.strip():
            pool.skipped["no_text"] += 1
        elif any(completion.submitted and not completion.cancelled for completion in task.completions):
            pool.skipped["has_completion"] += 1
            pool.annotated.update(_labels(c for c in task.completions if c.id == taken.get(task.id)))
            if len(pool.known) < MOST_KNOWN:
                pool.known.append(text)
        elif TEST.casefold() in (tag.casefold() for tag in task.tags):
            pool.skipped["test"] += 1
        else:
            pool.candidates.append((task.id, text))
    if not pool.candidates:
        why = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in pool.skipped.items())
        raise NothingToTrain("no task is left to annotate", where=str(project.path), hint=why or "it has no task")
    return pool


def _labels(completions: Iterable[Completion]) -> Iterator[str]:
    """Yield the labels and the choices of completions, as often as they were given."""
    for completion in completions:
        yield from (label for region in regions(completion) for label in region.labels)
        for item in completion.result:
            value: Any = item.get("value")
            names = value.get("choices") if isinstance(value, dict) else None
            yield from (str(name) for name in names) if isinstance(names, list) else ()


def _measured(
    session: SparkSession, shared: SharedFolder, pool: _Pool, models: Sequence[LoadedModel], sink: Sink
) -> Iterator[Measured]:
    texts = _hand_over(session, shared, [*(text for _task_id, text in pool.candidates), *pool.known])
    count = len(pool.candidates) + len(pool.known)
    place = shared.path("measured")
    name = "looking at texts"
    with watched(session, lambda done, total: sink(Progress(name, done * count // total, count, "texts"))):
        measure(texts, models, PLACE).write.parquet(place)
    return measured(session.read.parquet(place), len(models), PLACE)


def _hand_over(session: SparkSession, shared: SharedFolder, texts: Sequence[str]) -> DataFrame:
    from pyspark.sql import functions as f

    rows = iter(enumerate(texts))
    while chunk := list(islice(rows, CHUNK)):
        frame = session.createDataFrame(chunk, f"{PLACE} long, {TEXT} string")
        frame.coalesce(1).write.mode("append").parquet(shared.path("texts"))
    partitions = max(2 * session.sparkContext.defaultParallelism, -(-len(texts) // PARTITION))
    mixed = session.read.parquet(shared.path("texts")).repartition(partitions)
    return mixed.sortWithinPartitions(f.length(TEXT))


def _ranked(pool: _Pool, rows: Sequence[Measured]) -> list[Ranked]:
    import numpy as np

    by_place = {row.place: row for row in rows}
    candidates = [
        Candidate(task_id, by_place[number].uncertainty, by_place[number].labels)
        for number, (task_id, _text) in enumerate(pool.candidates)
    ]
    count = len(candidates)
    vectors = np.stack([by_place[number].vector for number in range(count)])
    known = np.array([by_place[count + n].vector for n in range(len(pool.known))]).reshape(-1, vectors.shape[1])
    # All vectors of texts point the same way: only what is left without it tells them apart.
    middle = np.concatenate([vectors, known]).mean(axis=0)
    return rank_candidates(candidates, vectors - middle, pool.annotated, known - middle, most=MOST_DIVERSE)

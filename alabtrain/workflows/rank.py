"""Order the tasks of a project that nobody has annotated, by what annotating them would teach."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alabtrain.core.errors import InputError
from alabtrain.core.events import Progress, Sink, ignore
from alabtrain.core.files import write_aside
from alabtrain.core.findings import Finding
from alabtrain.core.languages.detect import settle_language
from alabtrain.core.modeltypes import ASSERTION
from alabtrain.documents.unannotated import Pool, read_pool
from alabtrain.prediction.frames import TEXT_INDEX, hand_over, spread
from alabtrain.prediction.load import LoadedModel, load_models
from alabtrain.prediction.named_models import models_of_run, named_models, text_of
from alabtrain.prediction.uncertainty import Measured, measure, measured
from alabtrain.project.project import Project
from alabtrain.runs.record import RunInfo
from alabtrain.scoring.ranking import Candidate, Ranked, rank_candidates
from alabtrain.selection.options import SelectionOptions
from alabtrain.spark.background import explained
from alabtrain.spark.progress import watched
from alabtrain.spark.session import SparkOptions
from alabtrain.spark.shared import SharedFolder, working_session
from alabtrain.store.store import open_store

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MOST_DIVERSE = 2_000  # tasks that are ranked beside each other; those behind them by their own worth alone
COLUMNS = (
    "rank", "task_id", "value", "uncertainty", "less_uncertain", "found", "less_found", "rare_label", "nearness",
    "reason",
)  # fmt: skip


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
    named = models_of_run(run, project.config, run.name) if run else named_models(project.config)
    if {model.type for model in named} == {ASSERTION}:
        raise InputError("an assertion model says nothing of a text without an NER model", where=named[0].shown)
    pool = read_pool(project, project.config, text_of(project.config, named).key, selection)
    code, told = (lang, []) if lang else settle_language(text for _task_id, text in pool.candidates)
    with working_session(spark) as (session, shared, _scratch):
        sink(Progress("loading models", 0, len(named), "models"))
        models = load_models(named, open_store(store), lang=code, hub=hub)
        with explained():
            rows = list(_measured(session, shared, pool, models, sink))
    sink(Progress("ranking", 0, len(pool.candidates), "tasks"))
    done = Ranking([{"name": m.named.shown, "type": m.named.type, "from": m.came_from} for m in models])
    done.ranked, done.skipped, done.annotated = _ranked(pool, rows), dict(pool.skipped), dict(pool.annotated)
    done.findings = [*told, *_sureness(rows)]
    return done


def write_ranking(ranking: Ranking, output: Path) -> None:
    """Write the tasks in their order as CSV, whole or not at all. Raises `SetupError`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(ranking.rows())
    write_aside(output, text.getvalue().encode("utf-8", "backslashreplace"))


def _sureness(rows: Sequence[Measured]) -> list[Finding]:
    """Return a warning where the models do not tell how sure they are."""
    if any(row.uncertainty > 0 for row in rows):
        return []
    message = "the models do not tell how sure they are: the order is by labels and diversity alone"
    return [Finding("no_confidence", "warning", message, hint="train them with alabtrain, or with includeConfidence")]


def _measured(
    session: SparkSession, shared: SharedFolder, pool: Pool, models: Sequence[LoadedModel], sink: Sink
) -> Iterator[Measured]:
    texts, count = hand_over(shared, [*(text for _task_id, text in pool.candidates), *pool.known])
    place = shared.path("measured")
    name = "looking at texts"
    with watched(session, lambda done, total: sink(Progress(name, done * count // total, count, "texts"))):
        measure(spread(session, texts, count), models, TEXT_INDEX).write.parquet(place)
    return measured(session.read.parquet(place), len(models), TEXT_INDEX, pool.labels)


def _ranked(pool: Pool, rows: Sequence[Measured]) -> list[Ranked]:
    import numpy as np

    by_place = {row.index: row for row in rows}
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

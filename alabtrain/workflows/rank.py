"""Rank the unannotated tasks of a project by how much a model would learn from their annotation."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from alabtrain.core.errors import InputError
from alabtrain.core.events import Progress, Sink, Step, ending
from alabtrain.core.files import write_aside
from alabtrain.core.findings import Finding
from alabtrain.core.languages.detect import settle_language
from alabtrain.documents.unannotated import Pool, read_pool
from alabtrain.prediction.frames import TEXT_INDEX, hand_over, spread
from alabtrain.prediction.load import LoadedModel, load_models
from alabtrain.prediction.named_models import ModelSource, models_of_run, named_models, text_of
from alabtrain.prediction.uncertainty import Measured, measure, measured
from alabtrain.project.project import Project, as_project, require_config
from alabtrain.runs.record import read_run
from alabtrain.scoring.ranking import Candidate, Ranked, RankedJson, rank_candidates
from alabtrain.selection.chosen import refuse_input
from alabtrain.spark.background import explained
from alabtrain.spark.progress import watched
from alabtrain.spark.shared import SharedFolder, working_session
from alabtrain.store.store import open_store
from alabtrain.workflows.configs import RankConfig
from alabtrain.workflows.workspace import Workspace

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MOST_DIVERSE = 2_000  # number of tasks that are ranked by diversity too; the others by their own value only
COLUMNS = (
    "rank", "task_id", "value", "uncertainty", "less_uncertain", "found", "less_found", "rare_label", "nearness",
    "reason",
)  # fmt: skip


class RowJson(RankedJson):
    """A ranked task, with its rank from 1."""

    rank: int


class RankJson(TypedDict):
    """The object that `alabtrain rank --json` prints."""

    models: list[ModelSource]
    tasks: list[RowJson]
    skipped: dict[str, int]
    annotated: dict[str, int]
    findings: list[Finding]


@dataclass(slots=True)
class Ranking:
    """The tasks in the order in which to annotate them, the number `skipped` by reason, and the models."""

    models: list[ModelSource]
    ranked: list[Ranked] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    annotated: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def rows(self) -> Iterator[RowJson]:
        """Yield one entry per task, with its `rank` from 1."""
        for number, ranked in enumerate(self.ranked, 1):
            yield {"rank": number, **ranked.to_dict()}

    def to_dict(self) -> RankJson:
        """Return the object that `alabtrain rank --json` prints."""
        return {
            "models": self.models,
            "tasks": list(self.rows()),
            "skipped": self.skipped,
            "annotated": self.annotated,
            "findings": self.findings,
        }


def rank(
    project: Project | Path | str, config: RankConfig = RankConfig(), workspace: Workspace = Workspace()
) -> Ranking:
    """Rank the tasks that have no submitted completion and are not tagged `Test`.

    The models are those that the labeling config names, or those of `config.run`. `config.selection` determines which
    completions count as annotated. With `config.output`, all tasks are written to that file as CSV.

    Raises:
        InputError: there is no model, or only an assertion model.
        NothingToTrain: no task is left.
        UsageError: the output is a file of the project.
        SetupError: a model or the engine is missing.
    """
    with ending(workspace.events):
        opened = as_project(project)
        if config.output is not None:
            refuse_input(opened, config.output, inside_too=False)
        ranking = _rank(opened, config, workspace)
        if config.output is not None:
            write_ranking(ranking, config.output)
        return ranking


def _rank(project: Project, config: RankConfig, workspace: Workspace) -> Ranking:
    run = read_run(config.run) if config.run else None
    labeling, lang, sink = require_config(project), config.models.lang, workspace.events
    named = models_of_run(run, labeling, run.name) if run else named_models(labeling)
    if all(model.model_type.reads_chunks for model in named):
        raise InputError("an assertion model cannot rank texts without an NER model", where=named[0].shown)
    sink(Step("reading the project"))
    pool = read_pool(project, labeling, text_of(labeling, named).key, config.selection)
    code, language_findings = (lang, []) if lang else settle_language(text for _task_id, text in pool.candidates)
    with working_session(workspace.spark, sink) as (session, shared, _scratch):
        sink(Step("loading models", len(named), "models"))
        models = load_models(named, open_store(workspace.store), lang=code, hub=config.models.hub)
        with explained():
            rows = list(_measured(session, shared, pool, models, sink))
    sink(Step("ranking", len(pool.candidates), "tasks"))
    done = Ranking([{"name": m.named.shown, "type": m.named.type, "from": m.came_from} for m in models])
    done.ranked, done.skipped, done.annotated = _ranked(pool, rows), dict(pool.skipped), dict(pool.annotated)
    done.findings = [*language_findings, *_sureness(rows)]
    return done


def write_ranking(ranking: Ranking, output: Path) -> None:
    """Write the ranked tasks as CSV, completely or not at all. Raises `SetupError`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(ranking.rows())
    write_aside(output, text.getvalue().encode("utf-8", "backslashreplace"))


def _sureness(rows: Sequence[Measured]) -> list[Finding]:
    """Return a warning if the models have no confidence scores."""
    if any(row.uncertainty > 0 for row in rows):
        return []
    message = "the models have no confidence scores, so the tasks are ranked by labels and diversity only"
    return [Finding("no_confidence", "warning", message, hint="train them with alabtrain, or with includeConfidence")]


def _measured(
    session: SparkSession, shared: SharedFolder, pool: Pool, models: Sequence[LoadedModel], sink: Sink
) -> Iterator[Measured]:
    texts, count = hand_over(shared, [*(text for _task_id, text in pool.candidates), *pool.known])
    target = shared.path("measured")
    with watched(session, lambda share: sink(Progress("predicting", round(share * count), count, "texts"))):
        measure(spread(session, texts, count), models, TEXT_INDEX).write.parquet(target)
    return measured(session.read.parquet(target), len(models), TEXT_INDEX, pool.labels)


def _ranked(pool: Pool, rows: Sequence[Measured]) -> list[Ranked]:
    import numpy as np

    by_number = {row.index: row for row in rows}
    candidates = [
        Candidate(task_id, by_number[number].uncertainty, by_number[number].labels)
        for number, (task_id, _text) in enumerate(pool.candidates)
    ]
    count = len(candidates)
    vectors = np.stack([by_number[number].vector for number in range(count)])
    known = np.array([by_number[count + n].vector for n in range(len(pool.known))]).reshape(-1, vectors.shape[1])
    # All vectors of texts have a large common part: only the difference from the mean distinguishes them.
    middle = np.concatenate([vectors, known]).mean(axis=0)
    return rank_candidates(candidates, vectors - middle, pool.annotated, known - middle, most=MOST_DIVERSE)

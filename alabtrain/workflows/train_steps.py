"""The steps of a training, from the selection to the scores; the run records the results of each step.

Trainers implement a model type, `runs` the run folder; this module implements the order of the steps.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from alabtrain.core.errors import InputError, NothingToTrain
from alabtrain.core.events import Begin, Sink, Step
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Account, Funnel
from alabtrain.core.options import Options
from alabtrain.documents.document import Documents
from alabtrain.embeddings.options import EmbeddingOptions
from alabtrain.labeling.patch import TrainedModel
from alabtrain.pages.results import ScoredPage
from alabtrain.runs.record import BOXES, METRICS, MODELS, NOT_TRAINED, PIPELINE
from alabtrain.runs.recorder import record_accounts, record_selection
from alabtrain.runs.run import Run
from alabtrain.runs.shapes import ModelRecord, NotTrained
from alabtrain.scoring.results import Metrics
from alabtrain.selection.select import Selection
from alabtrain.spark.background import explain, explained
from alabtrain.spark.options import SparkOptions
from alabtrain.spark.shared import SharedFolder, working_session
from alabtrain.store.filling import ready_to_store
from alabtrain.store.store import open_store
from alabtrain.trainers.base import Examples, FittedModel, Job, Mistake, Trainer, TrainingSet
from alabtrain.trainers.corpus import Corpus, settle
from alabtrain.trainers.jobs import read_selected
from alabtrain.trainers.registry import model_type
from alabtrain.workflows.deploy import deploy
from alabtrain.workflows.parameters import learning_parameters
from alabtrain.workflows.train_config import TrainConfig

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import SparkSession

MODEL = "model"


class TrainJson(TypedDict):
    """The object that `alabtrain train --json` prints."""

    run: str
    state: str
    models: list[ModelRecord]
    metrics: dict[str, Metrics]
    not_trained: list[NotTrained]
    findings: list[Finding]


@dataclass(slots=True)
class TrainResult:
    """The result of a training: the run folder, the models, the content of `metrics.json`, and the accounts.

    `not_trained` are the requested types that could not be trained.
    """

    run: Path
    state: str
    models: list[ModelRecord]
    metrics: dict[str, Metrics]
    selection: Selection
    funnel: Funnel
    findings: list[Finding]
    mistakes: list[Mistake] = field(default_factory=list)
    pages: list[ScoredPage] = field(default_factory=list)
    config_diff: str = ""
    not_trained: list[NotTrained] = field(default_factory=list)

    def to_dict(self) -> TrainJson:
        """Return the object that `alabtrain train --json` prints."""
        return {
            "run": str(self.run),
            "state": self.state,
            "models": self.models,
            "metrics": self.metrics,
            "not_trained": self.not_trained,
            "findings": self.findings,
        }


@dataclass(slots=True)
class _Kept:
    """A trainer that can still train, with the last of its values (`trainers.base`)."""

    trainer: Trainer
    training_set: TrainingSet
    examples: Examples | None = None
    model: FittedModel | None = None

    @property
    def parameters(self) -> Options:
        """The options as they are known so far."""
        return (self.model or self.examples or self.training_set).parameters


class Training:
    """A training in progress: the results so far, and the types that can still be trained."""

    def __init__(
        self,
        run: Run,
        job: Job,
        trainers: Sequence[Trainer],
        config: TrainConfig,
        embeddings: EmbeddingOptions,
        sink: Sink,
    ) -> None:
        self.run, self.config, self.embeddings, self.sink = run, config, embeddings, sink
        self.job = replace(job, sink=sink)
        self.trainers = tuple(trainers)
        self.mixed = len(trainers) > 1
        self.kept: list[_Kept] = []
        self.parameters: dict[str, Options] = {trainer.type: trainer.parameters for trainer in trainers}
        self.not_trained: list[NotTrained] = []
        self.accounts = [Account(job.selection.funnel, job.selection.findings)]

    def go(self, spark: SparkOptions, store: str | None) -> TrainResult:
        """Run all steps, and write the results of each into the run."""
        with_deploy = self.config.deploy
        record_selection(self.run, self.job.selection)
        self.run.state("selected")
        documents = self._read()
        # Errors of the deployment are found before the model is trained.
        if with_deploy:
            self._deploy(dry_run=True)
        with working_session(spark, self.sink) as (session, shared, scratch):
            if with_deploy:
                self._require_store(store)
            with explained():
                corpus = self._prepare(session, documents, scratch, shared)
            if with_deploy:
                self._deploy(dry_run=True)
            funnel = record_accounts(self.run, self.accounts)
            self.run.state("prepared")
            self._train(corpus, shared)
            metrics, mistakes, pages = self._score()
        self.run.state("evaluated")
        result = self._result(funnel, metrics, mistakes, pages)
        if with_deploy:
            result.config_diff = self._deploy(dry_run=False)
            self.run.state("deployed")
        return result

    def _deploy(self, *, dry_run: bool) -> str:
        """Write the labeling config with the models that are trained; return the diff."""
        models = [self._deployed(kept) for kept in self.kept]
        out = None if dry_run else self.run.path("config.xml")
        return deploy(self.job.project, models, out=out, in_place=False, dry_run=dry_run).diff

    def _require_store(self, store: str | None) -> None:
        names = [self._deployed(kept).name for kept in self.kept]
        findings = ready_to_store(open_store(store), names, self.job.project.path.name)
        self.accounts.append(Account(findings=findings))

    def _read(self) -> Documents:
        documents = read_selected(self.job, self.trainers)
        self.accounts.append(Account(documents.funnel, documents.findings))
        self.options, findings = settle(self.embeddings, (document.text for document in documents.documents))
        self.accounts.append(Account(findings=findings))

        def read(trainer: Trainer) -> _Kept:
            return _Kept(trainer, trainer.read(documents, self.job))

        self.kept = self._able([partial(read, trainer) for trainer in self.trainers], self.trainers)
        self.accounts.append(Account(findings=[f for kept in self.kept for f in kept.training_set.findings]))
        self._settle({"validation": self.job.split.validation, **asdict(self.options)})
        return documents

    def _prepare(self, session: SparkSession, documents: Documents, scratch: Path, shared: SharedFolder) -> Corpus:
        used = [d for d in documents.documents if any(kept.training_set.uses(d) for kept in self.kept)]
        corpus = Corpus(
            session, used, self.options, seed=self.job.split.seed, scratch=scratch, shared=shared, sink=self.sink
        )
        self.sink(Step("aligning annotations", len(used), "documents"))

        def align(kept: _Kept) -> _Kept:
            kept.examples = kept.training_set.align(corpus, self.sink)
            return kept

        self.kept = self._able([partial(align, kept) for kept in self.kept], [kept.trainer for kept in self.kept])
        self.accounts += [kept.examples.account for kept in self.kept if kept.examples is not None]
        self.accounts.append(corpus.embed(self.sink))
        return corpus

    def _train(self, corpus: Corpus, shared: SharedFolder) -> None:
        """Fit the models one after another, and save each, and all of them as one pipeline."""
        models = []
        for kept in self.kept:
            assert kept.examples is not None  # noqa: S101 - they were aligned before
            self.sink(Begin(kept.trainer.type))
            kept.model = kept.examples.fit(self.sink)
            models.append(kept.model)
            self.sink(Step(f"saving {kept.trainer.type}"))
            self._save(self._folder(kept.trainer), [*corpus.stages, *kept.model.stages], shared)
        if self.mixed:
            self.sink(Step("saving the pipeline"))
            self._save(PIPELINE, [*corpus.stages, *(stage for model in models for stage in model.stages)], shared)
        self.run.state("trained")

    def _score(self) -> tuple[dict[str, Metrics], list[Mistake], list[ScoredPage]]:
        metrics: dict[str, Metrics] = {}
        mistakes: list[Mistake] = []
        pages: list[ScoredPage] = []
        with explained():
            for kept in self.kept:
                assert kept.model is not None  # noqa: S101 - it was fitted before
                scores = kept.model.score(self.sink)
                metrics[kept.trainer.type] = scores.metrics
                mistakes += scores.mistakes
                pages += scores.pages
                self.accounts.append(Account(findings=scores.findings))
        self.run.write_json(METRICS, metrics)
        for page in pages:
            self.run.append_jsonl(BOXES, page.to_dict())
        return metrics, mistakes, pages

    def _result(
        self, funnel: Funnel, metrics: dict[str, Metrics], mistakes: list[Mistake], pages: list[ScoredPage]
    ) -> TrainResult:
        models = []
        for kept in self.kept:
            model: ModelRecord = {
                "type": kept.trainer.type,
                "name": self._deployed(kept).name,
                "path": self._folder(kept.trainer),
                "labels": list(kept.training_set.labels),
            }
            if kept.training_set.choices:
                model["choices"] = kept.training_set.choices
            models.append(model)
        self.run.write_json(MODELS, models)
        self._settle({})
        if self.not_trained:
            self.run.write_json(NOT_TRAINED, self.not_trained)
        record_accounts(self.run, self.accounts)
        findings = [finding for account in self.accounts for finding in account.findings]
        return TrainResult(
            self.run.final_path, "evaluated", models, metrics, self.job.selection, funnel, findings, mistakes, pages,
            not_trained=self.not_trained,
        )  # fmt: skip

    def _settle(self, settled: dict[str, object]) -> None:
        """Record parameters that the user left open, as far as they are known."""
        self.parameters.update({kept.trainer.type: kept.parameters for kept in self.kept})
        self.run.settle({**settled, **learning_parameters(self.parameters)})

    def _able(self, steps: Sequence[Callable[[], _Kept]], trainers: Sequence[Trainer]) -> list[_Kept]:
        """Run a step for every trainer; return those that have something to train on.

        Raises their error if no trainer is left, or in strict mode.
        """
        able: list[_Kept] = []
        for step, trainer in zip(steps, trainers, strict=True):
            try:
                able.append(step())
            except (NothingToTrain, InputError) as problem:
                last = not able and trainer is trainers[-1]
                if last or self.job.strict:
                    raise
                self.not_trained.append(_not_trained(trainer.type, problem))
                self.run.log(f"not trained: {trainer.type} [{problem.code}]")
        return able

    def _deployed(self, kept: _Kept) -> TrainedModel:
        of, choices = model_type(kept.trainer.type), kept.training_set.choices
        name = self.config.model_name or of.default_name(self.job.project.name, self.config.origin, choices)
        return of.deployed(name, kept.training_set.labels, choices)

    def _folder(self, trainer: Trainer) -> str:
        return f"{trainer.type}/{MODEL}" if self.mixed else MODEL

    def _save(self, name: str, stages: Sequence[Transformer], shared: SharedFolder) -> None:
        from pyspark.ml import PipelineModel

        target = self.run.path(name)
        target.parent.mkdir(exist_ok=True)
        try:
            PipelineModel(list(stages)).save(shared.path(name))
            shared.fetch(name, target)
        except Exception as problem:
            shutil.rmtree(target, ignore_errors=True)
            raise explain(problem) from None


def _not_trained(model_type: str, problem: InputError | NothingToTrain) -> NotTrained:
    return {"type": model_type, "code": problem.code, "message": problem.message, "hint": problem.hint}

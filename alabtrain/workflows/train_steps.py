"""The steps of a training, from the selection to the scores; the run records the results of each step.

Trainers implement a model type, `runs` the run folder; this module implements the order of the steps.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from alabtrain.core.errors import InputError, NothingToTrain
from alabtrain.core.events import Begin, Sink, Step
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Account, Funnel
from alabtrain.documents.document import Documents
from alabtrain.embeddings.options import EmbeddingOptions
from alabtrain.labeling.patch import TrainedModel
from alabtrain.pages.results import ScoredPage
from alabtrain.runs.record import BOXES, METRICS, MODELS, NOT_TRAINED, PIPELINE, ModelRecord, NotTrained
from alabtrain.runs.recorder import record_accounts, record_selection
from alabtrain.runs.run import Run
from alabtrain.scoring.results import Metrics
from alabtrain.selection.select import Selection
from alabtrain.spark.background import explain, explained
from alabtrain.spark.options import SparkOptions
from alabtrain.spark.shared import SharedFolder, working_session
from alabtrain.store.filling import ready_to_store
from alabtrain.store.store import open_store
from alabtrain.trainers.base import Job, Mistake, Trainer
from alabtrain.trainers.corpus import Corpus, settle
from alabtrain.trainers.jobs import read_selected
from alabtrain.workflows.deploy import deploy
from alabtrain.workflows.parameters import trainer_parameters
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


class Training:
    """A training in progress: the results so far, and the trainers that can still train."""

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
        self.trainers = list(trainers)
        self.asked = tuple(trainers)
        self.mixed = len(trainers) > 1
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
            metrics, mistakes, pages = self._train(corpus, shared)
        self.run.state("evaluated")
        result = self._result(funnel, metrics, mistakes, pages)
        if with_deploy:
            result.config_diff = self._deploy(dry_run=False)
            self.run.state("deployed")
        return result

    def _deploy(self, *, dry_run: bool) -> str:
        """Write the labeling config with the models of the remaining trainers; return the diff."""
        models = [self._model(trainer) for trainer in self.trainers]
        out = None if dry_run else self.run.path("config.xml")
        return deploy(self.job.project, models, out=out, in_place=False, dry_run=dry_run).diff

    def _require_store(self, store: str | None) -> None:
        names = [self._model(trainer).name for trainer in self.trainers]
        findings = ready_to_store(open_store(store), names, self.job.project.path.name)
        self.accounts.append(Account(findings=findings))

    def _read(self) -> Documents:
        documents = read_selected(self.job, self.trainers)
        self.accounts.append(Account(documents.funnel, documents.findings))
        self.options, findings = settle(self.embeddings, (document.text for document in documents.documents))
        self.accounts.append(Account(findings=findings))
        found: list[Finding] = []
        self._keep_able(lambda trainer: found.extend(trainer.read(documents, self.job)))
        self.accounts.append(Account(findings=found))
        settled = {"validation": self.job.split.validation, **asdict(self.options)}
        self.run.settle({**settled, **trainer_parameters(self.asked)})
        return documents

    def _prepare(self, session: SparkSession, documents: Documents, scratch: Path, shared: SharedFolder) -> Corpus:
        used = [d for d in documents.documents if any(trainer.uses(d) for trainer in self.trainers)]
        corpus = Corpus(
            session, used, self.options, seed=self.job.split.seed, scratch=scratch, shared=shared, sink=self.sink
        )
        self.sink(Step("aligning annotations", len(used), "documents"))
        self._keep_able(lambda trainer: self.accounts.append(trainer.prepare(corpus, self.sink)))
        self.accounts.append(corpus.embed(self.sink))
        return corpus

    def _train(
        self, corpus: Corpus, shared: SharedFolder
    ) -> tuple[dict[str, Metrics], list[Mistake], list[ScoredPage]]:
        metrics: dict[str, Metrics] = {}
        mistakes: list[Mistake] = []
        pages: list[ScoredPage] = []
        for trainer in self.trainers:
            self.sink(Begin(trainer.type))
            trainer.fit(corpus, self.sink)
            self.sink(Step(f"saving {trainer.type}"))
            self._save(self._folder(trainer), [*corpus.stages, *trainer.stages()], shared)
        if self.mixed:
            stages = [stage for trainer in self.trainers for stage in trainer.stages()]
            self.sink(Step("saving the pipeline"))
            self._save(PIPELINE, [*corpus.stages, *stages], shared)
        self.run.state("trained")
        with explained():
            for trainer in self.trainers:
                scores = trainer.score(corpus, self.sink)
                metrics[trainer.type] = scores.metrics
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
        for trainer in self.trainers:
            model: ModelRecord = {
                "type": trainer.type,
                "name": self._model(trainer).name,
                "path": self._folder(trainer),
                "labels": list(trainer.labels),
            }
            if trainer.choices:
                model["choices"] = trainer.choices
            models.append(model)
        self.run.write_json(MODELS, models)
        self.run.settle(trainer_parameters(self.asked))
        if self.not_trained:
            self.run.write_json(NOT_TRAINED, self.not_trained)
        record_accounts(self.run, self.accounts)
        findings = [finding for account in self.accounts for finding in account.findings]
        return TrainResult(
            self.run.final_path, "evaluated", models, metrics, self.job.selection, funnel, findings, mistakes, pages,
            not_trained=self.not_trained,
        )  # fmt: skip

    def _keep_able(self, step: Callable[[Trainer], object]) -> None:
        """Run a step for every trainer, and leave out those that have nothing to train on.

        Raises their error if no trainer is left, or in strict mode.
        """
        able: list[Trainer] = []
        for trainer in self.trainers:
            try:
                step(trainer)
                able.append(trainer)
            except (NothingToTrain, InputError) as problem:
                last = not able and trainer is self.trainers[-1]
                if last or self.job.strict:
                    raise
                self.not_trained.append(_not_trained(trainer.type, problem))
                self.run.log(f"not trained: {trainer.type} [{problem.code}]")
        self.trainers = able

    def _model(self, trainer: Trainer) -> TrainedModel:
        name = self.config.model_name or trainer.default_name(self.job.project.name, self.config.origin)
        return TrainedModel(trainer.type, name, (trainer.choices,) if trainer.choices else trainer.labels)

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

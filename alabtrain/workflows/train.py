"""Train models on a project: the work of `alabtrain train` and of every other command that trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from alabtrain.core.errors import SetupError, UsageError
from alabtrain.core.events import Step, ending
from alabtrain.core.options import Options
from alabtrain.core.versions import versions
from alabtrain.embeddings.options import EmbeddingOptions
from alabtrain.embeddings.registry import parse_choice
from alabtrain.pages.results import draw_results
from alabtrain.project.project import Project, as_project
from alabtrain.reports.html import write_pages
from alabtrain.runs.record import PICTURES
from alabtrain.runs.recorder import recorded
from alabtrain.runs.run import Run, create_run
from alabtrain.spark.session import free_space
from alabtrain.store.base_models import find_base
from alabtrain.store.entries import plain_name
from alabtrain.store.filling import store_run
from alabtrain.store.store import is_remote, open_store, reached
from alabtrain.trainers.base import Trainer
from alabtrain.trainers.factory import make_trainers
from alabtrain.trainers.jobs import make_job
from alabtrain.trainers.nerdl.base_model import BaseModel
from alabtrain.trainers.registry import model_type
from alabtrain.workflows.parameters import training_parameters
from alabtrain.workflows.train_config import TrainConfig
from alabtrain.workflows.train_steps import Training, TrainResult
from alabtrain.workflows.workspace import Workspace

NEEDED_SPACE = 2 * 2**30  # bytes: vectors, the model and its copy aside


def train(
    project: Project | Path | str,
    config: TrainConfig = TrainConfig(),
    workspace: Workspace = Workspace(),
    *,
    provenance: Mapping[str, str] | None = None,
) -> TrainResult:
    """Train models on a project and leave one run folder in the workspace.

    Of several model types, those without examples are left out and reported; with `config.strict` that is an error.
    With `config.show_text`, the report shows the sentences with the most errors; otherwise the run contains no text of
    documents. `provenance` has the source of each option's value by option name, for the record. Raises the errors of
    reading, selecting and training; the run folder then records the failure and keeps its log.
    """
    with ending(workspace.events):
        opened = as_project(project)
        base = _base_model(config, workspace)
        trainers = make_trainers(
            opened.config, config.types, _learning(config), choices=config.choices, asked=config.asked,
            script=config.script, edition=config.edition, base=base,
        )  # fmt: skip
        return _train(opened, trainers, config, workspace, provenance, base.embeddings if base else None)


def train_with(
    trainers: Sequence[Trainer], project: Project, config: TrainConfig, workspace: Workspace = Workspace()
) -> TrainResult:
    """Train with the given trainers, for experiments; the types and the learning options of `config` are ignored."""
    with ending(workspace.events):
        return _train(project, trainers, config, workspace, None, None)


def _train(
    project: Project,
    trainers: Sequence[Trainer],
    config: TrainConfig,
    workspace: Workspace,
    provenance: Mapping[str, str] | None,
    of_base: str | None,
) -> TrainResult:
    """Train as `train`; `of_base` is the embeddings choice of the base model."""
    _require_sense(config, trainers)
    workspace.events(Step("reading the project"))
    beside_test = max(trainer.beside_test for trainer in trainers)
    job = make_job(
        project, selection=config.selection, split=config.split, strict=config.strict, beside_test=beside_test
    )
    files = [file for trainer in trainers for file in trainer.files]
    with create_run(
        workspace.runs,
        [trainer.type for trainer in trainers],
        parameters=training_parameters(project, config, workspace, trainers, provenance),
        inputs={**project.inputs(), **{str(file.path): file.sha256 for file in files}},
        seed=config.split.seed,
        versions=versions(),
    ) as run:
        _require_space(run.path(""))
        for file in files:
            run.write_bytes(file.copy, file.content)
        sink = recorded(run, workspace.events, mixed=len(trainers) > 1)
        training = Training(run, job, trainers, config, _embeddings(config, of_base), sink)
        result = training.go(workspace.spark, workspace.store)
        sink(Step("writing the report"))
        pictures = _draw(run, project, result) if config.show_text else []
        write_pages(run, mistakes=result.mistakes if config.show_text else (), pictures=pictures)
        run.finish()
    result.run, result.state = run.final_path, "done"
    if config.deploy:
        # After the run has its model card: the models stay in the run, even if the store fails.
        workspace.events(Step("storing the models"))
        with reached(workspace.store, workspace.spark) as store:
            store_run(result.run, store)
    result.models = [{**model, "path": str(run.final_path / model["path"])} for model in result.models]
    return result


def _require_sense(config: TrainConfig, trainers: Sequence[Trainer]) -> None:
    """Raise `UsageError` for options that are wrong for any project, before there is a run folder."""
    if config.embeddings.embeddings is not None:
        parse_choice(config.embeddings.embeddings)
    if config.model_name is not None:
        _require_name(config.model_name, trainers)


def _base_model(config: TrainConfig, workspace: Workspace) -> BaseModel | None:
    """Return the model to continue, if there is one. Raises `UsageError` if its embeddings are not the chosen ones."""
    if config.base_model is None:
        return None
    # A remote store needs a session, which does not exist yet.
    store = None if is_remote(workspace.store or "") else open_store(workspace.store)
    base = find_base(config.base_model, workspace.runs, store, new_labels=config.new_labels)
    if config.embeddings.embeddings is not None:
        base.require_embeddings(config.embeddings.embeddings)
    return base


def _learning(config: TrainConfig) -> Mapping[str, Options]:
    """Return the learning options of each type; the language of OCR is that of the texts."""
    lang = config.embeddings.lang
    if lang is None:
        return config.learning
    return {name: model_type(name).in_language(one, lang) for name, one in config.learning.items()}


def _embeddings(config: TrainConfig, of_base: str | None) -> EmbeddingOptions:
    return replace(config.embeddings, embeddings=config.embeddings.embeddings or of_base)


def _draw(run: Run, project: Project, result: TrainResult) -> list[str]:
    """Draw pictures of the scored pages into the run; return their file names."""
    labels = project.config.rectangle_labels if project.config else ()
    colours = {label.name: label.background for label in labels if label.background}
    names, findings = draw_results(project.source, result.pages, colours, run.path(PICTURES))
    result.findings += findings
    return names


def _require_name(name: str, trainers: Sequence[Trainer]) -> None:
    if len(trainers) > 1:
        types = ", ".join(trainer.type for trainer in trainers)
        raise UsageError(
            f"--model-name names one model, but {len(trainers)} models are trained ({types})",
            hint="leave out --model-name, or choose one model type with --type",
        )
    plain_name(name)


def _require_space(folder: Path) -> None:
    free = free_space(folder)
    if free < NEEDED_SPACE:
        raise SetupError(
            f"only {free / 2**30:.1f} GiB are free on the disk of the run (2 GiB are needed)",
            where=str(folder.parent),
            hint="free some space, or choose a folder on another disk with --runs",
        )

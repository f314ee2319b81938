"""One training from project to run folder: select, read, prepare, fit, score, save, deploy.

The trainers know their type of model, `run` knows the folder; this module knows the order of the work.
"""

from __future__ import annotations

import platform
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from alabtrain import __version__
from alabtrain.accounting import Funnel
from alabtrain.deploy import deploy
from alabtrain.engine.shared import SharedFolder, shared_folder
from alabtrain.errors import NothingToTrain, SetupError, UsageError
from alabtrain.events import Epoch, Line, Progress, Sink, ignore
from alabtrain.examples.documents import Documents
from alabtrain.examples.split import choose_split
from alabtrain.findings import Finding
from alabtrain.labeling.patch import TrainedModel
from alabtrain.project import Project
from alabtrain.report import write_pages
from alabtrain.run import Run, create_run
from alabtrain.select import Policy, Selection, select_project
from alabtrain.selection.decisions import why_nothing
from alabtrain.spark import SparkOptions, free_space, open_session
from alabtrain.trainers.background import explain, explained
from alabtrain.trainers.base import Account, Job, Mistake, Trainer

MODEL = "model"
MODEL_NAME = re.compile(r"\w[\w.-]{0,199}")
SECRET = re.compile(r"secret|password|token|credential|access.?key", re.IGNORECASE)
NEEDED_SPACE = 2 * 2**30  # bytes: vectors, the model and its copy aside


@dataclass(frozen=True, slots=True)
class SelectionOptions:
    """Which completions count; see `alabtrain.select.select`."""

    tags: tuple[str, ...] = ()
    reviewed_only: bool = False
    priority: tuple[str, ...] = ()
    policy: Policy = "priority"
    include_imported: bool = False


@dataclass(frozen=True, slots=True)
class SplitOptions:
    """How tasks are divided: `mode` is auto, tags or random; `validation` the share of the training tasks held back."""

    mode: str = "auto"
    validation: float = 0.1
    seed: int = 42


@dataclass(slots=True)
class TrainResult:
    """What a training gives back: the run's folder, the models, `metrics.json`, and the accounts."""

    run: Path
    state: str
    models: list[dict[str, Any]]
    metrics: dict[str, Any]
    selection: Selection
    funnel: Funnel
    findings: list[Finding]
    mistakes: list[Mistake] = field(default_factory=list)
    config_diff: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the object that `alabtrain train --json` prints."""
        return {
            "run": str(self.run),
            "state": self.state,
            "models": self.models,
            "metrics": self.metrics,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def train(
    *,
    project: Project,
    trainer: Trainer,
    selection: SelectionOptions,
    split: SplitOptions,
    spark: SparkOptions,
    output: Path,
    model_name: str | None = None,
    with_deploy: bool = False,
    strict: bool = False,
    show_text: bool = False,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    sink: Sink = ignore,
) -> TrainResult:
    """Train one model on a project and leave a run folder under `output`.

    With `show_text` the report shows the most wrong sentences; otherwise no text of a document is in the run.
    `parameters` maps a parameter's name to its value and where it came from, for the record. Raises the errors
    of reading, selecting and training; the run folder then says so and keeps its log.
    """
    job = make_job(project, selection=selection, split=split, strict=strict)
    name = model_name or default_model_name(trainer.type, project.name)
    if not MODEL_NAME.fullmatch(name):
        raise UsageError(f"--model-name {name!r}", hint="letters, digits, dots, dashes and underscores, at most 200")
    with create_run(
        output,
        trainer.type,
        parameters=_without_secrets(parameters or {}),
        inputs=project.inputs(),
        seed=split.seed,
        versions=versions(),
    ) as run:
        _require_space(run.path(""))
        result = _run(run, trainer, job, name, spark, with_deploy, _recorded(run, sink))
        write_pages(run, mistakes=result.mistakes if show_text else ())
        run.finish()
    result.run, result.state = run.final_path, "done"
    result.models = [{**model, "path": str(run.final_path / MODEL)} for model in result.models]
    return result


def make_job(project: Project, *, selection: SelectionOptions, split: SplitOptions, strict: bool) -> Job:
    """Select from a project and divide it. Raises `NothingToTrain` when nothing was selected."""
    chosen = _select(project, selection)
    division = choose_split(chosen.decisions, mode=split.mode, validation=split.validation, seed=split.seed)
    return Job(project, project.config, chosen, division, strict)


def read_examples(project: Project, *, selection: SelectionOptions, split: SplitOptions, strict: bool) -> Documents:
    """Return the documents that a NER training with these options would read, with the account from the start."""
    from alabtrain.trainers.ner import documents_of

    job = make_job(project, selection=selection, split=split, strict=strict)
    documents = documents_of(job)
    documents.funnel = job.selection.funnel + documents.funnel
    documents.findings = [*job.selection.findings, *documents.findings]
    return documents


def default_model_name(kind: str, project: str) -> str:
    """Return `<type>_<project>_annotation_manual`, the project's name reduced to letters, digits and underscores."""
    safe = "".join(char if char.isalnum() else "_" for char in project.lower()).strip("_") or "project"
    return f"{kind.replace('visual_ner', 'visualner')}_{safe}_annotation_manual"


def versions() -> dict[str, str]:
    """Return the versions that a result depends on."""
    from importlib.metadata import version

    packages = ("pyspark", "spark-nlp", "numpy")
    return {
        "alabtrain": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def _select(project: Project, options: SelectionOptions) -> Selection:
    chosen = select_project(project, **asdict(options))
    if not any(decision.completion_id is not None for decision in chosen.decisions):
        raise NothingToTrain(
            "no completion was selected from this project",
            where=str(project.path),
            hint=why_nothing(chosen, options.tags) or "`alabtrain select` shows why; are there submitted completions?",
        )
    return chosen


def _run(
    run: Run, trainer: Trainer, job: Job, name: str, spark: SparkOptions, with_deploy: bool, sink: Sink
) -> TrainResult:
    record_selection(run, job.selection)
    run.state("selected")
    read = trainer.read(job)
    model = TrainedModel(type=trainer.type, name=name, labels=trainer.labels)
    if with_deploy:
        # What would refuse the deployment must not wait until the model is trained.
        deploy(job.project, [model], out=None, in_place=False, dry_run=True)
    accounts = [Account(job.selection.funnel, job.selection.findings), read]
    with (
        tempfile.TemporaryDirectory(prefix="alabtrain-", ignore_cleanup_errors=True) as scratch,
        open_session(spark, progress=_jar_meter(sink)) as session,
        shared_folder(session, Path(scratch)) as shared,
    ):
        with explained():
            accounts.append(trainer.prepare(session, Path(scratch), shared, sink))
        funnel = _record_accounts(run, accounts)
        run.state("prepared")
        trainer.fit(sink)
        _save(trainer, shared, run)
        run.state("trained")
        with explained():
            scores = trainer.score(sink)
    metrics = {trainer.type: scores.metrics}
    run.write_json("metrics.json", metrics)
    run.state("evaluated")
    models = [{"type": trainer.type, "name": name, "path": MODEL, "labels": list(trainer.labels)}]
    run.write_json("models.json", models)
    findings = [finding for account in accounts for finding in account.findings]
    result = TrainResult(
        run.final_path, "evaluated", models, metrics, job.selection, funnel, findings, list(scores.mistakes)
    )
    if with_deploy:
        result.config_diff = deploy(
            job.project, [model], out=run.path("config.xml"), in_place=False, dry_run=False
        ).diff
        run.state("deployed")
    return result


def _without_secrets(parameters: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the parameters with the values of secret Spark settings left out: a run folder is made to be shared."""

    def clean(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [clean(item) for item in value]
        key, separator, _ = str(value).partition("=")
        return f"{key}=(left out)" if separator and SECRET.search(key) else value

    return {name: {**entry, "value": clean(entry.get("value"))} for name, entry in parameters.items()}


def record_selection(run: Run, selection: Selection) -> None:
    """Write `selection.jsonl`: a line per task, with what was taken and why the rest was not."""
    for decision in selection.decisions:
        run.append_jsonl("selection.jsonl", decision.to_dict())


def _record_accounts(run: Run, accounts: Sequence[Account]) -> Funnel:
    funnel = Funnel()
    for account in accounts:
        funnel = funnel + account.funnel
    funnel.check()
    run.write_json("funnel.json", funnel.to_dict())
    run.write_json("findings.json", [finding.to_dict() for account in accounts for finding in account.findings])
    return funnel


def _save(trainer: Trainer, shared: SharedFolder, run: Run) -> None:
    target = run.path(MODEL)
    try:
        trainer.pipeline().save(shared.path(MODEL))
        shared.fetch(MODEL, target)
    except Exception as problem:
        shutil.rmtree(target, ignore_errors=True)
        raise explain(problem) from None


def _recorded(run: Run, sink: Sink) -> Sink:
    """Return a sink that writes the run's log and epochs, and then tells the listener."""

    def hear(event: Epoch | Line | Progress) -> None:
        if isinstance(event, Epoch):
            run.append_jsonl("epochs.jsonl", event.to_dict())
        elif isinstance(event, Line):
            run.log(event.text)
        sink(event)

    return hear


def _jar_meter(sink: Sink) -> Any:
    from alabtrain.engine.jars import missing_jars

    total = sum(jar.size for jar in missing_jars())
    done = 0

    def progress(count: int) -> None:
        nonlocal done
        done += count
        sink(Progress("downloading Spark NLP", done, total, "bytes"))

    return progress


def _require_space(folder: Path) -> None:
    free = free_space(folder)
    if free < NEEDED_SPACE:
        raise SetupError(
            f"only {free / 2**30:.1f} GiB are free on the disk of the run (2 GiB are needed)",
            where=str(folder.parent),
            hint="free some space, or name another disk with --output",
        )

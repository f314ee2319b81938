"""What a training is about, before any model: which completions, how they are divided, which documents they make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from alabtrain.core.errors import NothingToTrain
from alabtrain.documents.document import Documents
from alabtrain.documents.options import SplitOptions
from alabtrain.documents.pages import read_page_documents
from alabtrain.documents.split import HELD_BACK, choose_split
from alabtrain.documents.texts import DocumentRequest, read_documents
from alabtrain.project.project import Project
from alabtrain.selection.decisions import why_nothing
from alabtrain.selection.options import SelectionOptions
from alabtrain.selection.select import Selection, select_project
from alabtrain.trainers.base import Job, Trainer


def make_job(
    project: Project,
    *,
    selection: SelectionOptions,
    split: SplitOptions,
    strict: bool,
    beside_test: float = HELD_BACK,
) -> Job:
    """Select from a project and divide it; `beside_test` is what is held back where the split leaves it open.

    Raises `NothingToTrain` when nothing was selected.
    """
    chosen = _select(project, selection)
    division = choose_split(chosen.decisions, split, beside_test=beside_test)
    return Job(project, project.config, chosen, division, strict)


class Counted(NamedTuple):
    """How many tasks train (or choose the epoch), and how many give the scores."""

    training: int
    scored: int


def count_tasks(job: Job) -> Counted:
    """Return how many tasks with a chosen completion a job has."""
    chosen = [decision for decision in job.selection.decisions if decision.completion_id is not None]
    parts = [job.split.part(d.task_id, d.tags) for d in chosen if job.split.keeps(d.task_id, d.tags)]
    return Counted(len(parts) - parts.count("test"), parts.count("test") or parts.count("validation"))


def read_examples(job: Job, trainers: Sequence[Trainer]) -> Documents:
    """Return the documents that the trainers would read, with the account from the start."""
    documents = read_selected(job, trainers)
    documents.funnel = job.selection.funnel + documents.funnel
    documents.findings = [*job.selection.findings, *documents.findings]
    return documents


def read_selected(job: Job, trainers: Sequence[Trainer]) -> Documents:
    """Return the documents of a job, with all that the trainers ask of a completion."""
    config = job.config
    options = DocumentRequest(labels=(), spans=False, strict=job.strict)
    if config is not None:
        options = DocumentRequest(
            text_key=config.text_key,
            text_name=config.text_name if len(config.texts) > 1 else "",
            labels=(),
            spans=False,
            ignored={label.name for label in config.assertion_labels} - {label.name for label in config.ner_labels},
            strict=job.strict,
        )
    for trainer in trainers:
        options = trainer.ask(options, job)
    tasks, decisions = job.project.tasks(), job.selection.decisions
    if options.pages is not None:
        return read_page_documents(tasks, decisions, options=options.pages, split=job.split)
    return read_documents(tasks, decisions, request=options, split=job.split)


def _select(project: Project, options: SelectionOptions) -> Selection:
    chosen = select_project(project, options)
    if not any(decision.completion_id is not None for decision in chosen.decisions):
        raise NothingToTrain(
            "no completion was selected from this project",
            where=str(project.path),
            hint=why_nothing(chosen, options.tags) or "`alabtrain select` shows why; are there submitted completions?",
        )
    return chosen

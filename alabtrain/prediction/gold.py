"""The gold annotations of the test set: texts with spans, statuses and classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from alabtrain.core.errors import NothingToTrain
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Funnel, Stage
from alabtrain.core.modeltypes import ASSERTION, CLASSIFICATION
from alabtrain.documents.document import Document, Documents
from alabtrain.documents.pages import read_page_documents
from alabtrain.documents.split import Split, is_test
from alabtrain.documents.texts import DocumentRequest, read_documents
from alabtrain.labeling.config import Choices, LabelingConfig
from alabtrain.pages.options import PageOptions
from alabtrain.prediction.named_models import NamedModel, text_of
from alabtrain.project.project import Project
from alabtrain.project.records import Identifier
from alabtrain.selection.options import SelectionOptions
from alabtrain.selection.select import Selection, select_project

TEST, CHOICES = "Test", "choices"
TESTING = Split(by_tags=True, validation=0.0, seed=0)


@dataclass(slots=True)
class Gold:
    """The documents of the test set, in the same order for all models; `classes` by group name and task id."""

    documents: Sequence[Document]
    selection: Selection
    classes: dict[str, dict[Identifier, tuple[str, ...]]] = field(default_factory=dict)
    funnel: Funnel = field(default_factory=Funnel)
    findings: list[Finding] = field(default_factory=list)


def read_gold(
    project: Project,
    config: LabelingConfig,
    named: Sequence[NamedModel],
    selection: SelectionOptions,
    pages: PageOptions | None = None,
) -> Gold:
    """Read the chosen completions of the tasks tagged `Test`.

    The tags of `selection` filter the test set. With `pages`, they are read as pages.

    Raises:
        NothingToTrain: no such task has a text, or a page with words.
    """
    everything = select_project(project, selection)
    # A new selection, because the cached counts of this one would stay.
    testing = [decision for decision in everything.decisions if is_test(decision.tags)]
    chosen = replace(everything, decisions=testing)
    others = len(everything.decisions) - len(testing)
    funnel = Funnel((Stage("evaluation", "tasks", len(everything.decisions), {"not_test": others} if others else {}),))
    funnel = funnel + chosen.funnel
    if pages is not None:
        of_pages = read_page_documents(project.tasks(), chosen.decisions, options=pages, split=TESTING)
        _require_some(of_pages.documents, project)
        return Gold(of_pages.documents, chosen, {}, funnel + of_pages.funnel, [*chosen.findings, *of_pages.findings])
    about = text_of(config, named)
    ner = {label.name for label in config.ner_labels}
    options = DocumentRequest(
        text_key=about.key,
        text_name=about.name if len(config.texts) > 1 else "",
        labels=ner,
        ignored={label.name for label in config.assertion_labels} - ner,
        statuses={label.name for model in named if model.type == ASSERTION for label in model.labels} or None,
    )
    read = _read(project, chosen, options)
    _require_some(read.documents, project)
    gold = Gold(read.documents, chosen, {}, funnel + read.funnel, [*chosen.findings, *read.findings])
    for group in _groups(named):
        own = replace(
            options, groups=(group,), only_group=len(config.choices) == 1, labels=(), statuses=None, spans=False
        )
        of_group = _read(project, chosen, own)
        gold.classes[group.name] = {d.task_id: d.choices for d in of_group.documents if d.choices is not None}
        stages = (stage for stage in of_group.funnel if stage.unit == CHOICES)
        gold.funnel = gold.funnel + Funnel(tuple(replace(s, unit=f"{CHOICES} of {group.name}") for s in stages))
        gold.findings += [finding for finding in of_group.findings if finding not in gold.findings]
    return gold


def _require_some(documents: Sequence[Document], project: Project) -> None:
    if not documents:
        raise NothingToTrain(
            f"no task tagged {TEST} has a completion that counts",
            where=str(project.path),
            hint="tag some submitted or reviewed tasks (in the tool, or with --task-tags FILE)",
        )


def _read(project: Project, chosen: Selection, options: DocumentRequest) -> Documents:
    return read_documents(project.tasks(), chosen.decisions, request=options, split=TESTING)


def _groups(named: Sequence[NamedModel]) -> list[Choices]:
    groups = [group for model in named if model.type == CLASSIFICATION for group in model.choices]
    return list({group.name: group for group in groups}.values())

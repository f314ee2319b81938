"""Write the examples of a training (documents, sentences, tokens and tags) for other tools."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from alabtrain.core.errors import UsageError
from alabtrain.core.events import Sink, Step, ending, ignore
from alabtrain.core.files import cannot_write, write_aside
from alabtrain.core.findings import Finding
from alabtrain.core.funnel import Funnel, FunnelJson
from alabtrain.core.languages.detect import settle_language
from alabtrain.documents.split import PARTS
from alabtrain.project.project import Project, as_project
from alabtrain.spark.options import SparkOptions
from alabtrain.spark.session import open_session
from alabtrain.trainers.jobs import make_job, read_examples
from alabtrain.trainers.model_type import Setup
from alabtrain.trainers.registry import model_types
from alabtrain.trainers.tokens import tag_documents, tokenize
from alabtrain.workflows.configs import ExportConfig
from alabtrain.workflows.formats import FORMATS, find_encoder
from alabtrain.workflows.workspace import Workspace

if TYPE_CHECKING:
    from alabtrain.documents.document import Documents


class ExportJson(TypedDict):
    """The object that `alabtrain export --json` prints."""

    files: list[str]
    documents: int
    funnel: FunnelJson
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Exported:
    """The files that were written, one per part of the split, and the losses before."""

    files: tuple[Path, ...]
    documents: int
    funnel: Funnel
    findings: tuple[Finding, ...]

    def to_dict(self) -> ExportJson:
        """Return the object that `alabtrain export --json` prints."""
        return {
            "files": [str(path) for path in self.files],
            "documents": self.documents,
            "funnel": self.funnel.to_dict(),
            "findings": self.findings,
        }


def export(
    project: Project | Path | str, config: ExportConfig = ExportConfig(), workspace: Workspace = Workspace()
) -> Exported:
    """Write the examples that an NER training with the same options would have.

    Raises the errors of reading and selecting, `NothingToTrain` if there are no examples, and what `write_documents`
    raises.
    """
    with ending(workspace.events):
        workspace.events(Step("reading the project"))
        opened = as_project(project)
        job = make_job(opened, selection=config.selection, split=config.split, strict=config.strict)
        entities = next(one for one in model_types() if one.gives_chunks)
        documents = read_examples(job, [entities.trainer(Setup(config=opened.config, options=entities.options()))])
        return write_documents(
            documents, config.format, config.output, spark=workspace.spark, lang=config.language.lang,
            sink=workspace.events,
        )  # fmt: skip


def write_documents(
    documents: Documents,
    name: str,
    output: Path,
    *,
    spark: SparkOptions,
    lang: str | None = None,
    sink: Sink = ignore,
) -> Exported:
    """Write `train.<name>`, `validation.<name>` and `test.<name>` (those that have documents) into `output`.

    `name` is one of `FORMATS`. One of these files from an earlier export is removed if this export does not write it.
    `lang` is the language of the texts (None: it is detected).

    Raises:
        UsageError: there is no such format.
        SetupError: a library or Spark is missing, or the files cannot be written.
    """
    if name not in FORMATS:
        raise UsageError(f"there is no format {name!r}", hint=f"the formats are {', '.join(FORMATS)}")
    encode = find_encoder(name)
    code, language_findings = (lang, []) if lang else settle_language(document.text for document in documents.documents)
    with open_session(spark, sink) as session:
        sink(Step("tokenizing", len(documents.documents), "documents"))
        tokenized = tokenize(session, documents.documents, code)
    tagged = tag_documents(tokenized.documents, tokenized.sentences)
    files: list[Path] = []
    sink(Step("writing files"))
    try:
        output.mkdir(parents=True, exist_ok=True)
        for part in PARTS:
            chosen = [pair for pair in tagged.by_document() if pair[0].part == part]
            if chosen:
                files.append(output / f"{part}.{name}")
                write_aside(files[-1], encode(chosen))
            else:
                (output / f"{part}.{name}").unlink(missing_ok=True)
    except OSError as problem:
        raise cannot_write(output, problem) from None
    funnel = documents.funnel + tagged.funnel
    return Exported(
        tuple(files), len(tagged.documents), funnel, (*documents.findings, *language_findings, *tagged.findings)
    )

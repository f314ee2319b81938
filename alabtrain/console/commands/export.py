"""`alabtrain export`: write what would be trained, for other tools."""

from __future__ import annotations

from typing import Annotated

from alabtrain.console.arguments import JsonOption, ProjectArgument, as_command
from alabtrain.console.given import open_given
from alabtrain.console.options import Without
from alabtrain.console.settings import find_project
from alabtrain.project.options import ProjectOptions
from alabtrain.workflows.configs import ExportConfig
from alabtrain.workflows.workspace import Workspace


@as_command
def command(
    project: ProjectArgument = None,
    as_json: JsonOption = False,
    *,
    files: ProjectOptions,
    config: ExportConfig,
    workspace: Annotated[Workspace, Without("runs", "store")],
) -> None:
    """Write what would be trained, as CoNLL, JSONL or spaCy files.

    These are the documents, sentences, tokens and tags of PROJECT that `alabtrain train` with the same options would
    train, validate and test on. In CoNLL files, blanks inside labels and tokens become `_`.
    """
    from alabtrain.console import render, terminal
    from alabtrain.workflows.export import export

    done = export(open_given(find_project(project), files), config, workspace)
    if as_json:
        terminal.print_json(done.to_dict())
        return
    render.funnel(done.funnel)
    terminal.print_findings([f for f in done.findings if f.severity != "info"])
    for path in done.files:
        terminal.say(str(path))

"""`alabtrain export`: write what would be trained, for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from alabtrain.console.given import open_given
from alabtrain.console.options import (
    FILE,
    json_option,
    lang_option,
    option,
    project_options,
    selection_options,
    spark_options,
    split_options,
    workspace_from,
)
from alabtrain.console.settings import find_project
from alabtrain.workflows.formats import FORMATS


@click.command(name="export", short_help="Write what would be trained, as CoNLL, JSONL or spaCy files.")
@project_options
@option("--format", type=click.Choice(FORMATS), default="conll", help="Of the files.")
@option("-o", "--output", type=FILE, default=Path("exported"), envvar=None,
        help="Folder for train, validation and test files.")  # fmt: skip
@lang_option
@split_options
@selection_options
@spark_options
@json_option
@click.pass_context
def command(ctx: click.Context, /, *, project: Path | None, as_json: bool, **others: Any) -> None:
    """Write what would be trained on PROJECT, as CoNLL, JSONL or spaCy files.

    These are the documents, sentences, tokens and tags that `alabtrain train` with the same options would
    train, validate and test on. In CoNLL files, blanks inside labels and tokens become `_`.
    """
    from alabtrain.console import progress as live
    from alabtrain.console import render, terminal
    from alabtrain.core.options import build
    from alabtrain.workflows.configs import ExportConfig
    from alabtrain.workflows.export import export

    opened = open_given(find_project(project), ctx.params)
    with live.listener() as sink:
        done = export(opened, build(ExportConfig, others), workspace_from({**others, "output": None}, sink))
    if as_json:
        terminal.print_json(done.to_dict())
        return
    render.funnel(done.funnel)
    terminal.print_findings([f for f in done.findings if f.severity != "info"])
    for path in done.files:
        terminal.say(str(path))

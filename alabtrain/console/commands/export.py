"""`alabtrain export`: write what would be trained, for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from alabtrain.console.options import (
    FILE,
    json_option,
    lang_option,
    option,
    project_options,
    selection_options,
    spark_options,
    split_options,
)
from alabtrain.console.settings import find_project


@click.command(name="export", short_help="Write what would be trained, as CoNLL, JSONL or spaCy files.")
@project_options
@option("--format", "kind", type=click.Choice(["conll", "jsonl", "spacy"]), default="conll", help="Of the files.")
@option("-o", "--output", type=FILE, default=Path("exported"), envvar=None,
        help="Folder for train, validation and test files.")  # fmt: skip
@lang_option
@split_options
@selection_options
@spark_options
@json_option
def command(*, project: Path | None, config: Path | None, reviews: Path | None, task_tags: Path | None,
            kind: str, output: Path, lang: str | None, as_json: bool, **others: Any) -> None:  # fmt: skip
    """Write what would be trained on PROJECT, as CoNLL, JSONL or spaCy files.

    These are the documents, sentences, tokens and tags that `alabtrain train` with the same options would
    train, validate and test on. In CoNLL files, blanks inside labels and tokens become `_`.
    """
    from alabtrain.console import render, terminal
    from alabtrain.console.options import selection_from, spark_from, split_from
    from alabtrain.project.project import open_project
    from alabtrain.trainers.jobs import make_job, read_examples
    from alabtrain.trainers.ner.options import NerOptions
    from alabtrain.trainers.ner.trainer import NerTrainer
    from alabtrain.workflows.export import export

    opened = open_project(find_project(project), config=config, reviews=reviews, task_tags=task_tags)
    job = make_job(opened, selection=selection_from(others), split=split_from(others), strict=others["strict"])
    documents = read_examples(job, [NerTrainer(NerOptions())])
    done = export(documents, kind=kind, output=output, spark=spark_from(others), lang=lang)
    if as_json:
        terminal.print_json(done.to_dict())
        return
    render.funnel(done.funnel)
    terminal.print_findings([f for f in done.findings if f.severity != "info"])
    for path in done.files:
        terminal.say(str(path))

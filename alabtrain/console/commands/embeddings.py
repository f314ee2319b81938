"""`alabtrain embeddings`: what can stand behind --embeddings."""

from __future__ import annotations

from typing import Annotated

import typer

from alabtrain.console.arguments import JsonOption, as_command

InstallOption = Annotated[
    list[str],
    typer.Option("--install", metavar="NAME", show_default=False, help="Download and convert this encoder now."),
]


@as_command
def command(names: InstallOption = [], as_json: JsonOption = False) -> None:  # noqa: B006 - read only
    """List the embeddings that can be trained on.

    What each of them needs is listed with it. Several are stacked with +, as in --embeddings minilm+word2vec.
    """
    from dataclasses import asdict

    from alabtrain.console import terminal
    from alabtrain.core.languages.registry import languages
    from alabtrain.embeddings.catalogue import catalogue, install_by_name

    for name in names:
        terminal.note(f"{name}: {install_by_name(name)}")
    entries = catalogue()
    if as_json:
        known = {code: asdict(language) for code, language in languages().items()}
        terminal.print_json({"embeddings": [entry.to_dict() for entry in entries], "languages": known})
        return
    rows = [(e.name, ", ".join(e.languages), e.dimension, e.needs, e.licence, e.title) for e in entries]
    terminal.print_table("--embeddings", ("name", "languages", "dimension", "needs", "licence", "what it is"), rows)
    told = [
        (code, known.title, known.embeddings, ", ".join(known.hub_embeddings), ", ".join(known.hub_pipelines))
        for code, known in languages().items()
    ]
    columns = ("--lang", "language", "--embeddings by default", "hub: pretrained:NAME", "hub: pipelines, for a config")
    terminal.print_table("Languages", columns, told)

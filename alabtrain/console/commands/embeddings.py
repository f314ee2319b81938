"""`alabtrain embeddings`: the values of --embeddings."""

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

    The list shows what each of them needs. Several are stacked with +, as in --embeddings minilm+word2vec.
    """
    from alabtrain.console import terminal
    from alabtrain.core.languages.registry import languages
    from alabtrain.embeddings.catalogue import CatalogueJson, catalogue, install_by_name

    for name in names:
        terminal.note(f"{name}: {install_by_name(name)}")
    entries = catalogue()
    if as_json:
        answer: CatalogueJson = {"embeddings": entries, "languages": languages()}
        terminal.print_json(answer)
        return
    rows = [(e.name, ", ".join(e.languages), e.dimension, e.needs, e.licence, e.title) for e in entries]
    terminal.print_table("--embeddings", ("name", "languages", "dimension", "needs", "licence", "what it is"), rows)
    language_rows = [
        (code, known.title, known.embeddings, ", ".join(known.hub_embeddings), ", ".join(known.hub_pipelines))
        for code, known in languages().items()
    ]
    columns = ("--lang", "language", "--embeddings by default", "hub: pretrained:NAME", "hub: pipelines, for a config")
    terminal.print_table("Languages", columns, language_rows)

"""`alabtrain models`: list, show, import, remove and package the models of the store."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.main import get_command

from alabtrain.console.arguments import CONTEXT, JsonOption, new_app
from alabtrain.console.help import PanelCommand
from alabtrain.console.options import Without, expanded
from alabtrain.console.settings import FLAG, source_of
from alabtrain.core.errors import UsageError
from alabtrain.workflows.workspace import Workspace

if TYPE_CHECKING:
    from alabtrain.store.entries import ModelsJson, PackagedJson, RemovedJson, StoredModel
    from alabtrain.store.store import Store

StoreWorkspace = Annotated[Workspace, Without("runs")]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", rich_help_panel="Models", help="The name of the model.")]
PathArgument = Annotated[
    Path, typer.Argument(metavar="PATH", path_type=Path, rich_help_panel="Models", help="The model, or a run.")
]
NameOption = Annotated[
    str | None,
    typer.Option(
        "--name", metavar="NAME", rich_help_panel="Models",
        show_default="as in its record, or its file's name",
        help="Its name in the store.",
    ),
]  # fmt: skip
LangOption = Annotated[
    str | None, typer.Option("--lang", metavar="CODE", rich_help_panel="Models", help="Its language code.")
]
FolderOption = Annotated[
    Path,
    typer.Option(
        "-o", "--output", path_type=Path, metavar="FOLDER", rich_help_panel="Output", help="Folder for the zip."
    ),
]

app = new_app(name="models", invoke_without_command=True)


@app.callback()
@expanded
def _models(ctx: typer.Context, as_json: JsonOption = False, *, workspace: StoreWorkspace) -> None:
    """List, show, import, remove or package stored models.

    Without a further command, they are listed.

    `alabtrain train --deploy` puts its models there, and projects use them by name.
    """
    if ctx.invoked_subcommand is not None:
        given = any(source_of(ctx, name) == FLAG for name in ctx.params)
        if given:
            further = ctx.invoked_subcommand
            raise UsageError(f"options follow the subcommand: alabtrain models {further} … --models DIR")
        return
    from alabtrain.console import terminal

    with _store(workspace) as store:
        entries = store.entries()
        where = store.where
    if as_json:
        answer: ModelsJson = {"store": where, "models": entries}
        terminal.print_json(answer)
        return
    if not entries:
        terminal.note(f"no models in {where}")
        return
    columns = ("name", "type", "labels", "lang", "embeddings", "source", "trained (UTC)", "project", "F1")
    terminal.print_table(f"Models in {where}", columns, [_row(entry) for entry in entries])


@app.command(name="show", cls=PanelCommand, context_settings=CONTEXT)
@expanded
def show(name: NameArgument, as_json: JsonOption = False, *, workspace: StoreWorkspace) -> None:
    """Show the record of the model NAME."""
    from alabtrain.console import terminal
    from alabtrain.store.entries import LocatedModel

    with _store(workspace) as store:
        located = LocatedModel(**asdict(_known(store, name)), location=store.location(name))
    if as_json:
        terminal.print_json(located)
        return
    for key, value in asdict(located).items():
        if value not in (None, (), {}):
            shown = [f"{k} {v}" for k, v in value.items()] if isinstance(value, dict) else value
            terminal.say(f"{key:<12}{', '.join(map(str, shown)) if isinstance(shown, (list, tuple)) else shown}")


@app.command(name="import", cls=PanelCommand, context_settings=CONTEXT)
@expanded
def import_(
    path: PathArgument,
    name: NameOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
    *,
    workspace: StoreWorkspace,
) -> None:
    """Import a model at PATH into the store: a zip (as of the models hub) or folder of Spark NLP, or a run.

    It is loaded once as a check; a model of the same name is replaced. Import only models that you trust: Spark reads
    them with your rights.
    """
    from alabtrain.console import terminal
    from alabtrain.spark.session import open_session
    from alabtrain.store.importing import import_model
    from alabtrain.store.store import open_store

    with open_session(workspace.spark):
        store = open_store(workspace.store)
        entries = import_model(path, store, name=name, lang=lang)
    if as_json:
        answer: ModelsJson = {"store": store.where, "models": entries}
        terminal.print_json(answer)
        return
    for entry in entries:
        terminal.note(f"{entry.name} ({entry.type}: {', '.join(entry.labels)}) is in {store.where}")


@app.command(name="remove", cls=PanelCommand, context_settings=CONTEXT)
@expanded
def remove(name: NameArgument, as_json: JsonOption = False, *, workspace: StoreWorkspace) -> None:
    """Remove the model NAME from the store. Projects that name it cannot be pre-annotated with it any more."""
    from alabtrain.console import terminal

    with _store(workspace) as store:
        store.remove(name)
    if as_json:
        answer: RemovedJson = {"removed": name}
        terminal.print_json(answer)
    else:
        terminal.note(f"removed {name}")


@app.command(name="package", cls=PanelCommand, context_settings=CONTEXT)
@expanded
def package(
    name: NameArgument, output: FolderOption = Path(), as_json: JsonOption = False, *, workspace: StoreWorkspace
) -> None:
    """Write the model NAME as a zip: the pipeline at its root, with its record and model card.

    The file is named like those of the vendor's models hub.
    """
    from tempfile import TemporaryDirectory

    from alabtrain.console import terminal
    from alabtrain.store.archives import package_name, write_package

    if not output.is_dir():
        raise UsageError("no such folder", where=str(output))
    with _store(workspace) as store, TemporaryDirectory(prefix="alabtrain-") as scratch:
        entry = _known(store, name)
        store.fetch(name, Path(scratch) / "model")
        target = output / package_name(entry)
        write_package(entry, Path(scratch) / "model", store.card(name), target)
    if as_json:
        answer: PackagedJson = {"model": entry.name, "file": str(target)}
        terminal.print_json(answer)
    else:
        terminal.say(str(target))


def _store(workspace: Workspace) -> AbstractContextManager[Store]:
    from alabtrain.store.store import reached

    return reached(workspace.store, workspace.spark)


def _known(store: Store, name: str) -> StoredModel:
    entry = store.find(name)
    if entry is None:
        raise UsageError(f"the store has no model {name!r}", where=store.where, hint="`alabtrain models` lists them")
    return entry


def _row(entry: StoredModel) -> tuple[object, ...]:
    labels = ", ".join(entry.labels[:6]) + (", …" if entry.labels[6:] else "")
    trained = (entry.trained or "")[:16].replace("T", " ")
    return (
        entry.name, entry.type, labels, entry.lang or "", entry.embeddings or "", entry.source, trained,
        entry.project or "", entry.f1,
    )  # fmt: skip


command = get_command(app)

"""`alabtrain models`: the model store, what is in it, and what goes in and out."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from alabtrain.console.options import FILE, combine, json_option, option, settings_option, spark_options, store_option
from alabtrain.core.errors import UsageError

if TYPE_CHECKING:
    from alabtrain.store.entries import StoredModel
    from alabtrain.store.store import Store


store_options = combine(settings_option, store_option, spark_options, json_option)


@click.group(name="models", invoke_without_command=True, short_help="List, show, import, remove or package models.")
@store_options
@click.pass_context
def command(ctx: click.Context, /, *, models: str | None, as_json: bool, **spark: Any) -> None:
    """List the models of the store; with a further command show, import, remove or package one.

    `alabtrain train --deploy` puts its models there, and projects use them by name.
    """
    if ctx.invoked_subcommand is not None:
        given = any(ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in ctx.params)
        if given:
            further = ctx.invoked_subcommand
            raise UsageError(f"options stand behind the further command: alabtrain models {further} … --models DIR")
        return
    from alabtrain.console import terminal

    with _store(models, spark) as store:
        entries = store.entries()
        where = store.where
    if as_json:
        terminal.print_json({"store": where, "models": [entry.to_dict() for entry in entries]})
        return
    if not entries:
        terminal.note(f"no models in {where}")
        return
    columns = ("name", "type", "labels", "lang", "embeddings", "source", "trained (UTC)", "project", "F1")
    terminal.print_table(f"Models in {where}", columns, [_row(entry) for entry in entries])


@command.command(name="show", short_help="Show what is known of a model.")
@click.argument("name")
@store_options
def show(*, name: str, models: str | None, as_json: bool, **spark: Any) -> None:
    """Show what the store knows of the model NAME."""
    from alabtrain.console import terminal

    with _store(models, spark) as store:
        entry = _known(store, name)
        location = store.location(name)
    if as_json:
        terminal.print_json({**entry.to_dict(), "location": location})
        return
    for key, value in {**entry.to_dict(), "location": location}.items():
        if value not in (None, (), {}):
            told = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
            terminal.say(f"{key:<12}{', '.join(map(str, told)) if isinstance(told, (list, tuple)) else told}")


@command.command(name="import", short_help="Take a Spark NLP model, or those of a run, into the store.")
@click.argument("path", type=FILE)
@option("--name", envvar=None, help="What it is called in the store.  [default: as in its record, or its file's name]")
@option("--lang", envvar=None, help="Its language code.")
@store_options
def import_(*, path: Path, name: str | None, lang: str | None, models: str | None, as_json: bool, **spark: Any) -> None:
    """Take a model at PATH into the store: a zip (as of the models hub) or folder of Spark NLP, or a run.

    It is loaded once, so that only what works comes in; a model of the same name is replaced. Import only models that
    you trust: Spark reads them with your rights.
    """
    from alabtrain.console import terminal
    from alabtrain.console.options import spark_from
    from alabtrain.spark.session import open_session
    from alabtrain.store.importing import import_model
    from alabtrain.store.store import open_store

    with open_session(spark_from(spark)):
        store = open_store(models)
        entries = import_model(path, store, name=name, lang=lang)
    if as_json:
        terminal.print_json({"store": store.where, "models": [entry.to_dict() for entry in entries]})
        return
    for entry in entries:
        terminal.note(f"{entry.name} ({entry.type}: {', '.join(entry.labels)}) is in {store.where}")


@command.command(name="remove", short_help="Remove a model.")
@click.argument("name")
@store_options
def remove(*, name: str, models: str | None, as_json: bool, **spark: Any) -> None:
    """Remove the model NAME from the store. Projects that name it cannot be pre-annotated with it any more."""
    from alabtrain.console import terminal

    with _store(models, spark) as store:
        store.remove(name)
    if as_json:
        terminal.print_json({"removed": name})
    else:
        terminal.note(f"removed {name}")


@command.command(name="package", short_help="Write a model as a zip in the form of the models hub.")
@click.argument("name")
@option("-o", "--output", type=FILE, default=Path(), envvar=None, help="Folder for the zip.")
@store_options
def package(*, name: str, output: Path, models: str | None, as_json: bool, **spark: Any) -> None:
    """Write the model NAME as a zip: the pipeline at its root, with its record and model card.

    The file is named as those of the vendor's models hub are.
    """
    from tempfile import TemporaryDirectory

    from alabtrain.console import terminal
    from alabtrain.store.archives import package_name, write_package

    if not output.is_dir():
        raise UsageError("no such folder", where=str(output))
    with _store(models, spark) as store, TemporaryDirectory(prefix="alabtrain-") as scratch:
        entry = _known(store, name)
        store.fetch(name, Path(scratch) / "model")
        target = output / package_name(entry)
        write_package(entry, Path(scratch) / "model", store.card(name), target)
    if as_json:
        terminal.print_json({"model": entry.name, "file": str(target)})
    else:
        terminal.say(str(target))


def _store(models: str | None, spark: dict[str, Any]) -> AbstractContextManager[Store]:
    from alabtrain.console.options import spark_from
    from alabtrain.store.store import reached

    return reached(models, spark_from(spark))


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

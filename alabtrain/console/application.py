"""The command line: one entry per command; each lives in `alabtrain/console/commands/` and is imported when needed."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, NamedTuple, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from alabtrain.console.help import WIDEST, Panel, PanelGroup
from alabtrain.core.errors import UsageError
from alabtrain.core.versions import VERSION

if TYPE_CHECKING:
    from typer._click import Command, Context
    from typer._click.shell_completion import CompletionItem

PROGRAM = "alabtrain"


class Entry(NamedTuple):
    """An entry of the list of commands: the panel of the command, and the first sentence of its help."""

    panel: str
    help: str


COMMANDS: Mapping[str, Entry] = {
    "wizard": Entry("Project", "Ask what to train and how, and write alabtrain.yaml."),
    "check": Entry("Project", "Report what a project contains and what is wrong with it."),
    "select": Entry("Project", "Choose one completion per task, and say why."),
    "why": Entry("Project", "Explain every decision on the completions of one task."),
    "show": Entry("Project", "Draw the boxes of a task on its pages."),
    "agreement": Entry("Project", "Measure how far annotators agree, and what their order decides."),
    "train": Entry("Training", "Train models on the chosen completions of a project."),
    "runs": Entry("Training", "List the runs: state, scores and where the models are."),
    "logs": Entry("Training", "Print the log of a training, or zip all logs of a run."),
    "deploy": Entry("Models", "Write the models of a run into the labeling config."),
    "models": Entry("Models", "List, show, import, remove or package stored models."),
    "preannotate": Entry("Models", "Write tasks with the predictions of the config's models."),
    "evaluate": Entry("Models", "Score models on the tasks tagged Test."),
    "rank": Entry("Annotating more", "Order the unannotated tasks by what they would teach."),
    "watch": Entry("Annotating more", "Train again whenever enough new completions were submitted."),
    "curve": Entry("Annotating more", "Estimate whether more annotation would help, by training on parts."),
    "export": Entry("Machine and tools", "Write what would be trained, as CoNLL, JSONL or spaCy files."),
    "embeddings": Entry("Machine and tools", "List the embeddings that can be trained on."),
    "doctor": Entry("Machine and tools", "Report what this machine lacks to train on."),
    "schema": Entry("Machine and tools", "Print the JSON Schema of what a command prints."),
}
"""The commands in the order of the work; `alabtrain --help` lists them without an import of their modules."""


class CommandLoader(PanelGroup):
    """A group that imports a command's module only when the command is named."""

    def list_commands(self, ctx: Context) -> list[str]:
        """Return the commands in the order of the work."""
        return list(COMMANDS)

    def command_panels(self, ctx: Context) -> list[Panel]:
        """Return the commands in panels."""
        titles = dict.fromkeys(entry.panel for entry in COMMANDS.values())
        return [
            Panel(title, [(name, entry.help) for name, entry in COMMANDS.items() if entry.panel == title])
            for title in titles
        ]

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """Return the command. Raises `UsageError`, which suggests a similar one, if there is no such command."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            import difflib

            close = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean `{close[0]}`?" if close else "`alabtrain --help` lists the commands"
            raise UsageError(f"there is no command `{args[0]}`", hint=hint)
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """Import `alabtrain.console.commands.<name>` and return its `command`."""
        if cmd_name not in COMMANDS:
            return None
        command: Command = importlib.import_module(f"alabtrain.console.commands.{cmd_name}").command
        return command

    def shell_complete(self, ctx: Context, incomplete: str) -> list[CompletionItem]:
        """Complete the names of commands without an import of their modules."""
        names: dict[str, Command] = {name: TyperCommand(name, help=entry.help) for name, entry in COMMANDS.items()}
        listed = TyperGroup(name=self.name, commands=names, params=self.params)
        return listed.shell_complete(typer.Context(listed, info_name=ctx.info_name), incomplete)


app = typer.Typer(
    name=PROGRAM,
    cls=CommandLoader,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST + 2},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{PROGRAM}, version {VERSION}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Train Spark NLP models from a project exported from Annotation Lab or Label Studio.

    PROJECT is an export: a zip, a folder, or a tasks JSON with --config. It may be left out if a folder holds one
    export only, or if alabtrain.yaml names it. Options come from the command line, else from the environment
    (ALABTRAIN_SEED=7), else from alabtrain.yaml, else from the defaults.
    """


cli: CommandLoader = cast("CommandLoader", get_command(app))
"""The group of commands of `app`."""

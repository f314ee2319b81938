"""The command line: one entry per command; each lives in `alabtrain/console/commands/` and is imported when needed."""

from __future__ import annotations

import importlib

import click

from alabtrain.core.errors import UsageError
from alabtrain.core.versions import VERSION

# In the order of the work; `alabtrain --help` shows them so.
COMMANDS = (
    "wizard",
    "check",
    "select",
    "why",
    "show",
    "agreement",
    "train",
    "runs",
    "logs",
    "deploy",
    "models",
    "preannotate",
    "evaluate",
    "rank",
    "watch",
    "curve",
    "export",
    "embeddings",
    "doctor",
)


class CommandLoader(click.Group):
    """A group that imports a command's module only when the command is named or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the work."""
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or suggest the nearest one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            close = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean `{close[0]}`?" if close else "`alabtrain --help` lists the commands"
            raise UsageError(f"there is no command `{args[0]}`", hint=hint)
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import `alabtrain.console.commands.<name>` and return its `command`."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"alabtrain.console.commands.{cmd_name}")
        command: click.Command = module.command
        return command


@click.group(cls=CommandLoader, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="alabtrain")
def cli() -> None:
    """Train Spark NLP models from a project exported from Annotation Lab or Label Studio.

    PROJECT is an export: a zip, a folder, or a tasks JSON with --config. It may be left out where a folder
    holds one export only, or alabtrain.yaml names it. Options come from flags, else from the environment
    (ALABTRAIN_SEED=7), else from alabtrain.yaml, else from the defaults.
    """
